"""The sums kept of each client are what its installments add up to, whatever happened, on any day.

What they must be is added up here in plain Python, from the rows of the tables.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from incasso.contract.errors import IncassoError
from incasso.contract.ledger import PaymentMethod
from incasso.domain.acts.act import Act
from incasso.domain.acts.agreements import Extend, Hold
from incasso.domain.acts.assignment import ChooseIter
from incasso.domain.acts.undoing import Undo
from incasso.domain.office.actor import CLOCK
from incasso.domain.recovery.iter_file import IterFile
from incasso.domain.recovery.iters import Iter
from incasso.domain.recovery.matching import Match
from incasso.services.office.actors import person_named
from incasso.services.office.totals import recount, roll, wrong_totals
from incasso.services.proof.verify import verify_store
from incasso.services.recovery.iters import publish
from incasso.services.recovery.plan import plan
from incasso.store.engine import Store
from incasso.store.ledger import totals
from incasso.store.tables.ledger import clients, installments, sources
from incasso.store.tables.recovery import agreements, cases, iter_versions
from incasso.store.tables.totals import client_cases, client_totals
from tests.databases import migrated_store
from tests.doing import do, people
from tests.ledger.office import ON, Books, Export, client, item
from tests.profiles import tries
from tests.recovery.office import letters, stage

KEYS: Final = tuple(f"F{number}" for number in range(8))
SPLIT: Final = (("late_1", 30), ("late_31", 60), ("late_61", 90), ("late_91", 180))
TOMORROW: Final = timedelta(days=1)


class Life:
    """An office to which things happen, and the ledger that its ERP shows it."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.export = Export()
        self.books = Books(store, folder, self.export, max_age_hours=100_000)
        self.store = store
        self.on = ON
        self.rows: dict[str, dict[str, Any]] = {}
        people(store)
        self.export.clients = [client(code, category=code) for code in ("C1", "C2", "C3")]
        self.publish(10)

    def publish(self, grace: int) -> None:
        """The office leaves bills to the bank for so long."""
        own = letters(stage("one", 3), key="riba", priority=1, bank_grace_days=grace)
        riba = letters_for(own, Match(payment_methods=(PaymentMethod.RIBA,)))
        rest = letters(stage("one", 3), key="rest", priority=2, bank_grace_days=2)
        file = IterFile(iters=(riba, rest))
        publish(self.books.hub, person_named(self.books.hub, "anna"), file, on=self.on)

    def read(self, *, confirm: bool) -> None:
        """The ERP's rows as they are now."""
        rows = [item(key, **fields) for key, fields in self.rows.items()]
        report = self.books.read(*rows, on=self.on, confirm=confirm)
        assert report.good or not confirm, report.reasons

    def act(self, act: Act) -> None:
        """Somebody does something, if it can be done."""
        with suppress(IncassoError):
            do(self.books.hub, act, on=self.on)

    def plan(self) -> None:
        """Plan the day."""
        plan(self.books.hub, CLOCK, self.on)

    def close(self) -> None:
        """Let go of it."""
        self.books.hub.registry.close()


def letters_for(one: Iter, match: Match) -> Iter:
    """The same iter, for some."""
    return msgspec.structs.replace(one, match=match)


def kept(store: Store, on: date) -> dict[tuple[str, str], dict[str, Any]]:
    """What a page would show on that day."""
    with store.read() as connection:
        table = totals.current(connection, on)
        owner = sa.select(clients.c.id, clients.c.code)
        codes = {row.id: row.code for row in connection.execute(owner)}
        rows = [dict(row._mapping) for row in connection.execute(sa.select(table))]
    for row in rows:
        del row["counted_on"], row["stale_on"]
    return {(codes[row.pop("client_id")], row.pop("currency")): row for row in rows}


def added_up(store: Store, on: date) -> dict[tuple[str, str], dict[str, Any]]:
    """The same, by hand."""
    with store.read() as connection:
        rows = connection.execute(
            sa.select(installments, clients.c.code, clients.c.iter_override.label("of_client"))
            .join(clients, clients.c.id == installments.c.client_id)
            .where(installments.c.status == "open")
        ).all()
        graces = Graces(connection)
        later: dict[int, date] = defaultdict(lambda: date.min)
        for one in connection.execute(sa.select(agreements).where(agreements.c.status == "active")):
            if one.kind == "extension":
                later[one.installment_id] = max(later[one.installment_id], one.until_on)
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        due = max(row.due_date, later[row.id])
        at_bank = row.residual > 0 and is_at_bank(row, on, graces)
        days = (on - due).days
        place = place_of(row.residual, days, at_bank)
        sums = found.setdefault((row.code, row.currency), nothing())
        sums[place] += row.residual
        sums[f"{place}_items"] += 1
        if place.startswith("late"):
            sums["overdue"] += row.residual
            sums["oldest_overdue_on"] = min(sums["oldest_overdue_on"] or due, due)
        if row.residual > 0 and row.unpaid_on is not None:
            sums["returned"] += row.residual
        if at_bank:
            sums["at_bank"] += row.residual
    return found


def nothing() -> dict[str, Any]:
    """The sums of nobody."""
    places = ("not_due", *(name for name, _ in SPLIT), "late_181", "credits")
    zeros: dict[str, Any] = dict.fromkeys([*places, *(f"{name}_items" for name in places)], 0)
    return zeros | {"overdue": 0, "returned": 0, "at_bank": 0, "oldest_overdue_on": None}


def place_of(residual: int, days: int, at_bank: bool) -> str:
    """The band of so many days late."""
    if residual <= 0:
        return "credits"
    if at_bank or days <= 0:
        return "not_due"
    return next((name for name, last in SPLIT if days <= last), "late_181")


class Graces:
    """How long each bill is left to the bank."""

    def __init__(self, connection: sa.Connection) -> None:
        self.source = connection.execute(sa.select(sources.c.bank_grace_days)).scalar_one()
        versions = connection.execute(sa.select(iter_versions)).all()
        own = {one.id: one.definition.get("bank_grace_days") for one in versions}
        running = sa.select(cases).where(cases.c.state != "closed")
        self.of_case = {
            one.installment_id: own[one.iter_version_id] for one in connection.execute(running)
        }
        self.published = {
            one.definition["key"]: own[one.id] for one in versions if one.status == "published"
        }

    def of(self, row: Any) -> int:
        """In days."""
        chosen = row.iter_override or row.of_client
        if row.id in self.of_case:
            days = self.of_case[row.id]
        elif chosen:
            days = self.published.get(chosen)
        else:
            days = self.published["riba" if row.payment_method == "riba" else "rest"]
        return int(self.source if days is None else days)


def is_at_bank(row: Any, on: date, graces: Graces) -> bool:
    """Whether the bank may still pay it."""
    if row.erp_hold == "at_bank":
        return True
    if row.presented_on is None or row.unpaid_on is not None:
        return False
    return row.payment_method in ("riba", "sdd") and (on - row.due_date).days <= graces.of(row)


def running(store: Store) -> dict[int, int]:
    """Running cases by client, one by one."""
    with store.read() as connection:
        query = sa.select(cases.c.client_id).where(cases.c.state != "closed")
        return Counter(connection.scalars(query))


def right(life: Life) -> None:
    """Everything is as it adds up, today and on other days."""
    store = life.store
    for days in (0, 1, -1, 40):
        on = life.on + timedelta(days=days)
        assert kept(store, on) == added_up(store, on), on
    with store.read() as connection:
        counts = {row.client_id: row.running for row in connection.execute(sa.select(client_cases))}
        assert {who: n for who, n in counts.items() if n} == running(store)
        assert wrong_totals(connection) == []


few = st.sampled_from(KEYS)
days = st.integers(-200, 60)
fields = st.fixed_dictionaries(
    {
        "residual": st.sampled_from(["100.00", "0.01", "7.50", "-30.00", "0.00"]),
        "due_date": st.one_of(st.integers(-12, 3), days).map(lambda n: ON + timedelta(days=n)),
        "client": st.sampled_from(["C1", "C1", "C2", "C3"]),
        "currency": st.sampled_from(["EUR", "EUR", "EUR", "JPY", "USD"]),
        "payment_method": st.sampled_from(["transfer", "riba", "riba", "sdd"]),
        "presented_on": st.sampled_from([None, ON - timedelta(days=90)]),
        "unpaid_on": st.sampled_from([None, None, None, ON - timedelta(days=1)]),
        "erp_hold": st.sampled_from(["", "", "", "at_bank"]),
    }
)


def whole(row: dict[str, Any]) -> dict[str, Any]:
    """Yen have no hundredths."""
    if row["currency"] == "JPY":
        row["residual"] = {"100.00": "100", "0.01": "1", "7.50": "8", "-30.00": "-30"}.get(
            row["residual"], "0"
        )
    return row


Event = Callable[[Life], None]


def changes(rows: dict[str, Any], gone: list[str], confirm: bool) -> Event:
    def happen(life: Life) -> None:
        life.rows.update({key: whole(dict(row)) for key, row in rows.items()})
        for key in gone:
            life.rows.pop(key, None)
        life.read(confirm=confirm)

    return happen


def later(count: int) -> Event:
    def happen(life: Life) -> None:
        life.on += timedelta(days=count)

    return happen


def done(act: Act) -> Event:
    return lambda life: life.act(act)


acts = st.one_of(
    st.builds(Extend, subject=few, days=st.sampled_from([1, 10, 45])),
    st.builds(Extend, subject=st.just("C1"), days=st.just(20)),
    st.builds(Hold, subject=few, why=st.just("chiede tempo")),
    st.builds(
        ChooseIter,
        subject=st.one_of(few, st.just("C1")),
        key=st.sampled_from(["riba", "rest", None]),
        move=st.booleans(),
    ),
    st.just(Undo(subject="last")),
)
events: st.SearchStrategy[Event] = st.one_of(
    st.builds(
        changes,
        st.dictionaries(few, fields, min_size=1, max_size=6),
        st.lists(few, max_size=2),
        st.booleans(),
    ),
    st.sampled_from([1, 2, 7, 29, 31]).map(later),
    st.just(Life.plan),
    acts.map(done),
    st.sampled_from([0, 3, 10, 20]).map(lambda grace: lambda life: life.publish(grace)),
    st.just(lambda life: roll(life.books.hub, life.on)),
)


@contextmanager
def small_life() -> Iterator[Life]:
    """On SQLite, gone afterwards."""
    with TemporaryDirectory(prefix="incasso-") as folder:
        store = migrated_store(Path(folder) / "incasso.db", Path(folder))
        life = Life(store, Path(folder))
        yield life
        life.close()
        store.close()


@tries(25)
@given(st.dictionaries(few, fields, min_size=4), st.lists(events, min_size=1, max_size=8))
def test_whatever_happens_the_sums_are_what_the_ledger_adds_up_to(
    ledger: dict[str, Any], course: list[Event]
) -> None:
    with small_life() as life:
        for event in (changes(ledger, [], True), *course):
            event(life)
            right(life)


def test_a_year_of_an_office(store: Store, tmp_path: Path) -> None:
    """The same on both databases: a course that the seed decides."""
    chance, life = random.Random(36), Life(store, tmp_path)
    for _ in range(25):
        rows = {
            key: {
                "residual": chance.choice(["100.00", "45.10", "-8.00", "0.00"]),
                "due_date": life.on + timedelta(days=chance.randint(-190, 40)),
                "client": chance.choice(["C1", "C2"]),
                "currency": chance.choice(["EUR", "USD"]),
                "payment_method": chance.choice(["riba", "transfer"]),
                "presented_on": chance.choice([None, life.on - timedelta(days=99)]),
            }
            for key in chance.sample(KEYS, 3)
        }
        changes(rows, chance.sample(KEYS, 1), True)(life)
        right(life)
        life.plan()
        for act in (
            Extend(subject=chance.choice(KEYS), days=chance.randint(1, 40)),
            ChooseIter(subject=chance.choice(KEYS), key="riba", move=True),
            Undo(subject="last"),
        ):
            life.act(act)
            right(life)
        life.on += timedelta(days=chance.choice([1, 1, 3, 28]))
    life.close()


@pytest.fixture
def life(store: Store, tmp_path: Path) -> Iterator[Life]:
    """Two clients with two debts each, one of them in dollars; C1 is late by 23 days."""
    life = Life(store, tmp_path)
    life.rows = {
        "F0": {"residual": "100.00", "due_date": date(2026, 10, 31)},
        "F1": {"residual": "20.00", "due_date": date(2026, 12, 31)},
        "F2": {"residual": "7.00", "due_date": date(2026, 5, 1), "client": "C2"},
        "F3": {"residual": "1.00", "due_date": ON, "client": "C2", "currency": "USD"},
    }
    life.read(confirm=True)
    yield life
    life.close()


def test_a_client_by_hand(life: Life) -> None:
    expected = nothing() | {
        "late_1": 10000,
        "late_1_items": 1,
        "not_due": 2000,
        "not_due_items": 1,
        "overdue": 10000,
        "oldest_overdue_on": date(2026, 10, 31),
    }
    assert kept(life.store, ON)["C1", "EUR"] == expected


def test_a_row_says_until_when_it_holds(life: Life) -> None:
    """F0 is 31 days late on 1 December; F3 is late on the next day, F2 is for ever."""
    query = sa.select(clients.c.code, client_totals.c.currency, client_totals.c.stale_on).join(
        clients, clients.c.id == client_totals.c.client_id
    )
    with life.store.read() as connection:
        until = {(row.code, row.currency): row.stale_on for row in connection.execute(query)}
    assert until == {
        ("C1", "EUR"): date(2026, 12, 1),
        ("C2", "EUR"): date.max,
        ("C2", "USD"): ON + TOMORROW,
    }


def test_rolling_counts_only_what_moves(life: Life) -> None:
    assert roll(life.books.hub, ON) == 0
    assert roll(life.books.hub, ON + TOMORROW) == 1
    assert roll(life.books.hub, ON + TOMORROW) == 0
    assert kept(life.store, ON + TOMORROW)["C2", "USD"]["late_1"] == 100


@pytest.mark.parametrize(
    "wrong",
    [
        "UPDATE client_totals SET not_due = not_due + 1 WHERE currency = 'EUR'",
        "DELETE FROM client_totals WHERE currency = 'USD'",
        "UPDATE client_cases SET running = running + 1",
        "DELETE FROM client_cases",
    ],
)
def test_verify_names_a_wrong_sum_and_recount_cures_it(life: Life, wrong: str) -> None:
    life.plan()
    assert verify_store(life.store).good
    with life.store.write() as connection:
        connection.exec_driver_sql(wrong)
    (problem,) = verify_store(life.store).problems
    assert "recount" in problem
    assert "acme/C" in problem
    assert recount(life.books.hub, life.on) > 0
    assert verify_store(life.store).good
    right(life)


def test_a_sync_that_is_rolled_back_leaves_the_sums_alone(life: Life) -> None:
    before = kept(life.store, ON)
    life.export.fails_after = 3
    life.rows["F0"]["residual"] = "1.00"
    life.read(confirm=False)
    assert kept(life.store, ON) == before
    right(life)
