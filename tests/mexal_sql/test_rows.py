"""Rows as a replica gives them: padding, days that mean none, signs, letters, what is open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from incasso.contract.errors import ConfigurationError
from incasso.contract.ledger import ClientRecord, DocumentKind, InstallmentRecord, PaymentMethod
from incasso_mexal.cells import CellError
from incasso_mexal.replica.cells import Cells
from incasso_mexal.replica.parties import client_of
from incasso_mexal.replica.queries import Query
from incasso_mexal.replica.rows import InstallmentReader
from incasso_mexal.replica.settings import ReplicaSettings
from incasso_mexal.states import AT_BANK

ON = date(2026, 3, 2)
AT_DUE = datetime.fromisoformat("2026-01-31 00:00:00")
AT_1900 = datetime.fromisoformat("1900-01-01 00:00:00")
ROW = {"key": "501.00001|1", "client": "501.00001 ", "due_date": "20260131", "amount": "100.00"}


def settings(**given: Any) -> ReplicaSettings:
    return ReplicaSettings(
        url="mysql://u@h/abc_rp", clients_sql="SELECT 1", installments_sql="SELECT 1", **given
    )


def query(name: str, row: dict[str, Any]) -> Query:
    positions = {field: at for at, field in enumerate(row)}
    return Query(name, "SELECT 1", positions, {field: field for field in row})


def read(given: dict[str, Any] | None = None, on: date = ON, **row: Any) -> InstallmentRecord:
    """The record of a row that has these fields beside the usual ones."""
    whole = {**ROW, **row}
    reader = InstallmentReader(query("installments_sql", whole), settings(**(given or {})), on)
    values = tuple(whole.values())
    _, fingerprint = reader.named(values)
    return reader.record(values, reader.judged(values), fingerprint)


def client(given: dict[str, Any] | None = None, **row: Any) -> ClientRecord:
    whole = {"code": "501.00001   ", "name": "ROSSI SPA   ", **row}
    return client_of(
        tuple(whole.values()), Cells(query("clients_sql", whole), settings(**(given or {})))
    )


class TestText:
    def test_padding_and_signs_nobody_sees_are_left_out(self) -> None:
        record = read(key="501.00001|1   ", document_number="12/A \x00", agent="601.00007  ")
        assert record.key == "501.00001|1" and record.client == "501.00001"
        assert record.document_number == "12/A" and record.agent == "601.00007"

    def test_codes_kept_as_numbers(self) -> None:
        assert read(document_number=Decimal("123")).document_number == "123"
        assert read(document_number=123.0).document_number == "123"

    @pytest.mark.parametrize("field", ["key", "client"])
    @pytest.mark.parametrize("value", [None, "", "    "])
    def test_what_must_be_there(self, field: str, value: str | None) -> None:
        with pytest.raises(CellError, match=field):
            read({}, ON, **{field: value})


class TestDates:
    @pytest.mark.parametrize(
        "value",
        ["20260131", "2026-01-31", "2026-01-31 00:00:00", date(2026, 1, 31), AT_DUE],
    )
    def test_however_the_column_is_typed(self, value: Any) -> None:
        assert read(due_date=value).due_date == date(2026, 1, 31)

    @pytest.mark.parametrize(
        "value",
        [
            *(None, "", "0", "        ", "1900-01-01", AT_1900, date(1899, 12, 30)),
            *(date(1799, 12, 31), "18991230"),
        ],
    )
    def test_days_that_mean_none(self, value: Any) -> None:
        assert read(reminded_on=value, document_date=value).reminded_on is None
        with pytest.raises(CellError, match="due_date"):
            read(due_date=value)

    def test_a_company_may_have_a_day_of_its_own_for_none(self) -> None:
        own = {"no_dates": ("1950-01-01",)}
        assert read(own, reminded_on=date(1950, 1, 1)).reminded_on is None
        assert read(reminded_on=date(1950, 1, 1)).reminded_on == date(1950, 1, 1)

    def test_an_impossible_day_is_refused(self) -> None:
        with pytest.raises(CellError, match="no date"):
            read(due_date="20260231")


class TestAmounts:
    @pytest.mark.parametrize(
        ("value", "wanted"),
        [
            (Decimal("12.30"), "12.30"),
            (12.300000000000001, "12.30"),
            (-0.1 - 0.2, "-0.30"),
            ("1234.5", "1234.50"),
            (7, "7.00"),
        ],
    )
    def test_exact_whatever_the_column_is(self, value: Any, wanted: str) -> None:
        assert read(amount=value).residual == Decimal(wanted)

    @pytest.mark.parametrize("value", ["12,30", "abc", float("nan"), 12.345, Decimal("1e20"), b"1"])
    def test_what_is_no_amount_is_refused(self, value: Any) -> None:
        with pytest.raises(CellError, match="amount"):
            read(amount=value)

    def test_hundredths_kept_as_whole_numbers(self) -> None:
        cents = {"decimals": {"amount": 2}}
        assert read(cents, amount=12345).amount == Decimal("123.45")
        assert read(cents, amount="12345 ").amount == Decimal("123.45")
        with pytest.raises(CellError, match="whole"):
            read(cents, amount="123.45")

    def test_no_amount_at_all_is_refused(self) -> None:
        with pytest.raises(CellError, match="not there"):
            read(amount=None)


class TestSigns:
    def test_a_credit_note_is_negative_however_it_is_kept(self) -> None:
        for amount in ("50.00", "-50.00"):
            record = read(amount=amount, reason="NC")
            assert record.residual == Decimal("-50.00")
            assert record.document_kind is DocumentKind.CREDIT_NOTE
        assert read(amount="-50.00").document_kind is DocumentKind.CREDIT_NOTE

    def test_where_credit_notes_carry_their_sign_it_is_left_alone(self) -> None:
        left = {"negate_credits": False}
        assert read(left, amount="50.00", reason="NC").residual == Decimal("50.00")

    def test_a_column_of_signs(self) -> None:
        assert read(sign="A", amount="50.00").residual == Decimal("-50.00")
        assert read(sign="d ", amount="50.00").residual == Decimal("50.00")
        assert read(sign="", amount="-50.00").residual == Decimal("-50.00")
        with pytest.raises(CellError, match="no known sign"):
            read(sign="Z")

    def test_every_sign_turned(self) -> None:
        assert read({"invert": True}, amount="-50.00").residual == Decimal("50.00")

    def test_an_advance(self) -> None:
        record = read(amount="-50.00", reason="AC")
        assert record.document_kind is DocumentKind.ADVANCE and record.residual == Decimal("-50.00")

    def test_kinds_of_documents(self) -> None:
        assert read(document_kind="ND").document_kind is DocumentKind.DEBIT_NOTE
        assert (
            read({"document_kinds": {"PA": "other"}}, document_kind="PA ").document_kind == "other"
        )
        with pytest.raises(CellError, match="nobody says what a XX is"):
            read(document_kind="XX")


class TestStanding:
    @pytest.mark.parametrize(
        ("letter", "residual"), [("", "100.00"), (" ", "100.00"), ("P", "0.00"), ("R", "100.00")]
    )
    def test_letters(self, letter: str, residual: str) -> None:
        assert read(status=letter).residual == Decimal(residual)

    def test_the_settings_explain_a_letter(self) -> None:
        assert read({"states": {"R": "paid"}}, status="R").residual == 0

    @pytest.mark.parametrize("letter", ["E", "e"])
    def test_a_bill_at_the_bank_is_not_overdue_until_its_days_are_over(self, letter: str) -> None:
        row: dict[str, Any] = {
            "status": letter,
            "kind": "R",
            "posted_on": "20260110",
            "due_date": "20260220",
        }
        during = read(on=date(2026, 3, 2), **row)
        assert during.residual == Decimal("100.00") and during.presented_on == date(2026, 1, 10)
        assert during.erp_hold == AT_BANK
        after = read(on=date(2026, 3, 3), **row)
        assert after.residual == 0 and after.amount == Decimal("100.00")
        longer = read({"grace_days": {"riba": 20}}, on=date(2026, 3, 3), **row)
        assert longer.residual == Decimal("100.00")

    def test_the_fingerprint_turns_with_the_day_the_bill_is_collected(self) -> None:
        row: dict[str, Any] = {"status": "E", "kind": "R", "due_date": "20260220"}
        prints = [read(on=date(2026, 3, day), **row).fingerprint for day in (1, 2, 3, 4)]
        assert prints[0] == prints[1] != prints[2] == prints[3]

    def test_a_bill_that_came_back(self) -> None:
        told = read(unpaid_on="20260215", kind="R")
        assert told.unpaid_on == date(2026, 2, 15) and told.residual == Decimal("100.00")
        posted = read(reason="in", posted_on="20260216", kind="R")
        assert posted.unpaid_on == date(2026, 2, 16)
        assert read(reason="IN").unpaid_on == date(2026, 1, 31), "not before it was due"
        again = read(reason="IN", status="E", kind="R", due_date="20260331")
        assert again.unpaid_on is None and again.presented_on is not None, "presented once more"

    def test_the_column_residual_is_believed(self) -> None:
        record = read(residual="40.00")
        assert record.amount == Decimal("100.00") and record.residual == Decimal("40.00")
        assert read(residual="0.00").residual == 0

    def test_paid_and_still_open_is_a_contradiction(self) -> None:
        with pytest.raises(CellError, match="open of what is paid"):
            read(status="P", residual="40.00")

    def test_what_mexal_reminded_of(self) -> None:
        assert read(reminded_on="20260210").reminders == 1
        record = read(reminded_on="20260210", recovery_on="20260220", legal_on="20260225")
        assert record.reminders == 2 and record.reminded_on == date(2026, 2, 20)
        assert record.erp_hold == "legal"
        assert read(reminders=4, reminded_on="20260210").reminders == 4

    def test_letters_of_payment(self) -> None:
        assert read(kind="R").payment_method is PaymentMethod.RIBA
        assert read(kind="X").payment_method is PaymentMethod.DIRECT
        assert read({"payment_letters": {"X": "cod"}}, kind="X").payment_method == "cod"
        assert read(payment_method="sdd").payment_method is PaymentMethod.SDD
        with pytest.raises(CellError, match="no payment method"):
            read(payment_method="R")


class TestCurrencies:
    def test_numbers_are_named_by_the_settings(self) -> None:
        named = {"currencies": {"1": "EUR", "3": "CHF"}}
        assert read(named, currency=1).currency == "EUR"
        foreign = read(named, currency="3 ", base_amount="95.00")
        assert foreign.currency == "CHF" and foreign.base_residual == Decimal("95.00")
        assert read(named, currency="3", base_amount="95.00", status="P").base_residual == 0
        with pytest.raises(CellError, match="which currency 4 is"):
            read(named, currency=4)

    def test_without_the_column_it_is_the_companys(self) -> None:
        assert read({"currency": "CHF"}).currency == "CHF"
        assert read(currency="").base_residual is None


class TestClients:
    def test_a_client(self) -> None:
        record = client(
            vat="I01234567897",
            country="it",
            email="Info@Example.it; a@b.it",
            is_person="N",
            blocked=b"",
            credit_limit="5000.00",
            unpaid_count=2.0,
            area="  ",
        )
        assert record.code == "501.00001" and record.name == "ROSSI SPA"
        assert record.vat == "01234567897" and record.country == "IT"
        assert record.email == "info@example.it" and not record.is_person
        assert record.credit_limit == Decimal("5000.00") and record.unpaid_count == 2

    @pytest.mark.parametrize(
        ("vat", "wanted"),
        [
            ("IT 01234567897", "01234567897"),
            ("00000000000", ""),
            ("01234567897", "01234567897"),
            ("", ""),
        ],
    )
    def test_vat_numbers(self, vat: str, wanted: str) -> None:
        assert client(vat=vat).vat == wanted

    def test_no_limit_is_not_a_limit_of_nothing(self) -> None:
        assert client(credit_limit=0).credit_limit is None

    def test_a_client_without_code_is_refused(self) -> None:
        with pytest.raises(CellError, match="code"):
            client(code="   ")


class TestSettings:
    @pytest.mark.parametrize(
        ("given", "told"),
        [
            ({"payment_letters": {"X": "cash"}}, "not one of"),
            ({"states": {"R": "reopened"}}, "not one of"),
            ({"grace_days": {"riba": 999}}, "0 to 365"),
            ({"currency": "euro"}, "three capital letters"),
            ({"document_kinds": {"FT": "fattura"}}, "no kind of document"),
            ({"no_dates": ("01/01/1900",)}, "no day"),
            ({"credit_signs": ("D",)}, "both sides"),
            ({"decimals": {"amount": 9}}, "between"),
            ({"max_rows": 0}, "between"),
            ({"statement_timeout": 0}, "between"),
            ({"documents_sql": "sql/documents.sql"}, "is a file"),
            ({"documents_sql": "DELETE FROM x"}, "no SELECT"),
            ({"documents_sql": "WITH a AS (SELECT 1) SELECT * FROM a"}, "no SELECT"),
        ],
    )
    def test_what_cannot_be_meant(self, given: dict[str, Any], told: str) -> None:
        with pytest.raises(ConfigurationError, match=told):
            settings(**given)

    def test_comments_may_stand_before_a_select(self) -> None:
        settings(documents_sql="-- documents\n/* of this\nyear */ select 1")

    def test_whatever_decides_a_record_is_in_its_fingerprint(self) -> None:
        changed: list[Callable[[], InstallmentRecord]] = [
            lambda: read(),
            lambda: read({"grace_days": {"riba": 9}}),
            lambda: read({"invert": True}),
            lambda: read({"payment_letters": {"X": "cod"}}),
            lambda: read(notes="x"),
        ]
        assert len({make().fingerprint for make in changed}) == len(changed)
        assert read().fingerprint == read(on=ON + timedelta(days=1)).fingerprint
