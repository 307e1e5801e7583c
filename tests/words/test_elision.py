"""Italian articles before dates and rates."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from incasso.locale.elision import elided
from incasso.messages import languages
from incasso.messages.render import render
from tests.messages.samples import context, line, template

PREPOSITIONS = {
    "il": "l'", "del": "dell'", "dal": "dall'", "al": "all'", "entro il": "entro l'",
    "nel": "nell'", "sul": "sull'", "Il": "L'", "Entro il": "Entro l'", "Dal": "Dall'",
}  # fmt: skip


@pytest.mark.parametrize("full", PREPOSITIONS)
@pytest.mark.parametrize("day", range(1, 32))
def test_every_day_of_a_month(day: int, full: str) -> None:
    long, short = f"{day} ottobre 2026", f"{day:02d}/10/2026"
    for written in (long, short, f"{day}\xa0ottobre 2026"):
        expected = f"{PREPOSITIONS[full]}{written}" if day in (8, 11) else f"{full} {written}"
        assert elided(f"pagare {full} {written}.") == f"pagare {expected}."


def test_every_day_of_a_year_in_a_message() -> None:
    """The 8th and 11th of twelve months, and nothing else; the first is the 1º."""
    spoken = languages()["it"]
    words = template("entro il {{ oldest_due | strong }}")
    changed = []
    for each in (date(2026, 1, 1) + timedelta(days=n) for n in range(365)):
        text = render(words, context(line(due_date=each))).text.strip()
        assert spoken.long(each) in text
        if text.startswith("entro l'"):
            changed.append(each)
        else:
            assert text == f"entro il {spoken.long(each)}"
    assert len(changed) == 24
    assert {each.day for each in changed} == {8, 11}
    assert spoken.long(date(2026, 5, 1)) == "1º maggio 2026"


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("al tasso del 8,05%", "al tasso dell'8,05%"),
        ("del 11,20%", "dell'11,20%"),
        ("del 1 %", "dell'1 %"),
        ("del 1,25%", "dell'1,25%"),
        ("del 80%", "dell'80%"),
        ("del 800%", "dell'800%"),
        ("del 10,40%", "del 10,40%"),
        ("del 18%", "del 18%"),
        ("del 12,5%", "del 12,5%"),
        ("dal 11 agosto al 8 ottobre", "dall'11 agosto all'8 ottobre"),
        ("entro il \ue0008 ottobre\ue001", "entro l'\ue0008 ottobre\ue001"),
        ("il <b>8 ottobre</b>", "l'<b>8 ottobre</b>"),
        ("del 18 ottobre", "del 18 ottobre"),
        ("il 8 per mille", "il 8 per mille"),
        ("civico del 11", "civico del 11"),
        ("april 8 maggio", "april 8 maggio"),
    ],
)
def test_rates_marks_and_what_is_no_date(written: str, right: str) -> None:
    assert elided(written) == right


def test_the_table_says_dell_11_too() -> None:
    """A document's own date stands behind a preposition."""
    made = render(template("{{ table }}"), context(line(document_date=date(2026, 7, 11))))
    assert "Fattura 1200/A dell'11/07/2026" in made.text


def test_the_first_of_a_month_in_english() -> None:
    assert languages()["en"].long(date(2026, 5, 1)) == "1 May 2026"
