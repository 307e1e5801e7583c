"""Interest and costs in a formal notice, computed by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from msgspec.structs import replace

from incasso.api import Money
from incasso.messages import Debtor, Line, MessageContext, languages, render
from incasso.messages.view import view
from tests.messages.samples import CLIENT, built_in, context, euro, line, template

ANNA = Debtor(name="Anna Conti", is_person=True)
TWO = (
    line("7/A", "1000.00", due_date=date(2026, 9, 30)),
    line("8/A", "500.00", due_date=date(2026, 11, 30)),
)


def on(day: date, *lines: Line, language: str = "it", client: Debtor = CLIENT) -> MessageContext:
    return replace(context(*(lines or TWO), language=language, client=client), on=day)


def test_a_firm_is_told_interest_and_costs_with_figures() -> None:
    """64 days: 1000 × 10.40 × 64 / 36500 = 18.24; 3 days: 500 × 10.40 × 3 / 36500 = 0.43."""
    made = render(built_in("ultimo_avviso"), on(date(2026, 12, 3)))
    text = " ".join(made.text.split())
    for words in (
        "18,24 €", "0,43 €",
        "Totale dei documenti 1.500,00 €",
        "Interessi di mora al 03/12/2026 18,67 €",
        "Risarcimento forfettario delle spese di recupero 80,00 €",
        "Totale da pagare 1.598,67 €",
        "D.Lgs. 9 ottobre 2002, n. 231 (10,40%)",
        "40 euro per ciascuna fattura (art. 6",
        "corrispondere 1.598,67 €, di cui 1.500,00 € per i documenti",
        "entro e non oltre il 23 dicembre 2026",
        "Importo: 1.598,67 €",
        "Fatt. 7/A, 8/A - C00123-45",
    ):  # fmt: skip
        assert words in text


def test_a_consumer_owes_the_legal_rate_only() -> None:
    """64 days: 1000 × 1.60 × 64 / 36500 = 2.81; 3 days: 500 × 1.60 × 3 / 36500 = 0.07."""
    made = render(built_in("ultimo_avviso"), on(date(2026, 12, 3), client=ANNA))
    text = " ".join(made.text.split())
    for words in ("2,81 €", "0,07 €", "2,88 €", "1.502,88 €", "art. 1284", "1,60%"):
        assert words in text
    for words in ("231", "40 euro", "forfettario"):
        assert words not in text


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "€1,598.67"),
        ("de", "1.598,67 €"),
        ("fr", "1 598,67 €"),
    ],
)
def test_every_language_asks_for_the_same(language: str, words: str) -> None:
    made = render(built_in("ultimo_avviso", language), on(date(2026, 12, 3), language=language))
    assert words in made.text
    assert "231" in made.text
    assert "40 euro" in " ".join(made.text.lower().split())


def test_days_after_the_last_known_rate_bear_no_interest_and_the_text_says_so() -> None:
    """To 31 December 2026, 92 days: 1000 × 10.40 × 92 / 36500 = 26.21; 31 days of 500: 4.42."""
    made = render(built_in("ultimo_avviso"), on(date(2027, 1, 20)))
    text = " ".join(made.text.split())
    assert "fino al 31 dicembre 2026" in text
    assert "Interessi di mora al 31/12/2026 30,63 €" in text


def test_without_figures_the_measure_is_named_without_an_amount() -> None:
    old = line("1/A", "1000.00", due_date=date(2001, 3, 1))
    text = " ".join(render(built_in("ultimo_avviso"), on(date(2026, 12, 3), old)).text.split())
    assert "nella misura prevista dal D.Lgs. 9 ottobre 2002, n. 231" in text
    assert "corrispondere 1.000,00 € entro" in text
    assert "Totale da pagare 1.000,00 €" in text


def test_there_are_no_figures_in_other_currencies() -> None:
    dollars = Line(
        document_number="9",
        due_date=date(2026, 9, 30),
        residual=Money(amount=Decimal(100), currency="USD"),
    )
    made = render(built_in("ultimo_avviso", "en"), on(date(2026, 12, 3), dollars, language="en"))
    assert "Total due" in made.text
    assert "€" not in made.text


def test_rates_that_changed_are_named_with_their_first_day() -> None:
    seen = view(
        on(date(2026, 12, 3), line("1", due_date=date(2026, 3, 31))),
        languages()["it"],
        states_interest=True,
    )
    rates = seen.placeholders["interest_rates"]
    assert rates == "10,15% dal 1º aprile 2026, 10,40% dal 1º luglio 2026"


def test_a_text_that_does_not_state_interest_asks_for_the_total_alone() -> None:
    text = render(template("{{ table }}\n\n{{ payment }}"), on(date(2026, 12, 3))).text
    assert "Interessi" not in text
    assert "1.598" not in text
    assert text.count("1.500,00 €") == 2


def test_a_credit_note_pays_the_oldest_first() -> None:
    """500 left for 64 days: 9.12; 500 for 3 days: 0.43. Two invoices: 80."""
    credit = line("N1", "-500.00", due_date=date(2026, 11, 1))
    for message in (
        on(date(2026, 12, 3), *TWO, credit),
        replace(on(date(2026, 12, 3)), credits=(credit,)),
    ):
        seen = view(message, languages()["it"], states_interest=True)
        assert seen.placeholders["interest"] == euro("9.55")
        assert seen.placeholders["costs"] == euro("80.00")
        assert seen.asked == euro("1089.55")


def test_interest_and_lateness_begin_after_an_extension() -> None:
    """Put off to 30 November: 1000 × 10.40 × 3 / 36500 = 0.85."""
    late = line("7/A", "1000.00", due_date=date(2026, 9, 30), extended_to=date(2026, 11, 30))
    seen = view(on(date(2026, 12, 3), late), languages()["it"], states_interest=True)
    assert seen.placeholders["interest"] == euro("0.85")
    assert seen.lines[0].days_overdue == 3
    assert (seen.table.rows[0].days, seen.table.rows[0].note) == ("3", "prorogata al 30/11/2026")
