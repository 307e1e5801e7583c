"""`explain`, `simulate`, `iters`: why, what if, and the procedures themselves."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from incasso.cli.exit_codes import PROBLEM
from incasso.cli.language import language
from incasso.cli.listing import list_command
from incasso.cli.options import By, Format, Limit, Listed, On, ReadableFile, Subject
from incasso.cli.output import complain, say, show
from incasso.cli.place import business_day, office_of
from incasso.cli.progress import watched
from incasso.cli.who import acting, reading_scope
from incasso.contract.text import Text, text
from incasso.contract.text import text as sentence
from incasso.locale import localize
from incasso.locale.sentences import shown
from incasso.store.lists.listing import Column, Kind
from incasso.store.lists.recovery import ITERS

if TYPE_CHECKING:
    from incasso.services.recovery.explain import Explanation
    from incasso.services.recovery.simulate import Simulation

app = typer.Typer()
iters = typer.Typer(help="The procedures: import, export, list.", no_args_is_help=True)
app.add_typer(iters, name="iters")


@app.command()
def explain(
    context: typer.Context, subject: Subject, on: On = None, format: Listed = Format.TABLE
) -> None:
    """Say why something happens, and why not."""
    from incasso.locale.orders import standing_text
    from incasso.services.recovery.explain import explain as why

    with office_of(context) as office:
        found = why(office, reading_scope(office), subject, business_day(office.config, on))
    if format is not Format.TABLE:
        show([asdict(one) for one in found], format, columns=())
        return
    if not found:
        say(text("Nothing is open on {subject}.", subject=subject))
    for heading, about in groupby(found, _heading):
        if heading is not None:
            say(heading)
        for one in about:
            _tell(one)
    if found and found[0].orders_blocked_by:
        say(standing_text(found[0].orders_blocked_since, found[0].orders_blocked_reason))


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


@iters.command("import")
def import_iters(context: typer.Context, file: ReadableFile, by: By = "", on: On = None) -> None:
    """Publish the iters of a file; running cases keep their version."""
    from incasso.services.recovery.iters import import_file

    with office_of(context) as office:
        day = business_day(office.config, on)
        report = import_file(office, acting(office, by), file, on=day)
    for key, version in report.published:
        say(sentence("{key}: version {version} published.", key=key, version=version))
    for key in report.unchanged:
        say(sentence("{key}: unchanged.", key=key))
    for changed, what in (
        (report.exclusions, sentence("Exclusions published.")),
        (report.contact_policy, sentence("Contact policy published.")),
        (report.outcomes, sentence("Outcomes of contacts published.")),
    ):
        if changed:
            say(what)
    if report.looking_again:
        say(
            sentence(
                "The next plan looks at {looking_again} installments.",
                looking_again=report.looking_again,
            )
        )


@iters.command("export")
def export_iters(
    context: typer.Context,
    keys: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY]", help="Only these; else everything.")
    ] = None,
    into: Annotated[
        Path | None, typer.Option("--into", metavar="FILE", help="Write it there.")
    ] = None,
) -> None:
    """Write the published iters as an iter file."""
    from incasso.services.recovery.iters import export

    with office_of(context) as office:
        try:
            text = export(office, keys or ())
        except LookupError as error:
            complain(sentence("{problem}: see `incasso iters list`.", problem=str(error.args[0])))
            raise typer.Exit(PROBLEM) from None
    if into is None:
        say(text.rstrip("\n"))
    else:
        into.write_text(text, encoding="utf-8")
        say(sentence("Written to {into}.", into=into))


list_command(iters, ITERS, "list")


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
