"""A small office for planning tests: its ledger, its iters, its days, on any database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from incasso.contract.media import Medium
from incasso.domain.office.actor import CLOCK
from incasso.domain.recovery.contact_policy import ContactPolicy
from incasso.domain.recovery.iters import Anchor, Iter, Mode, Stage
from incasso.services.cases.progress import count_steps
from incasso.services.hub.hub import Hub
from incasso.services.recovery.plan import plan
from incasso.services.recovery.plan_report import PlanReport
from incasso.store.engine import Store
from incasso.store.recovery import agenda
from incasso.store.recovery import iters as iter_store
from incasso.store.tables.ledger import clients, installments, sources
from incasso.store.tables.reaching import client_contacts, consents
from incasso.store.tables.recovery import cases, step_cases, steps
from tests.agenda import set_look
from tests.summing import owner_of, wrote

TODAY = date(2026, 3, 2)  # a Monday without holidays around it
DUE = date(2026, 2, 1)


def stage(key: str, days: int = 0, **more: Any) -> Stage:
    """A stage that sends an e-mail unless told otherwise."""
    more.setdefault("channels", (Medium.EMAIL,))
    return Stage(key=key, days=days, template=key, **more)


def after(key: str, days: int, **more: Any) -> Stage:
    """A stage counted from the one before it."""
    return stage(key, days, anchor=Anchor.PREVIOUS, **more)


def call(key: str, days: int, **more: Any) -> Stage:
    """A phone call by a person, from the stage before it unless told otherwise."""
    from incasso.domain.recovery.actions import Action
    from incasso.domain.recovery.iters import AdvanceOn

    more.setdefault("anchor", Anchor.PREVIOUS)
    return Stage(
        key=key, days=days, action=Action.CALL, mode=Mode.MANUAL, advance_on=AdvanceOn.DONE, **more
    )


def letters(*stages: Stage, key: str = "bonifico", **more: Any) -> Iter:
    """An iter with these stages."""
    return Iter(key=key, stages=stages, **more)


@dataclass
class Office:
    """A hub database with one company, Acme, whose ledger is good every day."""

    store: Store
    on: date = TODAY
    language: str = "it"
    numbers: dict[str, int] = field(default_factory=dict)
    _open: sa.Connection | None = None

    def __post_init__(self) -> None:
        with self.store.write() as connection:
            made = sa.insert(sources).values(name="acme", country="IT", province="")
            self.source = int(connection.execute(made.returning(sources.c.id)).scalar_one())
        self.trust(self.on)

    @property
    def hub(self) -> Hub:
        """As much of a hub as planning uses."""
        company = SimpleNamespace(max_age_hours=24, country="IT", province="")
        config = SimpleNamespace(
            language=self.language,
            timezone=ZoneInfo("Europe/Rome"),
            companies={},
            dispute_codes=(),
            extension_days=30,
            company=lambda source: company,
        )
        hub: Any = SimpleNamespace(store=self.store, config=config, now=self.now)
        return hub  # type: ignore[no-any-return]

    def now(self) -> datetime:
        """The morning of the business day."""
        return datetime(self.on.year, self.on.month, self.on.day, 7, tzinfo=UTC)

    def trust(self, on: date | None) -> None:
        """The last good sync was on that day."""
        at = None if on is None else datetime(on.year, on.month, on.day, 6, tzinfo=UTC)
        with self.store.write() as connection:
            connection.execute(
                sa.update(sources).values(last_good_sync_on=on, last_good_sync_at=at)
            )

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is said of clients and installments inside is written in one transaction, as a sync
        does it: sums are counted once, at its end."""
        with self.store.write() as self._open:
            try:
                yield
            finally:
                self._open = None

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        if self._open is not None:
            yield self._open
            return
        with self.store.write() as connection:
            yield connection

    def publish(self, *iters: Iter) -> None:
        """Publish iters as the import does."""
        with self.store.write() as connection:
            for one in iters:
                iter_store.publish(connection, one, at=self.now(), by="anna")
            agenda.review_uncased(connection, self.on)

    def publish_policy(self, policy: ContactPolicy) -> None:
        """The office's contact policy."""
        with self.store.write() as connection:
            iter_store.save_setting(connection, "contact_policy", policy)

    def client(self, code: str = "C1", **more: Any) -> int:
        """A client that reads e-mail."""
        values = {"name": f"Ditta {code}", "email": f"{code.lower()}@example.it", "country": "IT"}
        with self._writing() as connection:
            made = sa.insert(clients).values(source_id=self.source, code=code, **(values | more))
            return int(connection.execute(made.returning(clients.c.id)).scalar_one())

    def refuses(self, client: int, medium: str, **more: Any) -> None:
        """The client does not want to be contacted like that."""
        usual = {"kind": "refused", "since": self.on, "made_on": self.on, **more}
        values = {"source_id": self.source, "client_id": client, "medium": medium, **usual}
        with self._writing() as connection:
            connection.execute(sa.insert(consents).values(**values))

    def keeps(self, client: int, role: str, **addresses: str) -> None:
        """The office keeps a contact of the client."""
        values = {"source_id": self.source, "client_id": client, "role": role, **addresses}
        with self._writing() as connection:
            connection.execute(sa.insert(client_contacts).values(**values, made_on=self.on))

    def owes(self, client: int, residual: int = 10_000, due: date = DUE, **more: Any) -> int:
        """An open installment that planning has not seen yet."""
        number = self.numbers["installment"] = self.numbers.get("installment", 0) + 1
        values = {
            "source_id": self.source,
            "client_id": client,
            "key": f"R{number}",
            "due_date": due,
            "amount": residual,
            "residual": residual,
            "payment_method": "transfer",
        }
        look_on = more.pop("look_on", self.on)
        with self._writing() as connection:
            made = sa.insert(installments).values(**(values | more))
            new = int(connection.execute(made.returning(installments.c.id)).scalar_one())
            set_look(connection, look_on, [new])
            wrote(connection, client, self.on)
            return new

    def change(self, installment: int, **values: Any) -> None:
        """The ERP changed an installment, as a sync would write it."""
        look_on = values.pop("look_on", self.on)
        changed = sa.update(installments).where(installments.c.id == installment)
        with self._writing() as connection:
            if values:
                connection.execute(changed.values(**values))
            set_look(connection, look_on, [installment])
            wrote(connection, owner_of(connection, installment), self.on)

    def pay(self, installment: int) -> None:
        """The client paid all of it."""
        self.change(installment, residual=0, status="paid")

    def plan(self, on: date | None = None, *, fresh: bool = True) -> PlanReport:
        """Plan a day; the ledger came in that morning unless told otherwise."""
        self.on = on or self.on
        if fresh:
            self.trust(self.on)
        return plan(self.hub, CLOCK, self.on)

    def days(self, count: int) -> date:
        """A day after today."""
        return TODAY + timedelta(days=count)

    def count(self, *step_ids: int) -> None:
        """The steps were carried out and count today; without ids every automatic one."""
        with self.store.write() as connection:
            chosen: Sequence[int] = step_ids or [
                row.id for row in self.steps("ready") if row.mode == "auto"
            ]
            count_steps(connection, chosen, self.on)

    def rows(self, query: sa.Select[Any]) -> list[Any]:
        """What a query finds."""
        with self.store.read() as connection:
            return list(connection.execute(query).all())

    def steps(self, *statuses: str) -> list[Any]:
        """Steps, oldest first."""
        query = sa.select(steps).order_by(steps.c.id)
        return self.rows(query.where(steps.c.status.in_(statuses)) if statuses else query)

    def cases(self) -> list[Any]:
        """Cases, oldest first."""
        return self.rows(sa.select(cases).order_by(cases.c.id))

    def members(self) -> list[Any]:
        """What is in which step."""
        return self.rows(sa.select(step_cases).order_by(step_cases.c.step_id, step_cases.c.case_id))

    def update(self, table: sa.Table, where: sa.ColumnElement[bool], **values: Any) -> None:
        """Change rows directly."""
        with self.store.write() as connection:
            connection.execute(sa.update(table).where(where).values(**values))

    def look(self, ids: Iterable[int] = ()) -> None:
        """Somebody did something: planning looks today."""
        with self.store.write() as connection:
            set_look(connection, self.on, list(ids) or None)
