"""`incasso exchange …`: what providers send, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

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
from incasso.contract.text import Text, counted, text
from incasso.domain.placement.states import ArrivalState
from incasso.locale.exchange_labels import FATES
from incasso.store.lists.exchange import ARRIVALS, DIFFERENCES, ENDED, ENTRIES, REFUSALS, UPDATES
from incasso.store.lists.listing import Column, Kind

if TYPE_CHECKING:
    from incasso.services.placement.fates import RowFate
    from incasso.services.placement.take import ExchangeReport, PullReport
    from incasso.services.placement.take_file import FileReport

app = typer.Typer()
exchange = typer.Typer(
    help="What is exchanged with agencies and lawyers: files in, and what becomes of each row.",
    no_args_is_help=True,
)
app.add_typer(exchange, name="exchange")

_ROWS = (
    Column("row", Kind.NUMBER, words="line"),
    Column("update_id"),
    Column("fate", Kind.CODE),
    Column("code"),
    Column("problem", Kind.PROSE),
)
_ACCOUNT = (
    *(
        Column(name, Kind.AMOUNT, currency="currency")
        for name in (
            *("placed", "raised", "collected", "direct", "reduced", "withdrawn", "ended"),
            *("open", "unmet"),
        )
    ),
    Column("currency"),
    Column("rows", Kind.NUMBER),
    Column("rows_out", Kind.NUMBER),
)
_MOST_SHOWN = 20


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
        show(list(_fields(report)), format)
    else:
        for line in _told(report):
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
            [_row(each) for each in report.fates],
            format,
            columns=_ROWS,
            office=hub.config,
            labels={"fate": FATES},
        )
    if format is Format.TABLE:
        for line in _of_file(report):
            say(line)
    elif report.message:
        complain(report.message)
    if report.problem is not None or _refused(report):
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
        show(rows, format, columns=_ACCOUNT, office=office.config)


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


def _refused(report: FileReport | PullReport) -> int:
    return report.counts.get(ArrivalState.REFUSED.value, 0)


def _told(report: ExchangeReport) -> Iterator[Text | str]:
    for file in report.files:
        yield from _of_file(file)
        yield from map(_fate_line, file.fates[:_MOST_SHOWN])
    for pull in report.pulls:
        yield text("{provider}: {counts}.", provider=pull.provider, counts=_counts(pull))
        yield from map(_fate_line, pull.fates[:_MOST_SHOWN])
    if not (report.files or report.pulls or report.problems):
        yield text("No provider has sent anything.")
    if report.waiting:
        yield counted(
            "{n} report waits for a decision: `incasso exchange updates --waiting`.",
            "{n} reports wait for a decision: `incasso exchange updates --waiting`.",
            n=report.waiting,
        )


def _of_file(file: FileReport) -> Iterator[Text | str]:
    values = {"file": file.name, "provider": file.provider}
    if file.repeated:
        yield text("{file} of {provider}: taken before, nothing was changed.", **values)
    elif file.state is ArrivalState.REFUSED:
        yield text("{file} of {provider}: nothing of it can be taken.", **values)
    else:
        yield text("{file} of {provider}: {counts}.", counts=_counts(file), **values)
    if file.message:
        yield file.message


def _counts(report: FileReport | PullReport) -> str:
    told = [f"{number} {here(FATES[fate])}" for fate, number in report.counts.items() if number]
    return ", ".join(told) or here(text("no rows"))


def _fate_line(fate: RowFate) -> Text:
    where = text("row {row}", row=fate.line) if fate.line else fate.update_id
    return text(
        "  {where}: {fate}: {problem}",
        where=here(where),
        fate=here(FATES[fate.fate]),
        problem=here(fate.message) or here(FATES[fate.fate]),
    )


def _row(fate: RowFate) -> dict[str, Any]:
    return {
        "row": fate.line,
        "update_id": fate.update_id,
        "fate": fate.fate.value,
        "code": fate.problem.value if fate.problem else None,
        "problem": fate.message or None,
    }


def _fields(report: ExchangeReport) -> Iterator[dict[str, Any]]:
    for each in report.files:
        yield {
            "provider": each.provider,
            "file": each.name,
            "state": each.state.value,
            "repeated": each.repeated,
            "rows": each.rows,
            "counts": each.counts,
            "code": each.problem.value if each.problem else None,
            "problem": each.message or None,
            "odd": [_row(fate) for fate in each.fates],
        }
    for pull in report.pulls:
        yield {
            "provider": pull.provider,
            "file": None,
            "state": "taken",
            "repeated": False,
            "rows": sum(pull.counts.values()),
            "counts": pull.counts,
            "code": None,
            "problem": None,
            "odd": [_row(fate) for fate in pull.fates],
        }
