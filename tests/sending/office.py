"""A small office for tests: clients with open installments, an iter, and steps ready to leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from incasso.contract.media import Medium
from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.iters import AdvanceOn, Iter, Mode, Otherwise, Stage
from incasso.plugins.settings.config import Company
from incasso.services.hub.hub import Hub
from incasso.store.engine import Store
from incasso.store.recovery import iters
from incasso.store.tables import ledger, recovery, sending
from incasso.testing.fakes.registry import Fake, config_of, registry_of
from tests.summing import sum_up, wrote

ON = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ACME = Company(
    name="ACME Forniture srl",
    address=("Via Roma 1", "10121 Torino (TO)"),
    iban="IT60X0542811101000000123456",
    email="crediti@acme.example.it",
    responsible_email="capo@acme.example.it",
)
NOTICE = Stage(key="sollecito", channels=(Medium.EMAIL, Medium.PEC), template="primo_sollecito")
PROVEN = Stage(
    key="diffida",
    days=15,
    channels=(Medium.PEC, Medium.REGISTERED),
    template="ultimo_avviso",
    advance_on=AdvanceOn.DELIVERED,
    proof_days=3,
    otherwise=Otherwise.FALLBACK,
)
PARKING = Stage(key="legale", days=50, action=Action.PARK, container="legal")
ITER = Iter(key="bonifico", min_gap_days=5, stages=(NOTICE, PROVEN, PARKING))


class Clock:
    """An instant that tests move by hand."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> None:
        """Let time pass."""
        self.at += timedelta(**by)


class Office:
    """Builds rows and reads what became of them."""

    def __init__(self, store: Store, fakes: Mapping[str, Fake], folder: Path) -> None:
        self.store = store
        self.clock = Clock()
        config = config_of(fakes, path=folder / "plugins.toml", companies={"acme": ACME})
        registry = registry_of(fakes, now=self.clock, config=config)
        self.hub = Hub(config=config, store=store, registry=registry, now=self.clock)
        with store.write() as connection:
            self.source = _insert(
                connection, ledger.sources, name="acme", last_good_sync_at=NOW, last_good_sync_on=ON
            )
            iters.publish(connection, ITER, at=NOW, by="test")
            self.version = int(connection.scalar(sa.select(recovery.iter_versions.c.id)) or 0)
        self._clients = 0

    @property
    def at(self) -> datetime:
        """The present instant."""
        return self.clock.at

    def client(self, **fields: Any) -> int:
        """A client who can be written to; give fields to change that."""
        with self.store.write() as connection:
            return self._client(connection, fields)

    def step(
        self,
        client: int | None = None,
        stage: Stage = NOTICE,
        *,
        amounts: Sequence[int] = (10_000,),
        due_on: date = ON,
        **fields: Any,
    ) -> int:
        """A ready step about one new installment per amount, minor units."""
        with self.store.write() as connection:
            return self._step(connection, client, stage, amounts, due_on, fields)

    def many_steps(self, count: int, due_on: date = ON) -> list[int]:
        """So many ready steps of one installment each, every one for a client of its own."""
        with self.store.write() as connection:
            return [
                self._step(connection, None, NOTICE, (10_000,), due_on, {}) for _ in range(count)
            ]

    def _client(self, connection: Connection, fields: Mapping[str, Any]) -> int:
        self._clients += 1
        number = self._clients
        usual = {
            "code": f"C{number}",
            "name": f"Ferramenta Bianchi {number}",
            "email": f"c{number}@example.it",
            "pec": f"c{number}@pec.example.it",
            "address": "Via Po 2",
            "zip": "10121",
            "city": "Torino",
        }
        return _insert(connection, ledger.clients, source_id=self.source, **{**usual, **fields})

    def _step(
        self,
        connection: Connection,
        client: int | None,
        stage: Stage,
        amounts: Sequence[int],
        due_on: date,
        fields: Mapping[str, Any],
    ) -> int:
        client = self._client(connection, {}) if client is None else client
        usual = {
            "stage": stage.key,
            "action": stage.action.value,
            "medium": stage.channels[0].value if stage.channels else "",
            "mode": Mode.AUTO.value,
            "status": "ready",
            "language": "it",
            "template": stage.template,
        }
        step = _insert(
            connection,
            recovery.steps,
            source_id=self.source,
            client_id=client,
            iter_version_id=self.version,
            due_on=due_on,
            total=sum(amounts),
            **{**usual, **fields},
        )
        for number, amount in enumerate(amounts, 1):
            self._case(connection, client, step, stage, f"{step}/{number}", amount)
        wrote(connection, client, ON)
        return step

    def _case(
        self, connection: Connection, client: int, step: int, stage: Stage, key: str, amount: int
    ) -> None:
        installment = _insert(
            connection,
            ledger.installments,
            source_id=self.source,
            client_id=client,
            key=key,
            document_number=f"FT {key}",
            document_date=date(2026, 9, 1),
            due_date=date(2026, 10, 1),
            amount=amount,
            residual=amount,
            payment_method="transfer",
        )
        case = _insert(
            connection,
            recovery.cases,
            source_id=self.source,
            client_id=client,
            installment_id=installment,
            iter_version_id=self.version,
            step_id=step,
            opened_on=ON,
            next_stage=stage.key,
        )
        connection.execute(
            sa.insert(recovery.step_cases),
            {"step_id": step, "case_id": case, "stage": stage.key, "residual": amount},
        )

    def pay(self, key: str, residual: int = 0) -> None:
        """The ledger learns of a payment, after planning and before sending."""
        status = "open" if residual else "paid"
        with self.store.write() as connection:
            connection.execute(
                sa.update(ledger.installments)
                .where(ledger.installments.c.key == key)
                .values(residual=residual, status=status)
            )
            sum_up(connection, ON)

    def trust_ledger(self, on: date = ON) -> None:
        """The ledger was read well just now."""
        read = {"last_good_sync_at": self.clock.at, "last_good_sync_on": on}
        with self.store.write() as connection:
            connection.execute(sa.update(ledger.sources).values(read))

    def set_step(self, step: int, **values: Any) -> None:
        """What a person or another process does to a step meanwhile."""
        with self.store.write() as connection:
            connection.execute(
                sa.update(recovery.steps).where(recovery.steps.c.id == step).values(**values)
            )

    def step_row(self, step: int) -> Row[Any]:
        """The step as it is now."""
        with self.store.read() as connection:
            return connection.execute(
                sa.select(recovery.steps).where(recovery.steps.c.id == step)
            ).one()

    def cases(self, step: int) -> list[Row[Any]]:
        """Cases that the step was made for and that are still in its list."""
        query = (
            sa.select(recovery.cases)
            .join(recovery.step_cases, recovery.step_cases.c.case_id == recovery.cases.c.id)
            .where(recovery.step_cases.c.step_id == step)
        )
        with self.store.read() as connection:
            return list(connection.execute(query.order_by(recovery.cases.c.id)))

    def deliveries(self, step: int | None = None) -> list[Row[Any]]:
        """Deliveries of a step, or all, in the order they were made."""
        query = sa.select(sending.deliveries)
        if step is not None:
            query = query.where(sending.deliveries.c.step_id == step)
        with self.store.read() as connection:
            return list(connection.execute(query.order_by(sending.deliveries.c.sending_at)))

    def delivery(self, step: int) -> Row[Any]:
        """The only delivery of a step."""
        (row,) = self.deliveries(step)
        return row


def _insert(connection: Connection, table: sa.Table, **values: Any) -> int:
    return int(
        connection.execute(sa.insert(table).values(**values).returning(table.c.id)).scalar_one()
    )
