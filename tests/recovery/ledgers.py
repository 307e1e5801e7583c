"""Random small ledgers and iters for property tests, and offices on SQLite that cost little."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from hypothesis import strategies as st

from incasso.contract.media import Medium
from incasso.domain.recovery.iters import (
    AdvanceOn,
    Anchor,
    CatchUp,
    Grouping,
    Iter,
    Mode,
    Otherwise,
    Stage,
)
from tests.databases import migrated_store
from tests.recovery.office import TODAY, Office, call

MEDIA = st.sampled_from([(Medium.EMAIL,), (Medium.PEC, Medium.EMAIL), (Medium.LETTER,)])


class Debt(msgspec.Struct, frozen=True):
    """One installment of a random ledger; days from today."""

    client: int
    due: int
    residual: int
    currency: str
    method: str
    reminded: int | None = None
    """The last reminder of the ERP itself."""
    reminders: int = 0
    hold: str = ""
    unpaid: int | None = None
    """A bill that came back on that day."""
    presented: int | None = None
    """A bill that went to the bank on that day."""


class Debtor(msgspec.Struct, frozen=True):
    """One client of a random ledger."""

    email: str
    pec: str
    country: str
    refuses: str = ""
    """A way to be contacted that it does not want."""
    kept: str = ""
    """A mail address of its own for reminders."""


class Ledger(msgspec.Struct, frozen=True):
    """Clients and what they owe."""

    debtors: tuple[Debtor, ...]
    debts: tuple[Debt, ...]


@st.composite
def ledgers(draw: st.DrawFn, *, reminded_by: int = 0) -> Ledger:
    """Up to four clients with up to ten installments, credits among them; the ERP has reminded of
    some up to that day, and holds some back."""
    debtors = draw(
        st.lists(
            st.builds(
                Debtor,
                email=st.sampled_from(["", "a@example.it"]),
                pec=st.sampled_from(["", "a@pec.example.it"]),
                country=st.sampled_from(["IT", "FR"]),
                refuses=st.sampled_from([*[""] * 5, "email", "pec", "call"]),
                kept=st.sampled_from([*[""] * 5, "b@example.it"]),
            ),
            min_size=1,
            max_size=4,
        )
    )
    debts = draw(
        st.lists(
            st.builds(
                Debt,
                client=st.integers(0, len(debtors) - 1),
                due=st.integers(-60, 20),
                residual=st.integers(-3_000, 20_000).filter(bool),
                currency=st.sampled_from(["EUR", "EUR", "USD"]),
                method=st.sampled_from(["transfer", "riba"]),
                reminded=st.none() | st.none() | st.integers(-50, reminded_by),
                reminders=st.integers(0, 2),
                hold=st.sampled_from([*[""] * 7, "legal"]),
            ),
            min_size=1,
            max_size=10,
        )
    )
    return Ledger(tuple(debtors), tuple(debts))


@st.composite
def stage_lists(draw: st.DrawFn) -> tuple[Stage, ...]:
    """One to four stages: dated ones first, then some counted from the one before."""
    modes = st.sampled_from(Mode)
    days = sorted(draw(st.lists(st.integers(-6, 30), min_size=1, max_size=3, unique=True)))
    dated = [_stage(draw, f"s{n}", day, Anchor.DUE_DATE, modes) for n, day in enumerate(days)]
    more = draw(st.lists(st.integers(0, 12), max_size=2))
    later = [_stage(draw, f"t{n}", day, Anchor.PREVIOUS, modes) for n, day in enumerate(more)]
    by_phone = [call("phone", 3)] if draw(st.booleans()) else []
    return (*dated, *later, *by_phone)


def _stage(
    draw: st.DrawFn, key: str, days: int, anchor: Anchor, modes: st.SearchStrategy[Mode]
) -> Stage:
    return Stage(
        key=key,
        days=days,
        anchor=anchor,
        template=key,
        channels=draw(MEDIA),
        mode=draw(modes),
        working_days=draw(st.booleans()),
        advance_on=draw(st.sampled_from([AdvanceOn.SENT, AdvanceOn.SENT, AdvanceOn.DELIVERED])),
        otherwise=draw(st.sampled_from(Otherwise)),
        proof_days=2,
    )


@st.composite
def iters(draw: st.DrawFn) -> Iter:
    """An iter for everything."""
    return Iter(
        key="all",
        stages=draw(stage_lists()),
        grouping=draw(st.sampled_from(Grouping)),
        catch_up=draw(st.sampled_from(CatchUp)),
        min_gap_days=draw(st.integers(1, 6)),
        net_credits=draw(st.booleans()),
    )


@contextmanager
def small_office() -> Iterator[Office]:
    """An empty office on SQLite, gone at the end."""
    with TemporaryDirectory(prefix="incasso-") as folder:
        store = migrated_store(Path(folder) / "office.db", Path(folder))
        yield Office(store)
        store.close()


def fill(office: Office, ledger: Ledger, procedure: Iter) -> list[int]:
    """Publish the iter and bring the ledger in; the installments' numbers."""
    office.publish(procedure)
    with office.together():
        return list(_coming(office, ledger))


def _coming(office: Office, ledger: Ledger) -> Iterator[int]:
    known = [comes(office, f"C{n}", one) for n, one in enumerate(ledger.debtors)]
    yield from (
        office.owes(
            known[debt.client],
            debt.residual,
            due=_day(debt.due),
            currency=debt.currency,
            payment_method=debt.method,
            reminded_on=None if debt.reminded is None else _day(debt.reminded),
            reminders=debt.reminders,
            erp_hold=debt.hold,
            document_kind="invoice" if debt.residual > 0 else "credit_note",
            unpaid_on=None if debt.unpaid is None else _day(debt.unpaid),
            presented_on=None if debt.presented is None else _day(debt.presented),
        )
        for debt in ledger.debts
    )


def comes(office: Office, code: str, debtor: Debtor) -> int:
    """A client of that kind; its number."""
    number = office.client(code, email=debtor.email, pec=debtor.pec, country=debtor.country)
    if debtor.refuses:
        office.refuses(number, debtor.refuses)
    if debtor.kept:
        office.keeps(number, "solleciti", email=debtor.kept)
    return number


def _day(number: int) -> date:
    return TODAY + timedelta(days=number)
