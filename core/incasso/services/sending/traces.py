"""Looks for messages that left in a time of which the log is lost: by their bytes in the archive.

Every message is archived before it may leave. Bytes that the database has no row of were made after
the copy that was put back; a mail names its delivery, and the channels say whether that one left.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, datetime
from email.parser import BytesHeaderParser
from email.utils import getaddresses
from pathlib import Path
from typing import Final

import msgspec

from incasso.contract.channel import Sought
from incasso.contract.text import text
from incasso.domain.sending.delivery import Trace
from incasso.services.hub.hub import Hub
from incasso.services.sending.hand_over import look_up
from incasso.store.proof import archive
from incasso.store.sending import unknown_gap

_HEAD: Final = 65_536
"""Bytes of a mail in which its headers are looked for."""


class Traced(msgspec.Struct, frozen=True):
    """A mail that left, and that the database does not know."""

    delivery: str
    to: str
    at: datetime


def name_traces(hub: Hub, held: Collection[int], on: date) -> int:
    """Say at the held steps of a client that a mail to its address left: a person decides whether
    it was this one. How many steps it is said of."""
    told: set[int] = set()
    for each in _traced(hub, on) if held else ():
        reason = text(
            "a mail to {to} left on {day} that this database does not know ({delivery}): look, "
            "approve only if this is another one",
            to=each.to,
            day=f"{each.at:%Y-%m-%d}",
            delivery=each.delivery,
        )
        with hub.store.write() as connection:
            told |= unknown_gap.remark(connection, held, each.to, reason)
    return len(told)


def _traced(hub: Hub, on: date) -> Iterator[Traced]:
    with hub.store.read() as connection:
        unknown = list(archive.without_row(hub.store, connection))
    for path in unknown:
        delivery, to = _marks(path)
        if not delivery or not to:
            continue
        known = Sought(to=to, content=path.read_bytes())
        for channel in hub.registry.channels():
            found, receipt = look_up(channel, delivery, on, known)
            if found is Trace.FOUND and receipt is not None:
                yield Traced(delivery, to, receipt.at)
                break


def _marks(path: Path) -> tuple[str, str]:
    """Which delivery a mail was, and to whom; empty for anything else."""
    with path.open("rb") as file:
        head = BytesHeaderParser().parsebytes(file.read(_HEAD))
    people = getaddresses([str(head.get("To", ""))])
    return str(head.get("X-Incasso-Delivery", "")).strip(), people[0][1] if people else ""
