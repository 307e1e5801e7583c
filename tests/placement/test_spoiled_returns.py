"""Files of an agency, spoiled in every way: never a wrong balance, never a lost row."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from incasso.contract.exchange import ClosingReason, ReturnSheet, UpdateKind
from incasso.domain.placement.account import LESSENS
from incasso.domain.placement.states import EntryKind
from incasso.services.placement.take_file import FileReport
from incasso.store.tables import exchange, placement
from tests.databases import migrated_store
from tests.placement.handed import LOT, Handed

OTHER = "L-2026-0002"
Lines = list[bytes]


def honest(office: Handed) -> list[Any]:
    """What an agency reports of three clients."""
    july = date(2026, 7, 1)
    return [
        office.says(UpdateKind.ACKNOWLEDGED, day=date(2026, 6, 2)),
        office.pays("40.00", id="a1", day=july),
        office.calls(place=2),
        office.takes_back("a1", "40.00", day=date(2026, 7, 9)),
        office.pays("100.00", id="a2", row=1),
        office.pays("30.00", id="b1", place=2),
        office.says(UpdateKind.CORRECTION, "25.00", id="b2", place=2, corrects="b1"),
        office.says(UpdateKind.PROMISE, place=3, until=date(2026, 9, 1)),
        office.closes(ClosingReason.UNTRACEABLE, place=3, day=date(2026, 9, 2)),
    ]


def spoilt(data: st.DataObject, lines: Lines, others: Lines) -> Lines:
    """Some lines lost, doubled, with another sum or name, of another lot, or cut off."""
    found: Lines = []
    for line in lines:
        how = data.draw(
            st.sampled_from(("whole", "whole", "whole", "lost", "twice", "sum", "name", "cut"))
        )
        match how:
            case "whole":
                found.append(line)
            case "twice":
                found += [line, line]
            case "sum":
                found.append(line.replace(b'0.00"', b'9.99"'))
            case "name":
                found.append(line.replace(b"P-000000", data.draw(st.sampled_from(NAMES))))
            case "cut":
                found.append(line[: data.draw(st.integers(0, len(line)))].replace(b"\n", b""))
    found += data.draw(st.lists(st.sampled_from(others), max_size=2))
    return list(data.draw(st.permutations(found)))


NAMES = (b"P-", b"P-900000", b"", b"R-000000")
"""Zeros lost, unknown, none, of a row."""


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_spoiled_files(data: st.DataObject) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        store = migrated_store(folder / "incasso.db", folder / "archive")
        office = Handed(store, folder, "tutela", "altra")
        office.lot(((10_000, 5_000), (3_000,), (8_000,)))
        office.lot(((7_000,),), code=OTHER, provider="altra")
        others = [
            msgspec.json.encode(each)
            for each in (
                office.pays("70.00", id="x1", place=4),
                office.pays("1.00", row=5, place=0),
            )
        ]
        lines = [msgspec.json.encode(each) for each in honest(office)]
        for number in range(data.draw(st.integers(1, 2))):
            taken = send(data, office, number, spoilt(data, lines, others))
            nothing_is_lost(office, taken)
            balances_are_right(office)
        office.hub.registry.close()
        store.close()


def send(data: st.DataObject, office: Handed, number: int, lines: Lines) -> FileReport:
    version = data.draw(st.sampled_from(("", "1.0", "1.7", "0.9")))
    head = ReturnSheet(lot=data.draw(st.sampled_from((LOT, LOT, "", OTHER))), version=version)
    content = b"\n".join([msgspec.json.encode(head), *lines])
    # The sum of the file itself makes each of them another one.
    office.agency.files[f"f{number}"] = content
    taken = {each.name: each for each in office.take_in().files}
    return taken[f"f{number}"]


def nothing_is_lost(office: Handed, taken: FileReport) -> None:
    """Each row is applied, noted, waiting, refused or known: there is no other fate."""
    if taken.problem is not None and not taken.counts:
        assert taken.state == "refused" and taken.message
        return
    assert sum(taken.counts.values()) == taken.rows
    kept = office.rows(exchange.exchange_updates)
    assert len({row.update_id for row in kept}) == len(kept)
    if not taken.repeated:
        refused = [
            row
            for row in office.rows(exchange.exchange_refusals)
            if row.arrival_id == office.rows(exchange.exchange_arrivals)[-1].id
        ]
        assert all(str(row.message) for row in refused)


def balances_are_right(office: Handed) -> None:
    for row in office.rows(placement.placement_rows):
        sums = dict.fromkeys(EntryKind, 0)
        for entry in office.rows(placement.placement_entries):
            if entry.row_id == row.id:
                assert entry.amount > 0
                sums[entry.kind] += entry.amount
        open_ = row.residual + sum(-n if kind in LESSENS else n for kind, n in sums.items())
        assert open_ >= 0, "nothing is overpaid without a person"
        assert row.state == "placed" or open_ == 0
        collected = sums[EntryKind.COLLECTED] - sums[EntryKind.REVERSED]
        assert 0 <= collected <= row.residual
        assert row.unmet == collected, "the ERP shows nothing yet"
    assert list(of_altra(office)) == [], "another agency's lot is untouched"
    for name, total in payments(office).items():
        assert total in (0, amount_of(office, name)), name


def of_altra(office: Handed) -> Iterator[Any]:
    return (entry for entry in office.rows(placement.placement_entries) if entry.row_id == 5)


def payments(office: Handed) -> dict[str, int]:
    """What each payment brought, less what was taken back of it."""
    entries = office.rows(placement.placement_entries)
    back = {entry.corrects_id for entry in entries if entry.kind == "reversed"}
    found: dict[str, int] = {}
    for entry in entries:
        if entry.kind == "collected":
            found.setdefault(entry.cause, 0)
            found[entry.cause] += 0 if entry.id in back else entry.amount
    return found


def amount_of(office: Handed, update: str) -> int:
    return int(office.updates()[update].amount)
