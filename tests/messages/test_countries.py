"""The country on an envelope."""

from __future__ import annotations

import pytest

from incasso.messages.countries import country_line


@pytest.mark.parametrize(
    ("country", "home", "language", "line"),
    [
        ("DE", "IT", "it", "GERMANIA"),
        ("fr", "IT", "it", "FRANCIA"),
        ("GB", "IT", "it", "REGNO UNITO"),
        ("CH", "IT", "it", "SVIZZERA"),
        ("SM", "IT", "it", "SAN MARINO"),
        ("IT", "IT", "it", ""),
        ("", "IT", "it", ""),
        ("IT", "DE", "de", "ITALIEN"),
        ("DE", "DE", "de", ""),
        ("DE", "IT", "en", "GERMANY"),
        ("ZQ", "IT", "it", "ZQ"),
    ],
)
def test_country_line(country: str, home: str, language: str, line: str) -> None:
    assert country_line(country, home, language) == line
