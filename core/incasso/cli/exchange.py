"""`incasso exchange …`: what providers send, and what becomes of it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from incasso.cli import exchange_out
from incasso.cli.exchange_words import (
    file_lines,
    refused_rows,
    report_fields,
    row_fields,
    told_lines,
)
from incasso.cli.exit_codes import PROBLEM
from incasso.cli.language import here
from incasso.cli.listing import list_command
from incasso.cli.options import (
    By,
    Format,
    Listed,
    On,
    ReadableFile,
    Why,
    day,
    read_attachments,
    read_text,
)
from incasso.cli.output import complain, pour, say, show
from incasso.cli.place import business_day, hub_of, office_of
from incasso.cli.recovery import ReallySend, may_leave
from incasso.cli.who import acting, reading_scope
from incasso.contract.text import text
from incasso.locale.exchange_labels import ACCOUNT_PARTS, FATES
from incasso.store.lists.exchange import ARRIVALS, DIFFERENCES, ENDED, ENTRIES, REFUSALS, UPDATES
from incasso.store.lists.listing import Column, Kind

app = typer.Typer()
exchange = typer.Typer(
    help="What is exchanged with agencies and lawyers: files in, and what becomes of rows.",
    no_args_is_help=True,
)
app.add_typer(exchange, name="exchange")
exchange.add_typer(exchange_out.app)

_ROWS = (
    Column("row", Kind.NUMBER, words="line"),
    Column("update_id"),
    Column("fate", Kind.CODE),
    Column("code"),
    Column("problem", Kind.PROSE),
)
_ACCOUNT = (
    Column("part", Kind.CODE),
    Column("amount", Kind.AMOUNT, currency="currency"),
    Column("currency"),
)
_PARTS = ("placed", "raised", "collected", "direct", "reduced", "withdrawn", "ended", "open")


@exchange.command("in")
def take(
    context: typer.Context,
    provider: Annotated[
        str, typer.Argument(metavar="[PROVIDER]", help="Only this one; left out: all of them.")
    ] = "",
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]",
            exists=True,
            dir_okay=False,
            readable=True,
            help="A file that came another way, e.g. by mail.",
        ),
    ] = None,
    really_send: ReallySend = False,
    by: By = "",
    on: On = None,
    format: Listed = Format.TABLE,
) -> None:
    """Take in what providers send: files that wait, news of their web services, or one file.

    What could not be taken is answered at once; with --on only if --really-send is given too.
    """
    from incasso.services.placement.take import take_given, take_in
    from incasso.services.placement.tell_refusals import tell_refusals

    with hub_of(context) as hub:
        today, actor = business_day(hub.config, on), acting(hub, by)
        if file is None:
            report = take_in(hub, actor, today, only=provider)
        else:
            report = take_given(hub, actor, provider, file, today)
        if may_leave(on, really_send):
            report.problems |= tell_refusals(hub, today)
    if format is not Format.TABLE:
        show(list(report_fields(report)), format)
    else:
        for line in told_lines(report):
            say(line)
    for name, problem in report.problems.items():
        complain(text("{provider}: {problem}", provider=name, problem=here(problem)))
    if not report.good:
        raise typer.Exit(PROBLEM)


@exchange.command()
def check(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", exists=True, dir_okay=False, readable=True, help="What would be sent."
        ),
    ],
    provider: Annotated[str, typer.Option("--provider", metavar="KEY", help="Whose file it is.")],
    by: By = "",
    on: On = None,
    format: Listed = Format.TABLE,
) -> None:
    """Say what would become of every row of a file; nothing is kept."""
    from incasso.services.placement.check_file import check_file

    with hub_of(context) as hub:
        report = check_file(hub, acting(hub, by), provider, file, business_day(hub.config, on))
        show(
            [row_fields(each) for each in report.fates],
            format,
            columns=_ROWS,
            office=hub.config,
            labels={"fate": FATES},
        )
    if format is Format.TABLE:
        for line in file_lines(report):
            say(line)
    elif report.message:
        complain(report.message)
    if report.problem is not None or refused_rows(report):
        raise typer.Exit(PROBLEM)


@exchange.command()
def decide(
    context: typer.Context,
    report: Annotated[int, typer.Argument(metavar="NUMBER", help="Of the report, in the list.")],
    accept: Annotated[
        bool, typer.Option("--accept", help="It counts although something is odd about it.")
    ] = False,
    refuse: Annotated[
        bool, typer.Option("--refuse", help="It does not count; the provider is told.")
    ] = False,
    row: Annotated[
        str, typer.Option("--row", metavar="ROW", help="It is about this row, e.g. R-0004567.")
    ] = "",
    why: Why = "",
    by: By = "",
    on: On = None,
) -> None:
    """Decide about a report that waits for a person."""
    from incasso.services.placement.decide import Ruling, Verdict, decide

    verdicts = [
        verdict
        for verdict, given in (
            (Verdict.ACCEPT, accept),
            (Verdict.REFUSE, refuse),
            (Verdict.ROW, bool(row)),
        )
        if given
    ]
    if len(verdicts) != 1:
        raise typer.BadParameter(text("give one of --accept, --refuse and --row"))
    with office_of(context) as office:
        ruling = Ruling(number=report, verdict=verdicts[0], row=row, why=why)
        say(decide(office, acting(office, by), ruling, business_day(office.config, on)))


@exchange.command()
def answer(
    context: typer.Context,
    report: Annotated[int, typer.Argument(metavar="NUMBER", help="Of the report, in the list.")],
    accepted: Annotated[bool, typer.Option("--accept/--refuse", help="What the office says.")],
    until: Annotated[
        date | None,
        typer.Option(
            "--until",
            metavar="DATE",
            parser=day,
            help="More time: up to this day, if not as asked.",
        ),
    ] = None,
    attach: Annotated[
        list[Path] | None,
        typer.Option("--attach", metavar="FILE", help="A document asked for; may be repeated."),
    ] = None,
    why: Why = "",
    by: By = "",
    on: On = None,
) -> None:
    """Answer what a provider asks: a settlement, more time, documents, a complaint."""
    from incasso.services.placement.answer import Answer, answer

    files = read_attachments(attach)
    with office_of(context) as office:
        given = Answer(number=report, accepted=accepted, why=why, until=until, files=files)
        say(answer(office, acting(office, by), given, business_day(office.config, on)))


@exchange.command()
def account(
    context: typer.Context,
    lot: Annotated[str, typer.Argument(metavar="LOT", help="Its code, e.g. L-2026-0007.")],
    by: By = "",
    format: Listed = Format.TABLE,
) -> None:
    """Show where each euro of a lot is; placed and raised are the sum of all the others."""
    from incasso.services.placement.account import account_of

    with office_of(context) as office:
        rows = account_of(office, reading_scope(office, by), lot)
        told = _by_part(rows) if format is Format.TABLE else rows
        labels = {"part": ACCOUNT_PARTS}
        show(told, format, columns=_ACCOUNT, office=office.config, labels=labels)


@exchange.command()
def settle(
    context: typer.Context,
    placement: Annotated[
        str, typer.Argument(metavar="PLACEMENT", help="Its number, e.g. P-0000123.")
    ],
    why: Why = "",
    by: By = "",
    on: On = None,
) -> None:
    """Take a placement off the list of what came back: it was decided about."""
    from incasso.services.placement.account import settle

    with office_of(context) as office:
        actor, on_day = acting(office, by), business_day(office.config, on)
        say(settle(office, actor, placement, why, on_day))


outcomes = typer.Typer(
    help="What becomes of credits when a provider is done with them.", no_args_is_help=True
)
exchange.add_typer(outcomes, name="outcomes")


@outcomes.command("import")
def import_outcomes(context: typer.Context, file: ReadableFile, by: By = "", on: On = None) -> None:
    """Publish the table of a file; ends that it leaves out go as they are shipped."""
    from incasso.services.placement.outcomes import import_outcomes

    given = read_text(file)
    with office_of(context) as office:
        actor, on_day = acting(office, by), business_day(office.config, on)
        changed = import_outcomes(office, actor, given, file.name, on_day)
    say(text("The table of outcomes is published.") if changed else text("Nothing changed."))


@outcomes.command("export")
def export_outcomes(
    context: typer.Context,
    into: Annotated[
        Path | None, typer.Option("--into", metavar="FILE", help="Write it there.")
    ] = None,
) -> None:
    """Write the table in force, every end of it."""
    from incasso.services.placement.outcomes import export_outcomes

    with office_of(context) as office:
        written = export_outcomes(office)
    if into is None:
        pour(written)
    else:
        into.write_text(written, encoding="utf-8")
        say(text("Written to {into}.", into=into))


list_command(exchange, ARRIVALS, "files")
list_command(exchange, UPDATES)
list_command(exchange, REFUSALS)
list_command(exchange, ENTRIES)
list_command(exchange, DIFFERENCES)
list_command(exchange, ENDED)


def _by_part(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A line for each part of the account, which is easier to add up than a wide row."""
    return [
        {"part": part, "amount": row[part], "currency": row["currency"]}
        for row in rows
        for part in (*_PARTS, "unmet")
    ]
