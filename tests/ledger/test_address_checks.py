"""What cannot be right of a client's addresses and numbers is told, and what can is not."""

from __future__ import annotations

import pytest

from incasso.locale import localize
from incasso.services.ledger.address_checks import faults

GOOD = {
    "email": "a@rossi.it; b@rossi.it",
    "pec": "rossi@pec.it",
    "phone": "011 555 0100",
    "mobile": "+39 333 1234567",
    "fax": "",
    "vat": "00743110157",
    "tax_code": "RSSMRA85T10A562S",
    "country": "",
}


def found(**given: str) -> list[tuple[str, str, str]]:
    return [(field, value, localize(why, "en")) for field, value, why in faults(GOOD | given)]


def test_a_client_without_a_fault() -> None:
    assert found() == []
    assert found(tax_code="00743110157") == []


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("email", "rossi.it", "no mail address: write it as name@example.it"),
        ("pec", "a@@pec.it", "no mail address: write it as name@example.it"),
        (
            "phone",
            "chiedere a Anna",
            "no telephone number: digits are missing or too many, or there are words beside it",
        ),
        ("mobile", "300 1234567", "a number that nobody can have"),
        ("mobile", "011 555 0100", "a landline: text messages do not reach it"),
        ("vat", "00743110158", "no Italian VAT number: its check digit does not fit"),
        ("tax_code", "RSSMRA85T10A562X", "no Italian tax code: its check letter does not fit"),
    ],
)
def test_a_field_that_cannot_be_right(field: str, value: str, why: str) -> None:
    assert found(**{field: value}) == [(field, value, why)]


def test_elsewhere_tax_numbers_are_not_judged_and_numbers_read_as_dialled_there() -> None:
    german = {"vat": "DE999", "tax_code": "", "phone": "030 901820", "mobile": "0171 1234567"}
    assert found(country="DE", **german) == []
