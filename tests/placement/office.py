"""An office with some late clients, written straight into the tables, and its providers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from incasso.contract.exchange import Service
from incasso.domain.office.actor import Actor, Role, person
from incasso.domain.placement.providers import (
    DataAgreement,
    Licence,
    Mandate,
    Provider,
    ProviderKind,
)
from incasso.services.hub.hub import Hub
from incasso.services.placement import in_hand
from incasso.services.placement.compose import Composition, Order, compose
from incasso.services.placement.takers import takers
from incasso.store.engine import Store
from incasso.store.placement.lots import Lot
from incasso.store.placement.providers import publish_provider
from incasso.store.proof import journal
from incasso.store.tables import ledger, placement
from incasso.testing.fakes.provider import FakeProvider
from incasso.testing.fakes.registry import config_of, registry_of
from tests.acts import office
from tests.doing import people
from tests.summing import sum_up

ON = date(2026, 11, 23)
LATE = date(2026, 9, 1)
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
ANNA = person("anna", Role.CREDIT_MANAGER)


def agency(key: str, **values: Any) -> Provider:
    """A provider with all its papers, carried by the instance of the same name."""
    usual: dict[str, Any] = {
        "kind": ProviderKind.AGENCY,
        "instance": key,
        "services": tuple(Service),
        "mandate": Mandate(number="M-1", since=date(2026, 1, 1), lot_days=60),
        "licences": tuple(
            Licence(number="12", office="Torino", article=article, until=date(2027, 12, 31))
            for article in (115, 134)
        ),
        "data_agreement": DataAgreement(since=date(2026, 1, 1)),
    }
    return Provider(key=key, **{**usual, **values})


def hub_with(
    store: Store,
    folder: Path,
    fakes: Mapping[str, FakeProvider],
    *,
    now: Callable[[], datetime] = lambda: NOW,
    **settings: Any,
) -> Hub:
    """A hub with these agencies; `settings` are of `[hub]`."""
    config = config_of(fakes, path=folder / "plugins.toml")
    for name, value in settings.items():
        object.__setattr__(config, name, value)
    registry = registry_of(fakes, now=now, config=config)
    return Hub(config=config, store=store, registry=registry, now=now)


class Placing:
    """A hub with fake providers; clients are made as tests need them."""

    def __init__(
        self,
        store: Store,
        folder: Path,
        *providers: str,
        alfa: FakeProvider | None = None,
        **settings: Any,
    ) -> None:
        """`settings`: of `[hub]`; `alfa`: an agency that behaves in its own way."""
        self.store = store
        self.fakes = {name: FakeProvider() for name in providers or ("alfa", "beta")}
        if alfa is not None:
            self.fakes["alfa"] = alfa
        self.at = NOW
        self.hub = hub_with(store, folder, self.fakes, now=lambda: self.at, **settings)
        people(store)
        with store.write() as connection:
            self.source = office.source(connection, "acme")
            self.version = office.iter_version(connection)
            good = {"last_good_sync_at": NOW, "last_good_sync_on": ON}
            connection.execute(sa.update(ledger.sources).values(good))
            for name in self.fakes:
                publish_provider(connection, agency(name), at=NOW, by="test")
            made = journal.Event(kind="providers.published", actor="test", on=ON)
            journal.record(connection, [made], at=NOW)

    def client(
        self, code: str, *amounts: int, due: date = LATE, cased: bool = False, **values: Any
    ) -> list[int]:
        """A client with an open invoice of each amount, `C1/1`, `C1/2`; their numbers."""
        usual = {"phone": "011 555", "address": "Via Po 1", "city": "Torino", "province": "TO"}
        with self.store.write() as connection:
            number = office.client(
                connection, self.source, code, f"Ditta {code}", **{**usual, **values}
            )
            made = [
                office.installment(connection, number, f"{code}/{n}", amount, due)
                for n, amount in enumerate(amounts, 1)
            ]
            if cased:
                for each in made:
                    office.case(connection, each, self.version, next_due_on=ON)
        return made

    def pay(self, key: str, residual: int = 0) -> None:
        """The ERP heard of a payment."""
        table = ledger.installments
        values = {"residual": residual, "status": "open" if residual else "paid"}
        with self.store.write() as connection:
            connection.execute(sa.update(table).where(table.c.key == key).values(values))
            sum_up(connection, ON)

    def compose(self, *among: str, by: Actor = ANNA, **order: Any) -> Composition:
        """Compose by the phone for alfa unless told otherwise."""
        wanted = Order(**{"service": Service.PHONE, "among": among or ("alfa",), **order})
        against = takers(self.hub, wanted.among)
        return compose(self.hub, by, wanted, ON, against=against, until={})

    def freeze(self, code: str) -> in_hand.Frozen:
        """Freeze a lot."""
        with self.store.read() as connection:
            table = placement.lots
            query = sa.select(table.c.provider).where(table.c.code == code)
            provider = str(connection.scalar(query))
        return in_hand.freeze(self.hub, ANNA, code, ON, against=takers(self.hub, [provider]))

    def approve(self, code: str, by: Actor = ANNA) -> Lot:
        """Approve it."""
        return in_hand.approve(self.hub, by, code, ON)

    def ready(self, *among: str, **order: Any) -> Lot:
        """A lot that may be sent."""
        code = self.compose(*among, **order).lots[0].lot
        self.freeze(code)
        return self.approve(code)

    def rows(self, table: sa.Table, *names: str) -> Sequence[Any]:
        """Some columns of all rows, by number."""
        with self.store.read() as connection:
            columns = (table.c[name] for name in names)
            return connection.execute(sa.select(*columns).order_by(table.c.id)).all()

    def inside(self, lot: str) -> Mapping[str, int]:
        """What a lot that has not left holds: residuals by key of the installment."""
        rows, lots = placement.placement_rows, placement.lots
        query = (
            sa.select(ledger.installments.c.key, rows.c.residual)
            .join(rows, rows.c.installment_id == ledger.installments.c.id)
            .join(placement.placements, placement.placements.c.id == rows.c.placement_id)
            .join(lots, lots.c.id == placement.placements.c.lot_id)
            .where(lots.c.code == lot, rows.c.state == "composed")
        )
        with self.store.read() as connection:
            return dict(connection.execute(query).all())
