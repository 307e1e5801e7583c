"""Killed at any instant and planned again, a day comes to what it would have been undisturbed."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeAlias
from zlib import crc32

import pytest
import sqlalchemy as sa

from incasso.contract.media import Medium
from incasso.domain.recovery.iters import Grouping, Mode
from incasso.domain.recovery.matching import Match
from incasso.services.cases.progress import count_steps
from incasso.services.proof.verify import verify_store
from incasso.store.engine import Store
from incasso.store.ledger import totals
from incasso.store.recovery import agenda
from incasso.store.tables.ledger import clients, installments
from incasso.store.tables.recovery import (
    agreement_installments,
    agreements,
    cases,
    iter_versions,
    iters,
    step_cases,
    steps,
)
from tests.agenda import first_look
from tests.agreeing import agreed
from tests.databases import migrated_store
from tests.killing import ENOUGH, FEWER, Victim, victim
from tests.recovery.office import TODAY, Office, after, call, letters, stage

A_DAY = 5
"""Kills, at most."""

CLIENTS, EACH = 120, 20

Picture: TypeAlias = dict[str, list[str]]


@pytest.mark.kill
@pytest.mark.slow
def test_a_killed_plan_planned_again_is_the_plan_never_killed(
    store: Store, hub_url: str, tmp_path: Path
) -> None:
    """A twin that nobody kills lives through the same days, in pages of the usual size."""
    twin_store = migrated_store(tmp_path / "twin.db", tmp_path)
    office, twin = opened(store), opened(twin_store)
    killing = Killing(random.Random(20261123))
    with victim("tests.recovery.kill_worker", hub_url, tmp_path) as planner:
        for day in itertools.count(step=3):
            for one in (office, twin):
                one.on = TODAY + timedelta(days=day)
                one.trust(one.on)
                live(one, day)
            twin.plan()
            killing.plan(planner, office, picture(twin))
            assert picture(office) == picture(twin)
            assert office.plan().looked == 0, "planning a planned day finds nothing to do"
            if killing.kills >= FEWER and killing.halfway:
                break
            assert killing.kills < ENOUGH, "no kill came between two pages"
    assert verify_store(store).problems == ()
    twin_store.close()


@dataclass
class Killing:
    """Plans each day again and again until it is planned."""

    chance: random.Random
    kills: int = 0
    halfway: int = 0
    """Kills that came between the first page and the last."""
    usual: float = 1.0
    """Seconds of an undisturbed plan."""

    def plan(self, planner: Victim, office: Office, right: Picture) -> None:
        """Plan one day, killed at most so many times; the last plan finishes."""
        before = picture(office)
        for _ in range(A_DAY):
            patience = self.chance.uniform(0, 0.6 * self.usual)
            killed, _ = planner.run(office.on, kill_after=patience)
            self.kills += killed
            self.halfway += killed and picture(office) not in (before, right)
        _, worked = planner.run(office.on)
        self.usual = max(worked, 0.7 * self.usual)


def opened(store: Store) -> Office:
    """An office with three iters that share their clients: steps wait, join and are merged."""
    office = Office(store)
    office.publish(
        letters(
            stage("reminder", -4),
            stage("one", 3),
            after("two", 3, mode=Mode.APPROVE),
            call("phone", 3),
            match=Match(unpaid=False, areas=("north",)),
        ),
        letters(
            stage("first", 2, channels=(Medium.PEC, Medium.EMAIL)),
            after("last", 6, mode=Mode.APPROVE),
            key="shared",
            grouping=Grouping.CLIENT,
            priority=200,
        ),
    )
    people = [
        {
            "source_id": office.source,
            "code": f"C{number:03}",
            "name": f"Ditta {number}",
            "email": f"c{number}@example.it" if number % 7 else "",
            "area": "north" if number % 2 else "south",
            "country": "IT" if number % 5 else "FR",
        }
        for number in range(CLIENTS)
    ]
    with store.write() as connection:
        connection.execute(sa.insert(clients), people)
    return office


def live(office: Office, day: int) -> None:
    """What happens until the morning of a day: the same in every office, whatever its row ids."""
    owners = {row.code: row.id for row in office.rows(sa.select(clients.c.code, clients.c.id))}
    new = EACH * CLIENTS if day == 0 else CLIENTS // 2
    with office.store.write() as connection:
        chosen = [
            row.id
            for row in connection.execute(sa.select(steps, clients.c.code).join(clients))
            if row.status == "ready"  # a proposed one waits for a person, and stays
            and crc32(f"{row.code} {row.stage} {day}".encode()) % 3
        ]
        count_steps(connection, chosen, office.on)
        rows = [debt(office, owners, f"R{day}-{number}") for number in range(new)]
        last = connection.scalar(sa.select(sa.func.max(installments.c.id))) or 0
        connection.execute(sa.insert(installments), rows)
        agenda.review_new(connection, office.source, last, office.on)
        for row in connection.execute(sa.select(installments)).all():
            happens(office, connection, row, crc32(f"{row.key} {day}".encode()) % 100)
        totals.count_all(connection, office.on)


def debt(office: Office, owners: dict[str, int], key: str) -> dict[str, Any]:
    chance = random.Random(key)
    residual = chance.randint(-6000, -1) if chance.random() < 0.04 else chance.randint(100, 90_000)
    return {
        "source_id": office.source,
        "client_id": owners[f"C{chance.randrange(CLIENTS):03}"],
        "key": key,
        "document_kind": "invoice" if residual > 0 else "credit_note",
        "due_date": office.on + timedelta(days=chance.randint(-12, 8)),
        "amount": residual,
        "residual": residual,
        "currency": chance.choice(("EUR", "EUR", "USD")),
        "payment_method": chance.choice(("transfer", "riba")),
    }


def happens(office: Office, connection: sa.Connection, row: Any, fate: int) -> None:
    """A few are paid, come back unpaid, or are promised."""
    values: dict[str, Any] = {}
    if row.status == "open" and fate < 6:
        values = {"status": "paid", "residual": 0}
    elif row.status == "paid" and fate < 20:
        values = {"status": "open", "residual": row.amount, "unpaid_on": office.on}
    elif row.status == "open" and row.residual > 0 and fate < 10:
        promised = {
            "kind": "promise" if fate < 8 else "hold",
            "source_id": row.source_id,
            "client_id": row.client_id,
            "installment_id": row.id,
            "currency": row.currency,
            "from_on": office.on,
            "made_on": office.on,
            "until_on": office.on + timedelta(days=fate),
        }
        agreed(connection, **promised)
        values = {"residual": row.residual}
    if values:
        change = sa.update(installments).where(installments.c.id == row.id)
        connection.execute(change.values(**values))
        agenda.review_on(connection, [row.id], office.on)


def picture(office: Office) -> Picture:
    """What was planned, by its own names: row ids may differ after a kill, and nobody may mind."""
    own_stage = iter_versions.c.id == cases.c.iter_version_id
    a_case = (
        sa.select(installments.c.key, first_look(), iters.c.key, *_told(cases))
        .add_columns(cases.c.step_id.is_not(None))
        .join(installments, installments.c.id == cases.c.installment_id)
        .join(iter_versions, own_stage)
        .join(iters, iters.c.id == iter_versions.c.iter_id)
    )
    a_step = sa.select(clients.c.code, *_told(steps)).join(clients)
    a_member = (
        sa.select(installments.c.key, *_told(step_cases), clients.c.code, *_told(steps))
        .join(cases, cases.c.id == step_cases.c.case_id)
        .join(installments, installments.c.id == cases.c.installment_id)
        .join(steps, steps.c.id == step_cases.c.step_id)
        .join(clients, clients.c.id == steps.c.client_id)
    )
    an_item = sa.select(installments.c.key, first_look(), installments.c.status)
    about = agreement_installments.c
    a_promise = (
        sa.select(installments.c.key, *_told(agreements))
        .join(agreement_installments, about.agreement_id == agreements.c.id)
        .join(installments, installments.c.id == about.installment_id)
    )
    queries = {
        "cases": a_case,
        "steps": a_step,
        "members": a_member,
        "items": an_item,
        "promises": a_promise,
    }
    with office.store.read() as connection:
        return {
            name: sorted(repr(tuple(row)) for row in connection.execute(query))
            for name, query in queries.items()
        }


def _told(table: sa.Table) -> list[sa.Column[Any]]:
    """Every column but the numbers of rows."""
    return [column for column in table.c if column.name != "id" and not column.foreign_keys]
