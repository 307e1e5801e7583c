"""What an instalment becomes: standing, due date, sign, currency, fingerprint."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from incasso.api import DocumentKind, PaymentMethod
from incasso_mexal.cells import CellError
from incasso_mexal.states import AT_BANK, COLLECTED, PaymentState, payment_state
from incasso_mexal.web.postings import Instalment, instalments_of, posting_of
from tests.mexal_parts.parts import ON, instalment, raw_posting, reader

DUE = date(2026, 10, 31)


def record(
    on: date = ON, *, index: int = 1, given: dict[str, Any] | None = None, **fields: Any
) -> Any:
    made = reader(on, **(given or {}))
    found: Instalment = instalment(index, **fields)
    return made.record(found, made.payment_state(found))


@pytest.mark.parametrize(
    ("days", "stands"), [(0, "presented"), (10, "presented"), (11, "collected")]
)
def test_an_issued_bill_is_collected_only_after_its_days_of_grace(days: int, stands: str) -> None:
    on = DUE + timedelta(days=days)
    assert payment_state("E", DUE, PaymentMethod.RIBA, on, {}, {}) == stands
    assert payment_state("e", DUE, PaymentMethod.RIBA, on, {}, {}) == stands


def test_days_of_grace_are_set_by_payment_method() -> None:
    on = DUE + timedelta(days=11)
    assert payment_state("E", DUE, PaymentMethod.SDD, on, {}, {"sdd": 30}) is PaymentState.PRESENTED
    assert (
        payment_state("E", DUE, PaymentMethod.RIBA, on, {}, {"sdd": 30}) is PaymentState.COLLECTED
    )


def test_an_unknown_letter_is_open_and_the_settings_explain_letters() -> None:
    assert payment_state("Q", DUE, PaymentMethod.RIBA, ON, {}, {}) is PaymentState.OPEN
    assert payment_state("Q", DUE, PaymentMethod.RIBA, ON, {"Q": "paid"}, {}) is PaymentState.PAID
    assert payment_state("P", DUE, PaymentMethod.RIBA, ON, {"P": "open"}, {}) is PaymentState.OPEN


def test_a_bill_at_the_bank_keeps_its_residual_and_is_held_after_its_due_date() -> None:
    fields: dict[str, Any] = {
        "stato_pagamento": [[1, "E"]],
        "dt_sca_emissione_eff": [[1, "20261020"]],
        "id_effetto": [[1, "EF1 "]],
    }
    before, late = record(DUE, **fields), record(DUE + timedelta(days=10), **fields)
    after = record(DUE + timedelta(days=11), **fields)
    assert (before.residual, before.presented_on) == (Decimal("100.00"), date(2026, 10, 20))
    assert (before.erp_hold, late.erp_hold, after.erp_hold) == ("", AT_BANK, COLLECTED)
    assert (late.residual, after.residual) == (Decimal("100.00"), Decimal("0.00"))
    assert before.bill_number == "EF1"


def test_a_bill_that_is_open_again_is_no_longer_presented() -> None:
    assert record(dt_sca_emissione_eff=[[1, "20261020"]]).presented_on is None


def test_a_paid_bill_still_tells_that_it_was_one() -> None:
    fields: dict[str, Any] = {
        "stato_pagamento": [[1, "P"]],
        "dt_sca_emissione_eff": [[1, "20261020"]],
    }
    assert record(**fields).presented_on == date(2026, 10, 20)
    assert record(stato_pagamento=[[1, "P"]]).presented_on is None


def test_an_unpaid_posting_is_unpaid_since_its_day_until_it_is_presented_again() -> None:
    assert record(causale="IN").unpaid_on == date(2026, 9, 1)
    assert record(causale="IN", stato_pagamento=[[1, "E"]]).unpaid_on is None
    assert record(causale="XX", given={"unpaid_reasons": ("XX",)}).unpaid_on is not None
    by_letter: dict[str, Any] = {"states": {"U": "unpaid"}}
    assert record(stato_pagamento=[[1, "U"]], given=by_letter).unpaid_on == DUE


LATER = date(2026, 12, 31)


@pytest.mark.parametrize(
    ("chosen", "put_off", "brought_forward", "paid"),
    [
        ("latest", LATER, LATER, DUE),
        ("original", DUE, LATER, DUE),
        ("current", LATER, DUE, LATER),
    ],
)
def test_which_due_date_counts(
    chosen: str, put_off: date, brought_forward: date, paid: date
) -> None:
    """Of a paid position the current date may be the day of the payment."""
    first, later = [[1, f"{DUE:%Y%m%d}"]], [[1, f"{LATER:%Y%m%d}"]]
    given = {"due_date": chosen}
    off: dict[str, Any] = {"dt_sca_pg": later, "dt_sca_origine": first}
    forward: dict[str, Any] = {"dt_sca_pg": first, "dt_sca_origine": later}
    assert record(given=given, **off).due_date == put_off
    assert record(given=given, **forward).due_date == brought_forward
    assert record(given=given, stato_pagamento=[[1, "P"]], **off).due_date == paid


def test_an_instalment_without_date_is_due_with_its_document() -> None:
    assert record(dt_sca_pg=[]).due_date == date(2026, 9, 1)
    with pytest.raises(CellError):
        record(dt_sca_pg=[], data_documento="")


@pytest.mark.parametrize("amount", [100, -100])
def test_a_credit_note_is_negative_whatever_sign_mexal_shows(amount: int) -> None:
    made = record(causale="NC", imp_scadenza=[[1, amount]])
    assert (made.residual, made.document_kind) == (Decimal(-100), DocumentKind.CREDIT_NOTE)


def test_a_negative_amount_without_document_is_an_advance() -> None:
    assert record(imp_scadenza=[[1, -5]]).document_kind is DocumentKind.CREDIT_NOTE
    assert record(imp_scadenza=[[1, -5]], numero=0).document_kind is DocumentKind.ADVANCE
    assert record(imp_scadenza=[[1, -5]], causale="AC").document_kind is DocumentKind.ADVANCE
    assert record(causale="AC").residual == 100, "a positive advance is nobody's to turn round"


def test_a_foreign_amount_keeps_both_values_and_never_guesses_one() -> None:
    made = record(numero_valuta=2, imp_sca_vlt_doc=[[1, 120]])
    assert (made.currency, made.residual, made.base_residual) == ("USD", 120, 100)
    with pytest.raises(CellError) as raised:
        record(numero_valuta=2)
    assert raised.value.problem.field == "imp_sca_vlt_doc"
    with pytest.raises(CellError) as raised:
        record(numero_valuta=9)
    assert 'currencies = { "9"' in raised.value.problem.hint


def test_a_position_without_amount_is_refused() -> None:
    with pytest.raises(CellError):
        record(imp_scadenza=[], dt_sca_pg=[[1, "20261031"]])


def test_the_erps_own_dunning_comes_along() -> None:
    made = record(data_sollecito=[[1, "20261105"]], data_recupero=[[1, "20261115"]])
    assert (made.reminded_on, made.reminders, made.erp_hold) == (date(2026, 11, 15), 2, "")
    assert record(data_legale=[[1, "20261120"]]).erp_hold == "legal"


def test_letters_say_how_it_was_to_be_paid() -> None:
    assert record().payment_method is PaymentMethod.RIBA
    assert record(tipo_scadenza=[[1, "B "]]).payment_method is PaymentMethod.TRANSFER
    assert record(tipo_scadenza=[[1, "?"]]).payment_method is PaymentMethod.OTHER
    mine = {"payment_letters": {"X": "cod"}}
    assert record(tipo_scadenza=[[1, "X"]], given=mine).payment_method is PaymentMethod.COD


def test_the_agent_may_come_as_an_array() -> None:
    assert record(codice_agente="610.00001  ").agent == "610.00001"
    assert record(codice_agente=[[1, "610.00001"], [2, "610.00002"]]).agent == "610.00001"


def test_keys_hold_account_year_day_progressive_and_position() -> None:
    made = record(index=3, dt_sca_pg=[[1, "20261031"], [3, "20261231"]],
                  imp_scadenza=[[1, 50], [3, 50]])  # fmt: skip
    assert made.key == "501.00001|2026|20260901|12|3"
    assert (made.installment_number, made.document) == (3, "FT+1+7+501.00001@2026")


def test_the_fingerprint_follows_what_the_record_follows() -> None:
    def print_of(on: date = ON, given: dict[str, Any] | None = None, **fields: Any) -> bytes:
        fingerprint: bytes = record(on, given=given, **fields).fingerprint
        return fingerprint

    assert print_of() == print_of() and len(print_of()) <= 16
    bill: dict[str, Any] = {"stato_pagamento": [[1, "E"]]}
    different = [
        print_of(),
        print_of(imp_scadenza=[[1, 101]]),
        print_of(nota_rata=[[1, "x"]]),
        print_of(causale="IN"),
        print_of(given={"payment_letters": {"R": "sdd"}}),
        print_of(DUE, **bill),
        print_of(DUE + timedelta(days=1), **bill),
        print_of(DUE + timedelta(days=11), **bill),
    ]
    assert len(set(different)) == len(different)
    assert print_of(ON) == print_of(ON + timedelta(days=1)), "an open item is the same tomorrow"


@pytest.mark.parametrize("field", ["codice", "dt_registr_doc"])
def test_a_posting_without_its_key_is_refused(field: str) -> None:
    with pytest.raises(CellError) as raised:
        posting_of(raw_posting(**{field: ""}))
    assert raised.value.problem.field == field


def test_two_hundred_and_fifty_instalments() -> None:
    dues = [[n, "20261031"] for n in range(1, 251)]
    amounts = [[n, n] for n in range(1, 251)]
    found = list(instalments_of(posting_of(raw_posting(dt_sca_pg=dues, imp_scadenza=amounts))))
    assert [each.index for each in found] == list(range(1, 251))
