"""The money that lies in each container, and what is running."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from incasso.domain.recovery.states import CaseState
from incasso.store.lists.filters import whose
from incasso.store.lists.listing import Asks, Column, Filter, Kind, Listing

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from incasso.store.lists.paths import Paths

RUNNING: Final = "running"
"""What the list says of cases that are in no container."""


def _is_running(paths: Paths) -> ColumnElement[bool]:
    return paths.column("state") != CaseState.CLOSED


def _place(paths: Paths) -> ColumnElement[str]:
    """The container of a parked case; `placed` with a provider; else running."""
    import sqlalchemy as sa

    state = paths.column("state")
    return sa.case(
        (state == CaseState.PARKED, sa.func.coalesce(paths.column("container"), "")),
        (state == CaseState.PLACED, CaseState.PLACED.value),
        else_=RUNNING,
    )


_CASE_MONEY: Final = Listing(
    name="case_money",
    help="",
    table="cases",
    order=("id",),
    only=_is_running,
    columns=(
        Column("source", sql="source.name"),
        Column("container", sql=_place),
        Column("client_id", Kind.NUMBER),
        Column("residual", Kind.AMOUNT, "installment.residual", currency="currency"),
        Column("currency", sql="installment.currency"),
    ),
    shown="source container residual currency",
    filters=(
        *whose(operator="operator.login"),
        Filter(
            "iter",
            Asks.TEXT,
            help="Only of this iter.",
            sql="iter_version.iter.key",
            metavar="KEY",
            among="iters.key",
        ),
    ),
)


def _count(paths: Paths) -> ColumnElement[int]:
    import sqlalchemy as sa

    return sa.func.count()


def _clients(paths: Paths) -> ColumnElement[int]:
    import sqlalchemy as sa

    return sa.func.count(paths.column("client_id").distinct())


def _amount(paths: Paths) -> ColumnElement[int]:
    import sqlalchemy as sa

    return sa.func.sum(paths.column("residual"))


CONTAINERS: Final = Listing(
    name="containers",
    help="Sum up by container: cases, clients and money; `running` is in none.",
    over=_CASE_MONEY,
    grouped=("source", "container", "currency"),
    order=("source", "container", "currency"),
    columns=(
        Column("source"),
        Column("container"),
        Column("currency"),
        Column("cases", Kind.NUMBER, _count),
        Column("clients", Kind.NUMBER, _clients),
        Column("amount", Kind.AMOUNT, _amount, currency="currency"),
    ),
    shown="source container cases clients amount currency",
    filters=_CASE_MONEY.filters,
)
"""By source and container. It reads every running case of the scope with its installment, about
two seconds for a million."""
