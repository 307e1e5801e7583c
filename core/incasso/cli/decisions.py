"""`explain` and `simulate`: why, and what if."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from incasso.cli.language import language
from incasso.cli.options import Format, Limit, Listed, On, Subject
from incasso.cli.output import say, show
from incasso.cli.place import business_day, hub_of, office_of
from incasso.cli.progress import watched
from incasso.cli.who import reading_scope
from incasso.contract.text import Text, text
from incasso.locale import localize
from incasso.locale.sentences import shown
from incasso.store.lists.listing import Column, Kind

if TYPE_CHECKING:
    from incasso.contract.connector import SourceRow
    from incasso.services.recovery.explain import Explanation
    from incasso.services.recovery.simulate import Simulation

app = typer.Typer()


@app.command()
def explain(
    context: typer.Context,
    subject: Subject,
    source: Annotated[
        bool, typer.Option("--source", help="Show the ERP's own rows behind each of them too.")
    ] = False,
    on: On = None,
    format: Listed = Format.TABLE,
) -> None:
    """Say why something happens, and why not."""
    from incasso.locale.orders import standing_text
    from incasso.services.recovery.explain import explain as why

    with office_of(context) as office:
        day = business_day(office.config, on)
        found = why(office, reading_scope(office), subject, day)
    rows = _source_rows(context, subject, day) if source else {}
    if format is not Format.TABLE:
        fields = [asdict(one) for one in found]
        for each in fields if source else ():
            each["source_rows"] = [_row_fields(row) for row in rows.get(each["subject"], ())]
        show(fields, format, columns=())
        return
    if not found:
        say(text("Nothing is open on {subject}.", subject=subject))
    for heading, about in groupby(found, _heading):
        if heading is not None:
            say(heading)
        for one in about:
            _tell(one)
    for key, behind in rows.items():
        _tell_rows(key, behind)
    if found and found[0].orders_blocked_by:
        say(standing_text(found[0].orders_blocked_since, found[0].orders_blocked_reason))


def _source_rows(
    context: typer.Context, subject: str, day: date
) -> Mapping[str, Sequence[SourceRow]]:
    from incasso.services.ledger.source_rows import source_rows

    with hub_of(context) as hub:
        return source_rows(hub, reading_scope(hub), subject, day)


def _row_fields(row: SourceRow) -> dict[str, Any]:
    return {"where": row.where, "fields": dict(row.fields)}


def _tell_rows(key: str, rows: Sequence[SourceRow]) -> None:
    if not rows:
        say(text("{subject}: the ERP has no row of it any more.", subject=key))
    for row in rows:
        say(text("{subject}: {where}", subject=key, where=row.where))
        for name, value in row.fields:
            say(f"    {name}: {value}")


@app.command()
def simulate(
    context: typer.Context,
    days: Annotated[int, typer.Option("--days", min=1, max=730, help="How many days ahead.")],
    iter: Annotated[
        Path | None,
        typer.Option(
            "--iter", metavar="FILE", exists=True, dir_okay=False, help="As if it were published."
        ),
    ] = None,
    people_work: Annotated[
        bool, typer.Option("--people-work", help="Assume that people do their steps at once.")
    ] = False,
    on: On = None,
    limit: Limit = None,
    format: Listed = Format.TABLE,
) -> None:
    """Say what would leave, when, to whom, at what cost; nothing changes."""
    from incasso.services.recovery.iters import read_file
    from incasso.services.recovery.simulate import simulate as look_ahead

    with office_of(context) as office, watched() as progress:
        read = read_file(office, iter) if iter else None
        people: Literal["nothing", "done"] = "done" if people_work else "nothing"
        first = business_day(office.config, on)
        found = look_ahead(
            office, reading_scope(office), first, days, read, people=people, progress=progress
        )
    if format is not Format.TABLE:
        show(map(asdict, found.steps), format, columns=(), limit=limit)
        return
    rows = _by_day(found)
    show(rows, format, columns=_FORECAST, office=office.config, limit=limit)
    costs = [
        text("{amount} {currency}", amount=cost, currency=currency)
        for currency, cost in sorted(found.costs().items())
    ]
    if costs:
        say(
            text(
                "{n} steps in {days} days, cost {costs}.",
                n=len(found.steps),
                days=days,
                costs=costs,
            )
        )
    else:
        say(text("{n} steps in {days} days.", n=len(found.steps), days=days))


_FORECAST = (
    Column("on", Kind.DAY),
    Column("action", Kind.CODE),
    Column("medium", Kind.CODE),
    Column("count", Kind.NUMBER),
    Column("total", Kind.AMOUNT),
    Column("currency"),
    Column("cost", Kind.AMOUNT),
)


def _by_day(found: Simulation) -> list[dict[str, Any]]:
    """The forecast as a calendar: one row per day, action, medium and currency."""
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}
    for step in found.steps:
        key = (step.on, step.action, step.medium, step.currency)
        row = rows.setdefault(
            key,
            {
                "on": step.on,
                "action": step.action,
                "medium": step.medium,
                "currency": step.currency,
                "count": 0,
                "total": Decimal(0),
                "cost": None,
            },
        )
        row["count"] += 1
        row["total"] += step.total
        if step.cost is not None:
            row["cost"] = (row["cost"] or Decimal(0)) + step.cost
    return [rows[key] for key in sorted(rows)]


def _heading(one: Explanation) -> Text | None:
    from incasso.locale.decisions import heading_text

    return heading_text(one.when, one.on, one.known_on)


def _tell(one: Explanation) -> None:
    day, decision = shown(one.on, language()), localize(one.text, language())
    say(f"{one.subject} ({one.client}), {day}: {decision}")
    for condition in one.conditions:
        mark = "✗" if condition.blocks else "✓" if condition.holds else "·"
        say(f"  {mark} {localize(condition.text, language())}")
    for remark in one.remarks:
        say(f"  > {localize(remark, language())}")
