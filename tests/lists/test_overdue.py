"""One rule says when the bank still has a bill: decisions, lists and reports agree everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from incasso.contract.ledger import PaymentMethod
from incasso.domain.ledger.overdue import is_at_bank, overdue_days
from incasso.domain.office.actor import Scope
from incasso.domain.recovery.conditions import candidate, chosen_iter, grace_days
from incasso.domain.recovery.decision import decide
from incasso.domain.recovery.facts import Facts
from incasso.domain.recovery.iters import Iter, Stage
from incasso.domain.recovery.matching import Match, fails
from incasso.store.engine import Store
from incasso.store.ledger import overdue
from incasso.store.lists import index as lists
from incasso.store.lists.credits import DUE, OVERDUE_BY
from incasso.store.lists.reading import read_list
from incasso.store.recovery.facts import FactsReader
from incasso.store.recovery.iters import publish, read_rules
from incasso.store.recovery.matching import Owed
from incasso.store.recovery.matching import matches as condition
from incasso.store.tables.ledger import clients, installments, sources
from incasso.store.tables.recovery import agreements, iter_versions
from tests.acts import office
from tests.acts.office import MONDAY, NOON
from tests.summing import sum_up

EVERYTHING = Scope.everything()
STAGE = Stage(key="sollecito", days=1, channels=("email",), template="sollecito_1")  # type: ignore[arg-type]


@contextmanager
def changing(store: Store) -> Iterator[Connection]:
    """A transaction that leaves nothing behind."""
    with store.read() as connection:
        yield connection


def iter_of(key: str = "riba", grace: int | None = None, **match: Any) -> Iter:
    return Iter(key=key, bank_grace_days=grace, match=Match(**match), stages=(STAGE,))


def bill(connection: Connection, days_late: int, method: str, **values: Any) -> int:
    """A bill of 100.00, presented before it fell due so many days ago."""
    due = MONDAY - timedelta(days=days_late)
    source = office.source(connection)
    client = office.client(connection, source, "C1", "Rossi Srl")
    presented = {"payment_method": method, "presented_on": due - timedelta(days=20)}
    return office.installment(connection, client, "B/1", 10000, due, **{**presented, **values})


def listed(connection: Connection) -> dict[str, Any]:
    (row,) = read_list(connection, lists.INSTALLMENTS, EVERYTHING, on=MONDAY, also=("at_bank",))
    return row


def facts_of(connection: Connection) -> list[Facts]:
    reader = FactsReader(
        connection, read_rules(connection), MONDAY, trusted=lambda *_: True, exact=True
    )
    found = reader.read(connection, sa.true())
    return [one.facts for one in sorted(found, key=lambda one: one.installment_id)]


def blocks(connection: Connection) -> bool:
    """Whether the decision says that the bank still has it."""
    (facts,) = facts_of(connection)
    decision = decide(facts, MONDAY)
    return any(one.name == "at_bank" and one.blocks for one in decision.conditions)


def test_a_presented_bill_four_days_late_is_at_the_bank_everywhere(store: Store) -> None:
    for method in ("bill", "riba", "sdd"):
        with changing(store) as connection:
            publish(connection, iter_of(), at=NOON, by="anna")
            bill(connection, 4, method)
            assert (listed(connection)["at_bank"], listed(connection)["overdue_days"]) == (True, 0)
            assert blocks(connection)


def test_what_no_bank_collects_is_late_although_somebody_wrote_a_day(store: Store) -> None:
    for method in ("transfer", "cheque", "other"):
        with changing(store) as connection:
            publish(connection, iter_of(), at=NOON, by="anna")
            bill(connection, 4, method)
            assert (listed(connection)["at_bank"], listed(connection)["overdue_days"]) == (False, 4)
            assert not blocks(connection)


@pytest.mark.parametrize(("days_late", "expected"), [(14, 0), (20, 0), (21, 21)])
def test_the_grace_of_the_iter_that_would_take_it_wins(
    store: Store, days_late: int, expected: int
) -> None:
    with changing(store) as connection:
        publish(connection, iter_of("others", 3, payment_methods=("transfer",)), at=NOON, by="anna")
        publish(connection, iter_of(grace=20), at=NOON, by="anna")
        bill(connection, days_late, "riba")
        assert listed(connection)["overdue_days"] == expected
        assert blocks(connection) is (expected == 0)


def test_a_case_keeps_the_grace_of_its_version(store: Store) -> None:
    with changing(store) as connection:
        publish(connection, iter_of(grace=20), at=NOON, by="anna")
        version = connection.execute(sa.select(iter_versions.c.id)).scalar_one()
        office.case(connection, bill(connection, 14, "riba"), version)
        publish(connection, iter_of(grace=2), at=NOON, by="anna")
        assert listed(connection)["overdue_days"] == 0
        assert blocks(connection)


def test_without_an_iter_that_says_so_the_source_decides(store: Store) -> None:
    with changing(store) as connection:
        bill(connection, 14, "riba")
        assert listed(connection)["overdue_days"] == 14
        connection.execute(sa.update(sources).values(bank_grace_days=14))
        assert listed(connection)["overdue_days"] == 0
        publish(connection, iter_of(), at=NOON, by="anna")
        assert listed(connection)["overdue_days"] == 0
        assert blocks(connection)


def test_the_grace_runs_from_the_due_date_of_the_document(store: Store) -> None:
    """An extension puts the debt off, and does not give the bank more time."""
    with changing(store) as connection:
        late = bill(connection, 12, "riba")
        row = connection.execute(sa.select(installments)).one()
        office.insert(
            connection,
            agreements,
            kind="extension",
            source_id=row.source_id,
            client_id=row.client_id,
            installment_id=late,
            from_on=MONDAY,
            until_on=MONDAY - timedelta(days=5),
            made_on=MONDAY,
        )
        assert (listed(connection)["at_bank"], listed(connection)["overdue_days"]) == (False, 5)


def test_reports_and_filters_use_the_same_rule(store: Store) -> None:
    with changing(store) as connection:
        publish(connection, iter_of(grace=20), at=NOON, by="anna")
        bill(connection, 14, "bill")

        def read(listing: lists.Listing, **wanted: Any) -> list[lists.Fields]:
            sum_up(connection, MONDAY)
            return list(read_list(connection, listing, EVERYTHING, on=MONDAY, **wanted))

        assert read(lists.INSTALLMENTS, band=(1, None)) == []
        assert read(lists.CLIENTS, overdue=True) == []
        assert [row["band"] for row in read(OVERDUE_BY["band"])] == ["not_due"]
        assert [row["overdue"] for row in read(OVERDUE_BY["client"])] == [0]
        assert [row["overdue_days"] for row in read(DUE)] == [0]
        connection.execute(sa.update(installments).values(unpaid_on=MONDAY))
        assert [row["overdue_days"] for row in read(lists.INSTALLMENTS, band=(1, None))] == [14]
        assert [row["client"] for row in read(OVERDUE_BY["client"], late_only=True)] == ["C1"]


few = st.sampled_from(["", "", "a", "b"])
amounts = st.none() | st.sampled_from([Decimal(1), Decimal("10.50"), Decimal(100)])
flags = st.none() | st.booleans()


def some(values: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.just(()) | st.lists(values, min_size=1, max_size=2).map(tuple)


words = some(st.sampled_from(["a", "b"]))
codes = ["C1", "C10", "c2", "Ä", "acme/C1"]
matching = st.builds(
    Match,
    payment_methods=some(st.sampled_from(list(PaymentMethod))),
    unpaid=flags,
    sources=some(st.sampled_from(["acme", "beta"])),
    categories=words,
    areas=words,
    depots=words,
    agents=words,
    ratings=words,
    seasonal=flags,
    clients=some(st.sampled_from(codes)),
    client_from=st.sampled_from(["", "", "C1", "D", "c"]),
    client_to=st.sampled_from(["", "", "C1", "Z", "ö"]),
    min_amount=amounts,
    max_amount=amounts,
)
graces = st.none() | st.sampled_from([0, 3, 10, 20])
simple = st.just(Match()) | st.builds(
    Match, payment_methods=some(st.sampled_from(list(PaymentMethod))), areas=words
)
iters = st.lists(st.tuples(graces, simple, st.integers(1, 3)), min_size=1, max_size=3)
owing = st.fixed_dictionaries(
    {
        "days": st.sampled_from([-1, 0, 1, 3, 4, 9, 10, 11, 14, 20, 21]),
        "method": st.sampled_from(["riba", "riba", "sdd", "bill", "transfer"]),
        "presented": st.sampled_from([True, True, True, False]),
        "unpaid": st.sampled_from([False, False, False, True]),
        "erp_hold": st.sampled_from(["", "", "", "at_bank", "legal"]),
        "currency": st.sampled_from(["EUR", "JPY", "KWD"]),
        "residual": st.sampled_from([-500, 1, 100, 1050, 10_000, 10_500, 100_000]),
        "code": st.sampled_from(codes),
        "source": st.sampled_from(["acme", "beta"]),
        "client": st.fixed_dictionaries(
            dict.fromkeys(("category", "area", "depot", "agent", "rating"), few)
        ),
        "own": st.fixed_dictionaries(dict.fromkeys(("area", "depot", "agent"), few)),
        "seasonal": st.booleans(),
        "override": st.sampled_from([None, None, "", "I0", "I1", "nobody"]),
        "clients_override": st.sampled_from([None, None, "", "I0", "I2"]),
        "case": st.none() | st.integers(0, 3),
    }
)


def fill(connection: Connection, procedures: list[Any], debts: list[Any], grace: int) -> None:
    """Two companies, with the iters and one of them in an older version."""
    own = {"acme": grace, "beta": 10}
    known = {
        name: office.insert(connection, sources, name=name, bank_grace_days=days)
        for name, days in own.items()
    }
    for place, (days, match, priority) in enumerate(procedures):
        if not place:
            publish(connection, iter_of("I0", 4), at=NOON, by="anna")
        named = Iter(
            key=f"I{place}", bank_grace_days=days, match=match, priority=priority, stages=(STAGE,)
        )
        publish(connection, named, at=NOON, by="anna")
    versions = connection.scalars(sa.select(iter_versions.c.id).order_by(iter_versions.c.id)).all()
    for number, debt in enumerate(debts):
        client = connection.scalar(
            sa.select(clients.c.id)
            .join(sources, sources.c.id == clients.c.source_id)
            .where(clients.c.code == debt["code"], sources.c.name == debt["source"])
        ) or office.client(
            connection,
            known[debt["source"]],
            debt["code"],
            "Rossi",
            seasonal=debt["seasonal"],
            iter_override=debt["clients_override"],
            **debt["client"],
        )
        due = MONDAY - timedelta(days=debt["days"])
        made = office.installment(
            connection,
            client,
            f"R{number}",
            debt["residual"],
            due,
            payment_method=debt["method"],
            presented_on=due if debt["presented"] else None,
            unpaid_on=MONDAY if debt["unpaid"] else None,
            erp_hold=debt["erp_hold"],
            currency=debt["currency"],
            iter_override=debt["override"],
            **debt["own"],
        )
        if debt["case"] is not None and debt["case"] < len(versions):
            office.case(connection, made, versions[debt["case"]], unpaid=debt["unpaid"])


def expected(facts: Facts, *, erp_hold: str | None = None) -> bool:
    """What the rule of the domain says of an installment as decisions see it."""
    version = facts.case.version if facts.case is not None else chosen_iter(facts)[0]
    return is_at_bank(
        MONDAY,
        payment_method=facts.payment_method,
        due_date=facts.due_date,
        presented_on=facts.presented_on,
        unpaid_on=facts.unpaid_on,
        erp_hold=facts.erp_hold if erp_hold is None else erp_hold,
        grace_days=grace_days(facts, None if version is None else version.iter),
    )


often = settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)


@often
@given(st.lists(matching, min_size=3, max_size=6), st.lists(owing, min_size=6, max_size=12))
def test_the_query_and_the_rule_match_the_same(
    store: Store, matches: list[Match], debts: list[Any]
) -> None:
    with changing(store) as connection:
        procedures = [(None, match, 1) for match in matches]
        fill(connection, procedures, debts, 10)
        owed = Owed(connection=connection, clients=clients, sources=sources)
        query = (
            sa.select(*(condition(match, owed).label(f"m{n}") for n, match in enumerate(matches)))
            .select_from(installments)
            .join(clients, clients.c.id == installments.c.client_id)
            .join(sources, sources.c.id == clients.c.source_id)
            .order_by(installments.c.id)
        )
        told = [list(map(bool, row)) for row in connection.execute(query)]
        assert told == [
            [not fails(match, candidate(facts)) for match in matches]
            for facts in facts_of(connection)
        ]


@often
@given(iters, st.lists(owing, min_size=6, max_size=12), st.integers(0, 25))
def test_the_query_and_the_decision_know_one_rule(
    store: Store, procedures: list[Any], debts: list[Any], grace: int
) -> None:
    with changing(store) as connection:
        fill(connection, procedures, debts, grace)
        columns = (
            overdue.is_at_bank(connection, MONDAY),
            overdue.is_overdue(connection, MONDAY),
        )
        told = connection.execute(sa.select(*columns).order_by(installments.c.id)).all()
        assert len(told) == len(debts)
        for (at_bank, is_late), facts in zip(told, facts_of(connection), strict=True):
            assert at_bank is expected(facts)
            owed = facts.residual > 0
            days = overdue_days(
                MONDAY, is_owed=owed, effective_due=facts.effective_due, at_bank=at_bank
            )
            assert is_late is (days > 0)
            for condition in decide(facts, MONDAY).conditions:
                if condition.name == "at_bank":
                    assert condition.holds is expected(facts, erp_hold="")
