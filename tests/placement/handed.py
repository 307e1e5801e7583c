"""An office with a lot at an agency: what was handed over, and what comes back of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Row

from incasso.contract.exchange import (
    ActivityResult,
    ClosingReason,
    PlacementRef,
    PlacementUpdate,
    RefusalReason,
    ReturnSheet,
    Service,
    UpdateKind,
)
from incasso.contract.values import Money
from incasso.domain.office.actor import CLOCK
from incasso.domain.placement.names import placement_name, row_name
from incasso.domain.placement.states import LotState, PlacementState, RowState
from incasso.domain.recovery.states import CaseState
from incasso.services.placement.take import ExchangeReport, take_in
from incasso.store.engine import Store
from incasso.store.tables import exchange, ledger, placement, recovery
from incasso.testing.fakes.provider import FakeProvider
from tests.sending.office import Office

HANDED = date(2026, 6, 1)
UNTIL = date(2026, 12, 31)
TODAY = date(2026, 11, 23)
LOT = "L-2026-0001"


class Handed:
    """The office, the agency, and the names of what it got."""

    def __init__(self, store: Store, folder: Path, *agencies: str) -> None:
        self.store = store
        self.agencies = {name: FakeProvider() for name in agencies or ("tutela",)}
        self.office = Office(store, self.agencies, folder)
        self.hub = self.office.hub
        self._updates = 0

    @property
    def agency(self) -> FakeProvider:
        """The first one."""
        return next(iter(self.agencies.values()))

    def lot(
        self,
        clients: Sequence[Sequence[int]] = ((10_000, 5_000),),
        *,
        code: str = LOT,
        provider: str = "tutela",
    ) -> list[list[int]]:
        """Hand a lot over, a placement of these residuals for each client; gives its rows."""
        with self.store.write() as connection:
            lot = _insert(
                connection,
                placement.lots,
                code=code,
                source_id=self.office.source,
                provider=provider,
                service=Service.EXTRAJUDICIAL,
                state=LotState.HANDED_OVER,
                composed_on=HANDED,
                handed_on=HANDED,
                until=UNTIL,
                digest="ab" * 32,
            )
        return [self._placement(lot, residuals) for residuals in clients]

    def _placement(self, lot: int, residuals: Sequence[int]) -> list[int]:
        step = self.office.step(amounts=residuals)
        with self.store.write() as connection:
            cases = connection.execute(
                sa.select(recovery.cases)
                .where(recovery.cases.c.step_id == step)
                .order_by(recovery.cases.c.id)
            ).all()
            number = _insert(
                connection,
                placement.placements,
                lot_id=lot,
                client_id=cases[0].client_id,
                currency="EUR",
                state=PlacementState.HANDED_OVER,
                total=sum(residuals),
            )
            connection.execute(
                sa.update(recovery.cases)
                .where(recovery.cases.c.step_id == step)
                .values(state=CaseState.PLACED, step_id=None)
            )
            connection.execute(sa.delete(recovery.step_cases))
            cancelled = sa.update(recovery.steps).where(recovery.steps.c.id == step)
            connection.execute(cancelled.values(status="cancelled", total=0))
            return [
                _insert(
                    connection,
                    placement.placement_rows,
                    placement_id=number,
                    installment_id=case.installment_id,
                    case_id=case.id,
                    state=RowState.PLACED,
                    residual=residual,
                    days_late=100,
                )
                for case, residual in zip(cases, residuals, strict=True)
            ]

    # What the agency says.

    def says(
        self,
        kind: UpdateKind,
        amount: str = "",
        *,
        id: str = "",
        place: int = 1,
        row: int | None = None,
        day: date = date(2026, 7, 1),
        **more: Any,
    ) -> PlacementUpdate:
        """A report about a placement; its id counts unless it is given."""
        self._updates += 1
        return PlacementUpdate(
            placement=more.pop("ref", PlacementRef(ours=placement_name(place) if place else "")),
            update_id=id or f"u{self._updates}",
            at=datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=10),
            on=day,
            kind=kind,
            row=row_name(row) if row else "",
            amount=Money(amount=Decimal(amount), currency=more.pop("currency", "EUR"))
            if amount
            else None,
            **more,
        )

    def pays(self, amount: str, **more: Any) -> PlacementUpdate:
        return self.says(UpdateKind.PAYMENT, amount, **more)

    def takes_back(self, payment: str, amount: str = "", **more: Any) -> PlacementUpdate:
        return self.says(UpdateKind.REVERSAL, amount, corrects=payment, **more)

    def closes(self, reason: ClosingReason, **more: Any) -> PlacementUpdate:
        return self.says(UpdateKind.CLOSED, closing=reason, **more)

    def refuses(self, **more: Any) -> PlacementUpdate:
        return self.says(UpdateKind.REFUSED, refused=RefusalReason.TERRITORY, **more)

    def calls(self, **more: Any) -> PlacementUpdate:
        return self.says(UpdateKind.ACTIVITY, medium="call", result=ActivityResult.REACHED, **more)

    # What comes of it.

    def take(
        self, *updates: PlacementUpdate, name: str = "", on: date = TODAY, **head: Any
    ) -> ExchangeReport:
        """The agency leaves a file, and the office takes it in."""
        self.agency.leave_file(
            name or f"f{len(self.agency.files)}.jsonl", ReturnSheet(**head), updates
        )
        return self.take_in(on)

    def take_in(self, on: date = TODAY) -> ExchangeReport:
        return take_in(self.hub, CLOCK, on)

    def rows(self, table: sa.Table) -> list[Row[Any]]:
        with self.store.read() as connection:
            return list(connection.execute(sa.select(table).order_by(table.c.id)))

    def updates(self) -> Mapping[str, Row[Any]]:
        return {row.update_id: row for row in self.rows(exchange.exchange_updates)}

    def standing(self) -> Mapping[str, tuple[str, str]]:
        """What became of each report that is kept."""
        return {name: (row.standing, row.problem) for name, row in self.updates().items()}

    def refusals(self) -> list[tuple[str, str]]:
        return [(row.update_id, row.code) for row in self.rows(exchange.exchange_refusals)]

    def entries(self) -> list[tuple[int, str, int]]:
        return [
            (row.row_id, row.kind, row.amount) for row in self.rows(placement.placement_entries)
        ]

    def placement(self, number: int = 1) -> Row[Any]:
        return self.rows(placement.placements)[number - 1]

    def placed_row(self, number: int) -> Row[Any]:
        return next(row for row in self.rows(placement.placement_rows) if row.id == number)

    def erp_says(self, row: int, residual: int, status: str = "open") -> None:
        """The ledger has another residual of a placed installment now."""
        placed = self.placed_row(row)
        with self.store.write() as connection:
            connection.execute(
                sa.update(ledger.installments)
                .where(ledger.installments.c.id == placed.installment_id)
                .values(residual=residual, status=status if residual else "paid")
            )


def _insert(connection: sa.Connection, table: sa.Table, **values: Any) -> int:
    return int(
        connection.execute(sa.insert(table).values(**values).returning(table.c.id)).scalar_one()
    )
