"""Windows of documents as pages for the hub: known ones are named, settled ones left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from incasso.api import (
    CallContext,
    ClientItem,
    ClientRecord,
    InstallmentItem,
    Known,
    Page,
    Unreadable,
)
from incasso_mago4.items import Candidate
from incasso_mago4.link.clients import client
from incasso_mago4.link.items import Reading
from incasso_mago4.link.xml import Record
from incasso_mago4.raw import day
from incasso_mago4.rules import Rules

PAGE: Final = 1_000


def client_pages(
    records: Sequence[Record], settings: Rules, seed: int, known: Known
) -> Iterator[Page[ClientItem]]:
    """At least one page, an empty one for a window without customers: it resets the clock."""
    for start in range(0, max(len(records), 1), PAGE):
        found = [client(record, settings, seed) for record in records[start : start + PAGE]]
        held = known.fingerprints([each.code for each in found if isinstance(each, ClientRecord)])
        same = {
            each.code
            for each in found
            if isinstance(each, ClientRecord) and held.get(each.code) == each.fingerprint
        }
        items = tuple(
            each for each in found if isinstance(each, Unreadable) or _code(each) not in same
        )
        yield Page(items=items, unchanged=tuple(sorted(same)))


def item_pages(
    records: Sequence[Record], reading: Reading, known: Known, ctx: CallContext
) -> Iterator[Page[InstallmentItem]]:
    """At least one page, as above."""
    waiting: list[Candidate] = []
    bad: list[Unreadable] = []
    for record in records:
        found, unreadable = reading.read(record)
        waiting += found
        bad += unreadable
        if len(waiting) + len(bad) >= PAGE // 2:
            yield _page(waiting, bad, known, reading, ctx)
            waiting, bad = [], []
    yield _page(waiting, bad, known, reading, ctx)


def _page(
    found: Sequence[Candidate],
    bad: Sequence[Unreadable],
    known: Known,
    reading: Reading,
    ctx: CallContext,
) -> Page[InstallmentItem]:
    held = known.fingerprints([each.key for each in found])
    items: list[InstallmentItem] = list(bad)
    same: list[str] = []
    for each in found:
        if each.print and held.get(each.key) == each.print:
            same.append(each.key)
        elif each.key in held or _matters(each, reading, ctx):
            items.append(each.item)
    return Page(items=tuple(items), unchanged=tuple(same))


def _matters(each: Candidate, reading: Reading, ctx: CallContext) -> bool:
    """What the hub does not know comes if it is open, lately settled, or cannot be read."""
    item = each.item
    if isinstance(item, Unreadable) or item.residual:
        return True
    begin = ctx.on - timedelta(days=reading.builder.settings.lookback_days)
    return any((last := day(row.day)) is not None and last >= begin for row in each.rows)


def _code(item: ClientItem) -> str:
    return item.code if isinstance(item, ClientRecord) else ""
