"""The order block in words: why it began or ended, and what a read found about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from incasso.contract.text import Text, template, term, text
from incasso.domain.orders.blocks import Noticed
from incasso.locale.sentences import localize

RELEASED_AS_PAID: Final = term("order block", "paid")
RELEASED_THERE: Final = text("freed by hand in the ERP")
BLOCKED_THERE: Final = text("blocked in the ERP")
IN_THE_ERP: Final = text("the ERP")

_NOTICES: Final[Mapping[Noticed, str]] = {
    Noticed.FREED: template(
        "{client}: orders were freed by hand in the ERP; the hub's block has ended and does not "
        "come back by itself today"
    ),
    Noticed.ERP_RELEASED: template("{client}: the ERP ended its own block; the hub's stays"),
    Noticed.MISSING: template(
        "{client}: the block written into the ERP does not show there; look at the client's card"
    ),
}


def freed_today(who: str) -> Text:
    """Why a client that somebody released is not blocked again the same day."""
    return text("{who} released this client today: only a person blocks it again", who=who)


def renumbered(client: str) -> Text:
    """Why the block of an old client code ended."""
    return text("is client {client} now", client=client)


def standing_text(since: date | None, reason: str) -> Text:
    """That a client may not order, in one sentence."""
    if since is None:
        return text("Orders blocked: {reason}.", reason=reason)
    return text("Orders blocked since {day}: {reason}.", day=since, reason=reason)


def notice(noticed: Noticed, client: str, language: str) -> str:
    """What a read reports to a person about a block."""
    return localize(Text(_NOTICES[noticed], {"client": client}), language)
