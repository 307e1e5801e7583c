"""A process killed while it takes a file in: the next one goes on, and nothing counts twice."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import msgspec
import pytest

from incasso.contract.exchange import ClosingReason, ReturnSheet, UpdateKind
from incasso.domain.office.actor import CLOCK
from incasso.services.placement.take import take_in
from incasso.services.proof.verify import verify_store
from incasso.store.engine import Store
from incasso.store.tables import exchange
from tests.killing import victim
from tests.placement.handed import TODAY, Handed
from tests.placement.inbox import InboxAgency
from tests.placement.kill_taking import POINTS


def sent(office: Handed, folder: Path, number: int) -> None:
    """The agency puts a file of six rows, three pages, into its folder."""
    place = number + 1
    rows = [
        office.says(UpdateKind.ACKNOWLEDGED, place=place, day=date(2026, 6, 2)),
        office.pays("40.00", id=f"p{number}", place=place),
        office.takes_back("nothing", id=f"w{number}", place=place),
        office.pays("1.00", id=f"q{number}", place=place),
        office.pays("5.00", place=99),
        office.closes(ClosingReason.NEGATIVE, place=place, day=date(2026, 9, 1)),
    ]
    lines = [msgspec.json.encode(each) for each in (ReturnSheet(sequence=number + 1), *rows)]
    (folder / "inbox" / f"f{number}").write_bytes(b"\n".join(lines))


@pytest.mark.kill
@pytest.mark.slow
def test_at_every_point(store: Store, hub_url: str, tmp_path: Path) -> None:
    office = Handed(store, tmp_path)
    office.lot([(10_000,)] * len(POINTS))
    InboxAgency(tmp_path)
    with victim("tests.placement.kill_taking", hub_url, tmp_path, TODAY) as process:
        process.run()  # the first one works in the victim itself
        for number, point in enumerate(POINTS):
            sent(office, tmp_path, number)
            killed, _ = process.run(2 if point.endswith("page") else 1, point)
            assert killed, point
            process.run()
            assert counted(office, number) == ("taken", 6, 4, 0, 1, 1, 0), point
    assert sorted(path.name for path in (tmp_path / "done").iterdir()) == [
        *(["repeated-f5"]),
        *(f"taken-f{number}" for number in range(5)),
    ]
    collected = [entry for entry in office.entries() if entry[1] == "collected"]
    assert sorted(collected) == sorted(
        (row, "collected", amount) for row in range(1, len(POINTS) + 1) for amount in (4_000, 100)
    )
    assert verify_store(store).problems == ()
    office.hub.registry.close()


def counted(office: Handed, number: int) -> tuple[object, ...]:
    row = office.rows(exchange.exchange_arrivals)[number]
    return (
        *(row.state, row.rows, row.applied, row.noted),
        *(row.waiting, row.refused, row.repeated),
    )


def test_two_workers_on_one_file(sqlite_store: Store, tmp_path: Path) -> None:
    """The second one takes it while the first one reads: each row counts once."""
    office = Handed(sqlite_store, tmp_path)
    office.lot([(10_000,)])
    agency = InboxAgency(tmp_path)
    office.agencies["tutela"] = agency
    first, second = Worker(office, agency), Worker(office, InboxAgency(tmp_path))
    sent(office, tmp_path, 0)
    reads = iter((False, False, False, False, True))

    def overtaken(page: int) -> None:
        if next(reads, False):
            take_in(second.hub, CLOCK, TODAY)

    agency.between = overtaken
    (report,) = take_in(first.hub, CLOCK, TODAY).files
    assert counted(office, 0) == ("taken", 6, 4, 0, 1, 1, 0)
    assert report.state == "taken"
    assert [kind for _, kind, _ in office.entries()].count("collected") == 2
    for each in (first, second):
        each.hub.registry.close()


class Worker:
    """Another process's hub on the same database."""

    def __init__(self, office: Handed, agency: InboxAgency) -> None:
        from incasso.services.hub.hub import Hub
        from incasso.testing.fakes.registry import config_of, registry_of

        fakes = {"tutela": agency}
        config = config_of(fakes, path=office.hub.config.path)
        registry = registry_of(fakes, config=config, now=office.office.clock, patience=30.0)
        self.hub = Hub(
            config=config, store=office.store, registry=registry, now=office.office.clock
        )
