"""First name before surname, by the tax code."""

from __future__ import annotations

import pytest

from incasso.domain.ledger.personal_names import first_name_first, is_name_of


@pytest.mark.parametrize(
    ("name", "tax_code", "addressed"),
    [
        ("ROSSI MARIO", "RSSMRA80A01F205X", "Mario Rossi"),
        ("MARIO ROSSI", "RSSMRA80A01F205X", "Mario Rossi"),
        ("Conti Anna", "CNTNNA75D41F205Z", "Anna Conti"),
        ("Anna Conti", "CNTNNA75D41F205Z", "Anna Conti"),
        ("DE LUCA GIAN FRANCO", "DLCGFR70A01H501A", "Gian Franco De Luca"),
        ("D'ANGELO GIANFRANCO", "DNGGFR70A01H501A", "Gianfranco D'Angelo"),
        ("FO DARIO", "FOXDRA26C24L500X", "Dario Fo"),
        ("NICCOLÒ AIÒ", "AIONCL80A01F205X", "Niccolò Aiò"),
        ("ROSSI MARIO", "", "Rossi Mario"),
        ("ROSSI MARIO", "01234567890", "Rossi Mario"),
        ("VERDI MARIO", "RSSMRA80A01F205X", "Verdi Mario"),
        ("Anna de Santis", "", "Anna de Santis"),
        ("ROSSI", "RSSMRA80A01F205X", "Rossi"),
        ("", "RSSMRA80A01F205X", ""),
    ],
)
def test_first_name_first(name: str, tax_code: str, addressed: str) -> None:
    assert first_name_first(name, tax_code) == addressed


@pytest.mark.parametrize(
    ("name", "tax_code", "expected"),
    [
        ("ROSSI MARIO", "RSSMRA80A01F205X", True),
        ("Mario Rossi", "RSSMRA80A01F205X", True),
        ("Bar Sport di Rossi Mario", "RSSMRA80A01F205X", False),
        ("Mario Rossi", "", None),
        ("Mario Rossi", "01234567890", None),
    ],
)
def test_whose_name_it_is(name: str, tax_code: str, expected: bool | None) -> None:
    assert is_name_of(name, tax_code) is expected
