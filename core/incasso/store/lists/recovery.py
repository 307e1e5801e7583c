"""Lists of the recovery: cases, steps and iters; their fields: docs/reference/json-fields.md."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from incasso.domain.recovery.states import CaseState, IterStatus, StepStatus
from incasso.store.lists.filters import days, whose
from incasso.store.lists.listing import Asks, Belongs, Column, Filter, Kind, Listing, Order

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

    from incasso.store.lists.paths import Paths


def _states() -> Iterable[str]:
    return CaseState


def _statuses() -> Iterable[str]:
    return StepStatus


def _actions() -> Iterable[str]:
    from incasso.domain.recovery.actions import Action

    return Action


def media_and_talks() -> Iterable[str]:
    """The media of steps: those of messages, and calls and visits, which are their own."""
    from incasso.contract.media import Medium
    from incasso.domain.recovery.actions import CONVERSATIONS

    return (*Medium, *CONVERSATIONS)


def _modes() -> Iterable[str]:
    from incasso.domain.recovery.iters import Mode

    return Mode


_ITER = Filter(
    "iter",
    Asks.TEXT,
    help="Only of this iter.",
    sql="iter_version.iter.key",
    metavar="KEY",
    among="iters.key",
)
_STAGE = Filter("stage", Asks.TEXT, help="Only in this stage.", metavar="KEY")


def _is_blocked(paths: Paths, wanted: bool) -> ColumnElement[bool]:
    return (paths.column("blocked_by") != "") == wanted


def _containers() -> Iterable[str]:
    from incasso.domain.acts.assignment import CONTAINERS

    return CONTAINERS


def _lies_in(paths: Paths, named: str) -> ColumnElement[bool]:
    """The container as it is stored: `legale` is `legal`."""
    from incasso.domain.acts.assignment import CONTAINERS

    name = named.strip().lower()
    return paths.column("container") == CONTAINERS.get(name, named)


CASES = Listing(
    name="cases",
    help="List cases: where each installment stands and what it waits for.",
    table="cases",
    order=("id",),
    orders=(
        Order(name="id", by=("id",)),
        Order(
            name="due",
            by=("next_due_on", "id"),
            where="state = 'open' AND step_id IS NULL AND next_due_on IS NOT NULL",
        ),
    ),
    columns=(
        Column("id", Kind.NUMBER),
        Column("source", sql="source.name"),
        Column("client", sql="client.code"),
        Column("installment", sql="installment.key"),
        Column("iter", sql="iter_version.iter.key"),
        Column("iter_version", Kind.NUMBER, "iter_version.version"),
        Column("stage"),
        Column("state", Kind.CODE),
        Column("next_due_on", Kind.DAY),
        Column("blocked_by", Kind.REASON),
        Column("next_stage"),
        Column("counted_on", Kind.DAY),
        Column("step", Kind.NUMBER, "step_id"),
        Column("container"),
        Column("opened_on", Kind.DAY),
        Column("closed_on", Kind.DAY),
        Column("close_reason", Kind.PROSE),
        Column("operator", sql="operator.login"),
        Column("responsible", sql="responsible.login"),
        Column("client_name", Kind.PROSE, "client.name"),
        Column("park_review_on", Kind.DAY),
        Column("lawyer", Kind.PROSE),
        Column("file_number"),
    ),
    shown="id client_name installment iter stage state next_due_on blocked_by operator",
    filters=(
        *whose(operator="operator.login"),
        Filter(
            "state",
            Asks.ONE_OF,
            help="Only in this state; may be repeated.",
            known=_states,
        ),
        _ITER,
        _STAGE,
        Filter(
            "container",
            Asks.TEXT,
            help="Only parked here.",
            where=_lies_in,
            known=_containers,
            among="cases.container",
        ),
        Filter("blocked", Asks.FLAG, help="Something stops it.", where=_is_blocked),
        *days("next_due_on", "due_from", "due_to"),
    ),
)


def _installments_of(connection: Connection, steps: Sequence[int]) -> Mapping[int, list[str]]:
    """The keys of the installments of each step."""
    import sqlalchemy as sa

    from incasso.store.tables.ledger import installments
    from incasso.store.tables.recovery import cases, step_cases

    query = (
        sa.select(step_cases.c.step_id, installments.c.key)
        .join(cases, cases.c.id == step_cases.c.case_id)
        .join(installments, installments.c.id == cases.c.installment_id)
        .where(step_cases.c.step_id.in_(steps))
    )
    found: dict[int, list[str]] = defaultdict(list)
    for step, key in connection.execute(query):
        found[step].append(key)
    for keys in found.values():
        keys.sort()
    return found


STEPS = Listing(
    name="steps",
    help="List steps: what is proposed, ready, under way and done.",
    table="steps",
    order=("due_on", "id"),
    orders=(
        Order(name="due", by=("due_on", "id"), within="status"),
        Order(name="id", by=("id",)),
    ),
    columns=(
        Column("id", Kind.NUMBER),
        Column("source", sql="source.name"),
        Column("client", sql="client.code"),
        Column("iter", sql="iter_version.iter.key"),
        Column("stage"),
        Column("action", Kind.CODE),
        Column("medium", Kind.CODE),
        Column("mode", Kind.CODE),
        Column("status", Kind.CODE),
        Column("due_on", Kind.DAY),
        Column("done_on", Kind.DAY),
        Column("installments", Kind.KEYS, sql=None, collected=_installments_of),
        Column("total", Kind.AMOUNT, currency="currency"),
        Column("currency"),
        Column("language"),
        Column("operator", sql="operator.login"),
        Column("reason", Kind.PROSE),
        Column("outcome", Kind.PROSE),
        Column("counted_on", Kind.DAY),
        Column("proof_until", Kind.DAY),
        Column("attempts", Kind.NUMBER),
        Column("iter_version", Kind.NUMBER, "iter_version.version"),
        Column("client_name", Kind.PROSE, "client.name"),
    ),
    shown="id due_on client client_name stage action medium status total currency operator",
    filters=(
        *whose(operator="operator.login"),
        Filter(
            "status",
            Asks.ONE_OF,
            help="Only in this status; may be repeated.",
            known=_statuses,
        ),
        _ITER,
        _STAGE,
        Filter("action", Asks.TEXT, help="Only this action.", known=_actions),
        Filter("medium", Asks.TEXT, help="Only through this medium.", known=media_and_talks),
        Filter("mode", Asks.TEXT, help="auto, approve or manual.", known=_modes),
        *days("due_on", "due_from", "due_to"),
    ),
)
"""By the day they are for."""


def _running_cases(paths: Paths) -> ColumnElement[int]:
    import sqlalchemy as sa

    from incasso.store.tables.recovery import cases, iter_versions

    running = sa.select(sa.func.count()).where(
        cases.c.iter_version_id == iter_versions.c.id, cases.c.state != CaseState.CLOSED
    )
    return running.correlate(iter_versions).scalar_subquery()


def _is_published(paths: Paths, everything: bool) -> ColumnElement[bool] | None:
    return None if everything else paths.column("status") == IterStatus.PUBLISHED


ITERS = Listing(
    name="iters",
    help="List the iters and how many cases run on each.",
    table="iter_versions",
    belongs=Belongs.OFFICE,
    order=("iter.key", "version"),
    columns=(
        Column("key", sql="iter.key"),
        Column("label", Kind.PROSE, "iter.label"),
        Column("version", Kind.NUMBER),
        Column("status", Kind.CODE),
        Column("priority", Kind.NUMBER),
        Column("published_at", Kind.INSTANT),
        Column("published_by"),
        Column("cases", Kind.NUMBER, _running_cases),
    ),
    shown="key label version status priority cases published_at",
    filters=(
        Filter(
            "everything",
            Asks.SWITCH,
            help="Older versions and drafts too.",
            where=_is_published,
            option="--all",
        ),
    ),
)
