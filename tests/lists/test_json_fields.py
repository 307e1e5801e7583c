"""The reference page names the fields of every list; run this module to write them anew."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from incasso.services.placement.fees import FeeLine
from incasso.services.placement.scorecards import ScoreCard
from incasso.services.proof.client_history import HistoryEntry
from incasso.services.sending.show_reply import ReplyView
from incasso.services.sending.shown import DeliveryView, StepView
from incasso.store.lists.index import LISTS
from incasso.store.lists.listing import Listing

PAGE = Path(__file__).parents[2] / "docs/reference/json-fields.md"
NAMED = dict(re.findall(r"^### `([\w-]+)`\n\n`([^`]+)`$", PAGE.read_text("utf-8"), re.MULTILINE))


@pytest.mark.parametrize("listing", LISTS, ids=lambda listing: listing.name)
def test_the_page_names_every_field(listing: Listing) -> None:
    fields = [column.key for column in listing.columns if not column.hidden]
    assert NAMED[listing.name].split(", ") == fields


def written() -> str:
    """The page with the fields as they are declared; a new list still needs its heading."""
    page = PAGE.read_text("utf-8")
    for listing in LISTS:
        fields = ", ".join(column.key for column in listing.columns if not column.hidden)
        section = rf"^(### `{listing.name}`\n\n)`[^`]+`$"
        page = re.sub(section, rf"\g<1>`{fields}`", page, flags=re.MULTILINE)
    return page


def test_the_page_names_no_other_list() -> None:
    assert set(NAMED) == {listing.name for listing in LISTS}


@pytest.mark.parametrize(
    ("title", "view"),
    [
        ("show step", StepView),
        ("show delivery", DeliveryView),
        ("show reply", ReplyView),
        ("history", HistoryEntry),
        ("report fees", FeeLine),
        ("report providers", ScoreCard),
    ],
)
def test_the_page_names_every_field_of_a_view(title: str, view: type[msgspec.Struct]) -> None:
    (named,) = re.findall(rf"^## `{title}`\n\n`([^`]+)`$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert named.split(", ") == list(view.__struct_fields__)


if __name__ == "__main__":
    PAGE.write_text(written(), encoding="utf-8")
