"""Planning looks only where a look is due (rule 11), and overlooks nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, TypeAlias

import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from incasso.domain.recovery.iters import Iter
from incasso.services.recovery.simulate import carry_out
from incasso.store.tables.ledger import installments
from incasso.store.tables.recovery import agreements, cases, step_cases, steps
from tests.agreeing import agreed
from tests.profiles import tries
from tests.recovery.ledgers import Ledger, fill, iters, ledgers, small_office
from tests.recovery.office import Office

DAYS = 24

Happening: TypeAlias = tuple[int, int, str, int]
"""Day, place of the installment in the ledger, what happens to it, for how many days."""

HAPPENINGS = st.lists(
    st.tuples(
        st.integers(0, DAYS - 6),
        st.integers(0, 9),
        st.sampled_from(["paid", "unpaid", "hold", "promise", "plan", "extension", "hold later"]),
        st.integers(0, 8),
    ),
    max_size=8,
)


@tries(3)
@given(ledgers(), iters(), HAPPENINGS)
def test_looking_everywhere_every_day_finds_nothing_more(
    ledger: Ledger, procedure: Iter, happenings: list[Happening]
) -> None:
    sparing, thorough = (
        _story(ledger, procedure, happenings, everywhere=everywhere) for everywhere in (False, True)
    )
    for day, (found, right) in enumerate(zip(sparing, thorough, strict=True)):
        assert found == right, f"day {day}"


def _story(
    ledger: Ledger, procedure: Iter, happenings: list[Happening], *, everywhere: bool
) -> list[Any]:
    """What is in the tables after each day."""
    story = []
    with small_office() as office:
        known = fill(office, ledger, procedure)
        for number in range(DAYS):
            office.on = office.days(number)
            for day, place, what, days in happenings:
                if day == number and place < len(known):
                    _happens(office, known[place], what, days)
            if everywhere:
                office.look()
            office.plan()
            with office.store.write() as connection:
                carry_out(connection, office.on, "nothing")
            story.append([_rows(office, one) for one in (cases, steps, step_cases, agreements)])
    return story


def _rows(office: Office, table: sa.Table) -> list[Any]:
    """What a case shows as blocking it is of the last look, so it is left out."""
    columns = [column for column in table.c if column.name != "blocked_by"]
    return sorted(map(tuple, office.rows(sa.select(*columns))), key=repr)


def _happens(office: Office, debt: int, what: str, days: int) -> None:
    """A sync or an act, which makes planning look at the whole client."""
    (row,) = office.rows(sa.select(installments).where(installments.c.id == debt))
    if what == "paid":
        office.change(debt, residual=0, status="paid")
    elif what == "unpaid":
        office.change(debt, unpaid_on=office.on)
    else:
        kind, _, later = what.partition(" ")
        from_on = office.on + timedelta(days=4 if later else 0)
        terms = {
            "kind": kind,
            "source_id": office.source,
            "client_id": row.client_id,
            "installment_id": debt if days % 2 else None,
            "currency": row.currency,
            "from_on": from_on,
            "until_on": from_on + timedelta(days=days),
            "made_on": office.on,
        }
        with office.store.write() as connection:
            agreed(connection, **terms)
    of_client = sa.select(installments.c.id).where(installments.c.client_id == row.client_id)
    office.look(one.id for one in office.rows(of_client))
