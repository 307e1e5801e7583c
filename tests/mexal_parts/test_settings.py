"""Settings that cannot be meant are refused by name; years and cursors follow the settings."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from incasso.api import (
    ConfigurationError,
    CursorExpiredError,
    DocumentKind,
    DocumentRef,
    RejectedError,
)
from incasso_mexal.web.cursor import changed_since, cursor
from incasso_mexal.web.doc_keys import key_of, number_of
from tests.mexal_parts.parts import settings


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("base_url", "mexal:9004"),
        ("base_url", "ftp://mexal"),
        ("user", "a:b"),
        ("user", " "),
        ("company", "A B"),
        ("domain", "ROSSI SRL"),
        ("certificate", Path("/x/sha256:zz")),
        ("coordinates", {"invoices": "XYZ"}),
        ("block_orders", {"conto_precanc": "S"}),
        ("block_orders", {"fido": "poco"}),
        ("document_types", {"FT": "fattura"}),
        ("payment_letters", {"R": "ricevuta"}),
        ("states", {"P": "pagata"}),
        ("grace_days", {"riba": -1}),
        ("grace_days", {"assegno": 3}),
        ("currency", "euro"),
        ("currencies", {"3": "franchi"}),
        ("years", (26,)),
        ("slots", 6),
        ("page_size", 0),
        ("lookback_days", -1),
    ],
)
def test_a_setting_that_cannot_be_meant_is_refused_by_name(field: str, value: Any) -> None:
    with pytest.raises(ConfigurationError) as raised:
        settings(**{field: value})
    assert field in [problem.field for problem in raised.value.problems]


def test_a_second_account_needs_its_password() -> None:
    with pytest.raises(ConfigurationError, match="second_password"):
        settings(second_user="admin")


def test_the_certificate_is_a_pin_or_a_file() -> None:
    pin = "sha256:" + "ab" * 32
    assert settings().verify is True
    assert settings(certificate=Path("/etc/hub") / pin).verify == pin
    assert settings(certificate=Path("/etc/hub/server.pem")).verify == "/etc/hub/server.pem"


def test_the_previous_year_is_read_until_the_new_one_is_surely_open() -> None:
    usual = settings(year_turn_days=90)
    assert usual.years_on(date(2027, 1, 1)) == (2027, 2026)
    assert usual.years_on(date(2027, 3, 31)) == (2027, 2026)
    assert usual.years_on(date(2027, 4, 1)) == (2027,)
    assert settings(years=(2025, 2026)).years_on(date(2027, 1, 1)) == (2026, 2025)


def test_a_cursor_goes_back_some_minutes_for_postings_are_saved_in_pieces() -> None:
    mark = cursor(settings(), "20261123 000500")
    assert mark is not None
    assert changed_since(settings(), mark) == "20261122 235500"
    assert changed_since(settings(overlap_minutes=0), mark) == "20261123 000500"


@pytest.mark.parametrize("strange", ["", "x", "mexal0|a|20261123 000000", "mexal1|a|domani"])
def test_a_cursor_nobody_made_is_expired(strange: str) -> None:
    with pytest.raises(CursorExpiredError):
        changed_since(settings(), strange)


@pytest.mark.parametrize(
    "other",
    [
        {"company": "XYZ"},
        {"base_url": "https://other:9004"},
        {"years": (2026,)},
        {"states": {"Q": "paid"}},
        {"grace_days": {"riba": 30}},
    ],
)
def test_a_cursor_of_another_archive_or_mapping_is_expired(other: dict[str, Any]) -> None:
    mark = cursor(settings(), "20261123 000500")
    assert mark is not None
    with pytest.raises(CursorExpiredError):
        changed_since(settings(**other), mark)


def test_a_server_that_tells_no_time_gives_no_cursor() -> None:
    assert cursor(settings(), "") is None


def test_documents_are_found_by_key_or_by_number() -> None:
    def ref(**given: Any) -> DocumentRef:
        usual: dict[str, Any] = {"client": "501.00001", "kind": DocumentKind.INVOICE, "number": ""}
        return DocumentRef(**(usual | given))

    types = {"FT": "invoice", "NC": "credit_note"}
    by_key = key_of(ref(key="FT+2+15+501.00001@2025"), types, 2026)
    assert (by_key.plain, by_key.year) == ("FT+2+15+501.00001", 2025)
    by_number = key_of(ref(number="15/2", date=date(2025, 5, 1)), types, 2026)
    assert str(by_number) == "FT+2+15+501.00001@2025"
    assert str(key_of(ref(number="15"), types, 2026)) == "FT+1+15+501.00001@2026"
    for bad in (ref(number="ABC"), ref(number="15", kind=DocumentKind.DEBIT_NOTE)):
        with pytest.raises(RejectedError):
            key_of(bad, types, 2026)
    with pytest.raises(RejectedError):
        key_of(ref(number="15"), {"FT": "invoice", "FD": "invoice"}, 2026)
    assert [number_of(1, 15), number_of(2, 15), number_of(0, 15), number_of(1, 0)] == [
        "15", "15/2", "15", "",
    ]  # fmt: skip
