"""What each plan saw and decided: a row per page of installments, packed, to tell a past day.

A row of its own for each installment and day would cost planning a tenth of its speed. An
installment that no plan looked at on a day has none: nothing about it had changed.
"""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.recovery.facts import Version
from incasso.domain.recovery.looks import KeptRules, Seen, rules_again, seen_again
from incasso.store.records import columns_of, stream
from incasso.store.tables.recovery import looks

FASTEST: Final = 1  # of zlib: what it leaves is a tenth already


class PageOfLooks(msgspec.Struct, kw_only=True):
    """What a plan saw in one page, in the order of reading; `seen` holds each look once."""

    installments: array[int] = msgspec.field(default_factory=lambda: array("q"))
    which: array[int] = msgspec.field(default_factory=lambda: array("q"))
    """The place in `seen` of each of them."""
    steps: array[int] = msgspec.field(default_factory=lambda: array("q"))
    """The step it went into, or was in; 0: none."""
    seen: list[bytes] = msgspec.field(default_factory=list)


class PastLook(msgspec.Struct, frozen=True, kw_only=True):
    """What a plan saw of one installment."""

    on: date
    step: int | None
    """The step it went into, or was in."""
    seen: Seen | None
    """None: an earlier version of the hub kept it in a way that cannot be read any more."""

    @property
    def acts(self) -> bool:
        """Whether the plan did something with it."""
        return self.seen is not None and self.seen.decided.acts


def keep_page(
    connection: Connection,
    on: date,
    rules: KeptRules,
    page: PageOfLooks,
    clients: tuple[int, int] | None,
) -> None:
    """Keep what a plan saw; `clients` are the first and the last of the page."""
    first, last = clients or (None, None)
    arrays = (page.installments, page.which, page.steps)
    connection.execute(
        sa.insert(looks).values(
            on_date=on,
            first_client=first,
            last_client=last,
            rules=msgspec.to_builtins(rules),
            looked=_packed(b"".join(one.tobytes() for one in arrays)),
            seen=_packed(b"[" + b",".join(page.seen) + b"]"),
        )
    )


def planned_on(connection: Connection, on: date) -> bool:
    """Whether a plan was made on that day."""
    return (
        connection.scalar(sa.select(looks.c.id).where(looks.c.on_date == on).limit(1)) is not None
    )


def last_planned(connection: Connection) -> date | None:
    """The last day on which a plan was made."""
    found: date | None = connection.scalar(sa.select(sa.func.max(looks.c.on_date)))
    return found


def last_looks(
    connection: Connection,
    wanted: Mapping[int, int],
    on: date,
    versions: Mapping[int, Version],
    since: date = date.min,
) -> dict[int, PastLook]:
    """The last look at each of these installments up to that day; `wanted` maps them to clients.

    Among the looks of one day the last that did something comes before those that found it done.
    """
    found: dict[int, PastLook] = {}
    sought = set(wanted)
    for row in _pages(connection, wanted.values(), since, on):
        sought = {one for one in sought if one not in found or found[one].on == row.on_date}
        if not sought:
            break
        for installment, look in _looks_in(row, sought, versions):
            if installment not in found or (look.acts and not found[installment].acts):
                found[installment] = look
    return found


class _Row(msgspec.Struct, frozen=True):
    """A kept page."""

    on_date: date
    rules: Any
    looked: bytes
    seen: bytes


def _pages(
    connection: Connection, clients: Collection[int], since: date, on: date
) -> Iterator[_Row]:
    """Pages that may hold these clients, newest first."""
    query = (
        sa.select(*columns_of(_Row, looks))
        .where(
            looks.c.on_date.between(since, on),
            looks.c.first_client <= max(clients, default=0),
            looks.c.last_client >= min(clients, default=0),
        )
        .order_by(looks.c.on_date.desc(), looks.c.id.desc())
    )
    return stream(connection, _Row, query)


def _looks_in(
    row: _Row, sought: Collection[int], versions: Mapping[int, Version]
) -> Iterator[tuple[int, PastLook]]:
    numbers = array("q", zlib.decompress(row.looked))
    size = len(numbers) // 3
    places = [place for place, one in enumerate(numbers[:size]) if one in sought]
    if not places:
        return
    kept = msgspec.json.decode(zlib.decompress(row.seen), type=list[msgspec.Raw])
    rules = rules_again(msgspec.convert(row.rules, KeptRules), versions)
    for place in places:
        yield (
            numbers[place],
            PastLook(
                on=row.on_date,
                step=numbers[2 * size + place] or None,
                seen=_read(bytes(kept[numbers[size + place]]), rules, versions),
            ),
        )


def _read(kept: bytes, rules: Any, versions: Mapping[int, Version]) -> Seen | None:
    try:
        return seen_again(kept, rules, versions)
    except msgspec.ValidationError:
        return None


def _packed(content: bytes) -> bytes:
    return zlib.compress(content, FASTEST)
