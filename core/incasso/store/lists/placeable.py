"""What somebody may choose by who composes a lot: the filters of lists, and what iters propose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incasso.domain.recovery.states import StepStatus
from incasso.store.lists.filters import whose
from incasso.store.lists.ledger import INSTALLMENTS
from incasso.store.lists.listing import Asks, Column, Filter, Kind, Listing

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from incasso.store.lists.paths import Paths


def _case_with(paths: Paths, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    import sqlalchemy as sa

    from incasso.domain.recovery.states import CaseState
    from incasso.store.tables.ledger import installments
    from incasso.store.tables.recovery import cases, iter_versions, iters

    found = (
        sa.select(1)
        .select_from(cases)
        .join(iter_versions, iter_versions.c.id == cases.c.iter_version_id)
        .join(iters, iters.c.id == iter_versions.c.iter_id)
        .where(cases.c.installment_id == installments.c.id, cases.c.state != CaseState.CLOSED)
    )
    return found.where(*conditions).correlate(installments).exists()


def _in_iter(paths: Paths, key: str) -> ColumnElement[bool]:
    from incasso.store.tables.recovery import iters

    return _case_with(paths, iters.c.key == key)


def _at_stage(paths: Paths, key: str) -> ColumnElement[bool]:
    from incasso.store.tables.recovery import cases

    return _case_with(paths, cases.c.stage == key)


def _lies_in(paths: Paths, named: str) -> ColumnElement[bool]:
    from incasso.domain.acts.assignment import CONTAINERS
    from incasso.store.tables.recovery import cases

    name = named.strip().lower()
    return _case_with(paths, cases.c.container == CONTAINERS.get(name, name))


def _is_proposed(paths: Paths, wanted: bool) -> ColumnElement[bool] | None:
    """In a step of an iter that only proposes to place it."""
    if not wanted:
        return None
    import sqlalchemy as sa

    from incasso.domain.recovery.actions import Action
    from incasso.store.tables.recovery import cases, steps

    waiting = (StepStatus.READY, StepStatus.WORKING)
    step = sa.select(steps.c.id).where(steps.c.action == Action.PLACE, steps.c.status.in_(waiting))
    return _case_with(paths, cases.c.step_id.in_(step))


def _is_person(paths: Paths, wanted: bool) -> ColumnElement[bool]:
    person: ColumnElement[bool] = paths.column("client.is_person")
    return person == wanted


def _is_open(paths: Paths) -> ColumnElement[bool]:
    import sqlalchemy as sa

    return sa.and_(paths.column("status") == "open", paths.column("residual") > 0)


_OF_INSTALLMENTS = ("band", "payment_method", "unpaid", "due_from", "due_to")

PLACEABLE = Listing(
    name="placeable",
    help="Compose lots of what the filters let through; nothing leaves before they are sent.",
    table="installments",
    order=("client_id", "id"),
    dated=True,
    only=_is_open,
    columns=(Column("id", Kind.NUMBER), Column("client_id", Kind.NUMBER)),
    shown="id",
    filters=(
        *whose(operator="client.operator.login"),
        *(each for each in INSTALLMENTS.filters if each.name in _OF_INSTALLMENTS),
        Filter("currency", Asks.TEXT, help="Only in this currency.", metavar="CODE"),
        Filter(
            "category",
            Asks.TEXT,
            help="Only clients of this category.",
            sql="client.category",
            among="clients.category",
        ),
        Filter(
            "province",
            Asks.TEXT,
            help="Only clients of this province.",
            sql="client.province",
            among="clients.province",
        ),
        Filter("person", Asks.FLAG, help="Only natural persons, or none.", where=_is_person),
        Filter(
            "iter",
            Asks.TEXT,
            help="Only in this iter.",
            where=_in_iter,
            metavar="KEY",
            among="iters.key",
        ),
        Filter(
            "stage",
            Asks.TEXT,
            help="Only where this stage was the last that counted.",
            where=_at_stage,
            metavar="KEY",
        ),
        Filter(
            "container",
            Asks.TEXT,
            help="Only parked here; they may then be placed.",
            where=_lies_in,
        ),
        Filter(
            "proposed",
            Asks.SWITCH,
            help="Only what the iters propose for a lot.",
            where=_is_proposed,
        ),
    ),
)
