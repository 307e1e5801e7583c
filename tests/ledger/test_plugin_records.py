"""A plugin's wrong record is one row in quarantine, and a source that breaks stops no other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from incasso.contract.capabilities import ConnectorCapability
from incasso.contract.ledger import PersonRecord
from incasso.contract.values import Page
from incasso.domain.office.actor import CLOCK
from incasso.services.hub.hub import Hub
from incasso.services.ledger.pull import pull
from incasso.services.ledger.sync import sync
from incasso.services.running import setup
from incasso.services.running.cycle import run
from incasso.store.engine import Store
from incasso.testing.fakes.connector import FakeConnector
from incasso.testing.fakes.registry import config_of, registry_of
from incasso.testing.hostile import streams
from tests.ledger.office import NOW, ON, Books, Export, client, item

NOON = datetime(2026, 10, 31, 12, tzinfo=UTC)


@pytest.fixture
def export() -> Export:
    """What the test writes into the ledger of the company."""
    return Export()


@pytest.fixture
def books(store: Store, tmp_path: Path, export: Export) -> Iterator[Books]:
    """A company that nothing was read of."""
    books = Books(store, tmp_path, export)
    yield books
    books.hub.registry.close()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("residual", 100.0),
        ("residual", Decimal("NaN")),
        ("due_date", NOON),
        ("due_date", "2026-10-31"),
        ("document_number", None),
        ("payment_method", "riba"),
        ("installment_number", True),
        ("reminders", 2**40),
        ("notes", "nul\0"),
        ("notes", "half \ud800"),
        ("key", "nul\0"),
    ],
)
def test_one_wrong_field_costs_one_row(
    books: Books, export: Export, field: str, value: object
) -> None:
    bad = msgspec.structs.replace(item("A2"), **{field: value})
    export.rows = [item("A1"), bad, item("A3")]
    report = books.sync()
    assert report.good and (report.counts.new, report.counts.quarantined) == (2, 1)
    [refused] = books.waiting()
    assert (refused.field, refused.file, refused.row) == (field, "scadenzario.csv", 3)
    assert refused.hint


def test_the_quarantine_names_plugin_record_and_field(books: Books, export: Export) -> None:
    export.rows = [item("A1", residual="1.00"), _with(item("A2"), residual=10.5)]
    books.sync()
    [refused] = books.waiting()
    assert refused.key == "A2"
    assert refused.problem == (
        "the plugin acme gave float 10.5, not Decimal (InstallmentRecord.residual)"
    )


def test_a_wrong_client_is_one_row_too(books: Books, export: Export) -> None:
    export.clients = [client(), _with(client("C2"), name=None)]
    export.rows = [item("A1")]
    report = books.sync()
    assert report.good and report.counts.new == 1
    assert [(each.key, each.field) for each in books.waiting()] == [("C2", "name")]


def test_a_wrong_agent_is_kept_aside(store: Store, tmp_path: Path) -> None:
    export = Export([ConnectorCapability.PEOPLE])
    people: Any = PersonRecord(code="1", name="Neri"), PersonRecord(code="2", name=None)  # type: ignore[arg-type]
    export.always("erp_pull_agents", streams(Page(items=people)))
    books = Books(store, tmp_path, export)
    export.rows = [item("A1")]
    assert books.sync().good
    assert [(each.key, each.field) for each in books.waiting()] == [("2", "name")]
    books.hub.registry.close()


def test_a_source_that_breaks_the_hub_stops_no_other(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = FakeConnector([client()], [item("A1")], capabilities=())
    fakes = {"bad": FakeConnector([client()], [item("A1")], capabilities=()), "good": good}
    config = config_of(fakes, path=tmp_path / "plugins.toml")
    hub = Hub(
        config=config, store=store, registry=registry_of(fakes, config=config), now=lambda: NOW
    )
    setup.init(hub)

    def breaks(hub: Hub, handle: Any, *rest: Any, **more: Any) -> Any:
        if handle.id == "bad":
            raise ZeroDivisionError("whatever a plugin's row did")
        return pull(hub, handle, *rest, **more)

    monkeypatch.setattr("incasso.services.ledger.sync.pull", breaks)
    reports = [sync(hub, CLOCK, name, ON) for name in ("bad", "good")]
    assert [report.good for report in reports] == [False, True]
    assert "ZeroDivisionError: whatever a plugin's row did" in reports[0].reasons[0]
    assert [each.good for each in run(hub, CLOCK, ON).syncs] == [False, True]
    hub.registry.close()


def _with(record: Any, **fields: object) -> Any:
    return msgspec.structs.replace(record, **fields)
