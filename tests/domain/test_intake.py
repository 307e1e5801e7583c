"""What is believed of a row: the quick look never lets pass what a rule refuses."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incasso.contract.ledger import ClientRecord, DocumentKind, InstallmentRecord
from incasso.domain.ledger.intake import client_problem, first_problem, installment_problem
from tests.profiles import tries

ON = date(2026, 9, 1)

TEXT = st.sampled_from(["", " ", "C1", "è", "x" * 128, "x" * 129, "n" * 10_001, "\0", "\ud83d"])
DAY = st.sampled_from(
    [date(1979, 12, 31), date(1980, 1, 1), ON, date(2056, 12, 31), date(2057, 1, 1)]
)
AMOUNT = st.sampled_from(
    [Decimal(text) for text in ("0", "0.01", "-5", "10", "10.05", "10.06", "0.001", "999999999",
                                "1E+9", "1E+15", "NaN", "sNaN", "Infinity", "-Infinity")]
)  # fmt: skip


def spoilt(**fields: Any) -> InstallmentRecord:
    usual = {"key": "K1", "client": "C1", "due_date": ON, "residual": Decimal("10")}
    return InstallmentRecord(**{**usual, **fields})


ONE_FIELD = st.one_of(
    *(
        st.tuples(st.just(field), values)
        for field, values in {
            **dict.fromkeys(("key", "client", "document_number", "agent", "notes"), TEXT),
            **dict.fromkeys(("document", "bill_number", "erp_hold"), TEXT),
            **dict.fromkeys(("due_date", "document_date", "unpaid_on", "presented_on"), DAY),
            "reminded_on": DAY,
            **dict.fromkeys(("residual", "amount", "base_residual"), AMOUNT),
            "currency": st.sampled_from(["EUR", "JPY", "KWD", "eur", "XXX", ""]),
            "document_kind": st.sampled_from(DocumentKind),
        }.items()
    )
)


@given(fields=st.lists(ONE_FIELD, max_size=3))
@tries(600)
def test_the_quick_look_says_what_the_rules_say(fields: list[tuple[str, Any]]) -> None:
    record = spoilt(**dict(fields))
    assert installment_problem(record, ON) == first_problem(record, ON)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("key", " ", "empty"),
        ("client", "x" * 129, "too_long"),
        ("notes", "n" * 10_001, "too_long"),
        ("agent", "\0", "text"),
        ("due_date", date(1899, 12, 30), "impossible_date"),
        ("document_date", date(2057, 1, 1), "impossible_date"),
        ("residual", Decimal("10.001"), "fraction"),
        ("residual", Decimal("NaN"), "not_a_number"),
        ("amount", Decimal("1E+15"), "too_large"),
        ("currency", "XXX", "unknown_currency"),
        ("amount", Decimal("9.90"), None),
    ],
)
def test_each_rule_names_its_field(field: str, value: Any, code: str | None) -> None:
    problem = installment_problem(spoilt(**{field: value}), ON)
    assert problem is not None
    if code is not None:
        assert (problem.field, problem.code) == (field, code)
    else:
        assert (problem.field, problem.code) == ("residual", "sum")


@pytest.mark.parametrize("field", ["name", "notes", "city", "rating"])
def test_a_client_s_texts_must_be_texts(field: str) -> None:
    fields: dict[str, Any] = {"code": "C1", "name": "Rossi srl", field: "a\ud83d"}
    problem = client_problem(ClientRecord(**fields))
    assert problem is not None and (problem.field, problem.code) == (field, "text")
    long = ClientRecord(code="C1", name="Rossi srl", notes="a" * 6_000, address="b" * 6_000)
    assert client_problem(long) is None, "two long texts are two texts"


@pytest.mark.parametrize("country", ["Italia", "it", "I", "1T", "ÀÈ", "ITA", " IT"])
def test_a_country_is_two_capital_letters(country: str) -> None:
    found = client_problem(ClientRecord(code="C1", name="Bianchi", country=country))
    assert found is not None and (found.field, found.code) == ("country", "unknown_country")
    for right in ("", "IT", "DE"):
        assert client_problem(ClientRecord(code="C1", name="Bianchi", country=right)) is None
