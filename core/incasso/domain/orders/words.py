"""The order block in the office's words, Italian first."""

from __future__ import annotations

from datetime import date
from typing import Final

from incasso.domain.orders.blocks import Noticed
from incasso.domain.recovery.words import Words, pick

RELEASED_AS_PAID: Final[Words] = ("pagato", "paid")
RELEASED_THERE: Final[Words] = ("sbloccato a mano nel gestionale", "freed by hand in the ERP")
BLOCKED_THERE: Final[Words] = ("bloccato nel gestionale", "blocked in the ERP")
FREED_TODAY: Final[Words] = (
    "il cliente è stato sbloccato oggi da {who}: per bloccarlo di nuovo serve una persona",
    "{who} released this client today: only a person blocks it again",
)
RENUMBERED: Final[Words] = ("ora è il cliente {client}", "is client {client} now")
IN_THE_ERP: Final[Words] = ("il gestionale", "the ERP")

_NOTICES: Final[dict[Noticed, Words]] = {
    Noticed.FREED: (
        "{client}: ordini sbloccati a mano nel gestionale; il blocco dell'hub è finito e oggi non "
        "torna da solo",
        "{client}: orders were freed by hand in the ERP; the hub's block has ended and does not "
        "come back by itself today",
    ),
    Noticed.ERP_RELEASED: (
        "{client}: il gestionale ha tolto il proprio blocco; quello dell'hub resta",
        "{client}: the ERP ended its own block; the hub's stays",
    ),
    Noticed.MISSING: (
        "{client}: il blocco scritto nel gestionale non vi compare; guardare la scheda del cliente",
        "{client}: the block written into the ERP does not show there; look at the client's card",
    ),
}

_STANDING: Final[Words] = ("Ordini bloccati{since}: {reason}.", "Orders blocked{since}: {reason}.")
_SINCE: Final[Words] = (" dal {day:%d/%m/%Y}", " since {day}")


def standing_text(since: date | None, reason: str, language: str) -> str:
    """That a client may not order, in one sentence."""
    day = pick(_SINCE, language).format(day=since) if since else ""
    return pick(_STANDING, language).format(since=day, reason=reason)


def notice(noticed: Noticed, client: str, language: str) -> str:
    """What a read tells a person about a block."""
    return pick(_NOTICES[noticed], language).format(client=client)
