"""The reference page names every placeholder, field and filter."""

from __future__ import annotations

from pathlib import Path

import pytest

from incasso.messages import Creditor, Debtor, OfficeContact
from incasso.messages.language import languages
from incasso.messages.sandbox import OWN_FILTERS
from incasso.messages.spoken import EarlierWords, LineWords, PaymentWords, PromiseWords
from incasso.messages.view import PLACEHOLDERS, view
from tests.messages.samples import context

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "placeholders.md"
FIELDS = {
    name
    for kind in (
        Creditor,
        Debtor,
        OfficeContact,
        LineWords,
        EarlierWords,
        PaymentWords,
        PromiseWords,
    )
    for name in kind.__struct_fields__
}


@pytest.mark.parametrize("name", sorted({*PLACEHOLDERS, *OWN_FILTERS, *FIELDS}))
def test_it_is_on_the_page(name: str) -> None:
    assert f"`{name}`" in PAGE.read_text("utf-8")


def test_a_message_offers_exactly_these_placeholders() -> None:
    assert set(view(context(), languages()["it"]).placeholders) == set(PLACEHOLDERS)
