"""Interest that the stage asks for, whatever its text knows of it; amounts worked out by hand."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace

from incasso.api import Money
from incasso.domain.sending.rewording import Rewording
from incasso.messages import Debtor, MessageContext, render, reworded
from incasso.messages.render import with_interest
from tests.messages.samples import built_in, context, euro, line

ON = date(2026, 12, 3)
TWO = (
    line("7/A", "1000.00", due_date=date(2026, 9, 30)),
    line("8/A", "500.00", due_date=date(2026, 11, 30)),
)


def on(message: MessageContext) -> MessageContext:
    """The message on the day of the sums below."""
    return replace(message, on=ON)


def words(key: str, asked: bool | None, message: MessageContext) -> str:
    """The plain text, in one line."""
    made = render(with_interest(built_in(key, message.language), asked), on(message))
    return " ".join(made.text.split())


def test_a_reminder_states_interest_row_by_row_and_asks_for_the_whole() -> None:
    """1000 x 10.40 x 64 / 36500 = 18.24; 500 x 10.40 x 3 / 36500 = 0.43; and twice 40."""
    text = words("secondo_sollecito", True, context(*TWO))
    for each in (
        "Fattura 7/A 30/09/2026 64 18,24 €", "Fattura 8/A 30/11/2026 3 0,43 €",
        "Totale dei documenti 1.500,00 €", "Interessi di mora al 03/12/2026 18,67 €",
        "Totale da pagare 1.598,67 €", "n. 231, 10,40% l'anno", "versare l'importo di 1.598,67 €",
        "Importo: 1.598,67 €",
    ):  # fmt: skip
        assert each in text


def test_a_consumer_is_asked_for_the_legal_rate_and_no_costs() -> None:
    """1000 x 1.60 x 64 / 36500 = 2.81; 500 x 1.60 x 3 / 36500 = 0.07."""
    anna = Debtor(name="Anna Conti", is_person=True)
    text = words("secondo_sollecito", True, context(*TWO, client=anna))
    assert "versare l'importo di 1.502,88 €" in text
    assert "tasso legale (art. 1284 del codice civile), 1,60% l'anno" in text
    assert "forfettario" not in text


@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_every_language_names_the_law(language: str) -> None:
    text = words("secondo_sollecito", True, context(*TWO, language=language))
    assert "231" in text
    assert any(each in text for each in ("10.40%", "10,40 %"))
    assert any(each in text for each in ("1,598.67", "1.598,67", "1 598,67"))


def test_the_page_says_it_too() -> None:
    made = render(with_interest(built_in("secondo_sollecito"), True), on(context(*TWO)))
    assert "n. 231, 10,40% l&#39;anno" in made.html
    assert "interessi 18,24" in made.html


def test_a_notice_may_be_told_to_ask_for_the_documents_alone() -> None:
    text = words("messa_in_mora", False, context(*TWO))
    assert "pagare 1.500,00 € entro" in text
    assert "Interessi" not in text
    assert "senza necessità di ulteriore avviso" in text


def test_a_text_that_speaks_of_interest_is_as_it_was() -> None:
    message = context(*TWO)
    assert words("ultimo_avviso", True, message) == words("ultimo_avviso", None, message)


def test_a_persons_own_words_ask_for_the_same() -> None:
    wanted = with_interest(built_in("secondo_sollecito"), True)
    own = reworded(wanted, Rewording(text="Vogliate versare {{ total }}."))
    text = " ".join(render(own, on(context(*TWO))).text.split())
    assert "Vogliate versare 1.598,67 €." in text


def test_without_rates_the_documents_alone_are_asked() -> None:
    francs = replace(TWO[0], residual=Money(amount=euro("10").amount, currency="CHF"))
    text = words("secondo_sollecito", True, context(francs))
    assert "versare l'importo di 10,00 CHF" in text
    assert "231" not in text
