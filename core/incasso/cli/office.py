"""`init`, `check`, `verify`, `recount`: the office itself."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from incasso.cli.exit_codes import MISUSE, PROBLEM
from incasso.cli.language import here
from incasso.cli.options import By, Format, Listed, On
from incasso.cli.output import complain, failure_line, say, show
from incasso.cli.people import asked
from incasso.cli.place import business_day, hub_of, office_of
from incasso.cli.progress import watched
from incasso.cli.who import acting
from incasso.cli.words import PLUGINS
from incasso.contract.errors import ConfigurationError
from incasso.contract.text import Text, counted, text
from incasso.store.lists.listing import Column, Kind

if TYPE_CHECKING:
    from incasso.cli.progress import Tell
    from incasso.contract.values import CheckReport
    from incasso.domain.office.actor import Actor
    from incasso.plugins.registry import Checked
    from incasso.plugins.settings.problems import TableProblem
    from incasso.plugins.states import InstanceView
    from incasso.plugins.steps import Step
    from incasso.services.hub.hub import Hub

app = typer.Typer()


@app.command()
def init(
    context: typer.Context,
    login: Annotated[str, typer.Option("--login", help="The first administrator.")] = "admin",
    name: Annotated[str, typer.Option("--name", help="Their name.")] = "",
    email: Annotated[str, typer.Option("--email", help="Their address.")] = "",
) -> None:
    """Create or update the database, with a first administrator."""
    from incasso.services.backup.upgrading import prepared
    from incasso.services.office.actors import person_named
    from incasso.services.office.people import set_password
    from incasso.services.running.setup import init as set_up

    with office_of(context, initialised=False) as office:
        before = prepared(office, office.config.backups, key=office.config.backup_key)
        if before is not None and before.backup is not None:
            say(text("Backup of the database as it was: {folder}.", folder=before.backup.folder))
        made = set_up(office, login=login, name=name, email=email)
        say(text("The database is ready (revision {revision}).", revision=made.revision))
        if made.texts:
            say(text("{texts} texts installed.", texts=made.texts))
        if made.key:
            say(
                text(
                    "The hub's own key was made: {file}. Keep a copy of it apart from the backups.",
                    file=str(office.config.key_file),
                )
            )
        for refused in made.unprotected:
            complain(text("{notice}.", notice=refused))
        if not made.administrator:
            return
        if sys.stdin.isatty() and sys.stdout.isatty():
            password = asked(made.administrator)
            actor = person_named(office, login)
            set_password(office, actor, login, password, on=office.today())
            say(text("Administrator {login} made.", login=login))
        else:
            say(
                text(
                    "Administrator {login} made; set a password: `incasso users passwd {login}`.",
                    login=login,
                )
            )


_INSTANCES = (
    Column("family", Kind.CODE),
    Column("id"),
    Column("kind"),
    Column("state", Kind.CODE),
    Column("identity", Kind.PROSE),
    Column("reason", Kind.PROSE),
    Column("hint", Kind.PROSE),
)


@app.command()
def check(
    context: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]", help="Only these instances.")
    ] = None,
    read: Annotated[
        bool, typer.Option("--read", help="Read ledgers from end to end, storing nothing.")
    ] = False,
    export: Annotated[
        Path | None,
        typer.Option(
            "--export",
            metavar="FILE",
            dir_okay=False,
            help="With --read: write the sums per client into this .csv file.",
        ),
    ] = None,
    by: By = "",
    on: On = None,
    format: Listed = Format.TABLE,
) -> None:
    """Check every plugin instance: settings, connection, what it declares.

    An instance that was stopped is started again only if it is named and its check succeeds.
    """
    if export is not None:
        from incasso.services.ledger.client_sums import check_name

        if not read:
            raise typer.BadParameter(text("--export needs --read"))
        check_name(export)
    from incasso.plugins.states import State
    from incasso.services.office.altered_ledger import altered_rows
    from incasso.services.office.exposed import exposed_files
    from incasso.services.placement.papers import paper_notes
    from incasso.services.proof.standing import anchor_faults
    from incasso.services.sending.budgets import budget_notes
    from incasso.services.sending.rates import unknown_rates
    from incasso.services.sending.senders import incomplete_senders
    from incasso.services.sending.silence import standing_silence

    with hub_of(context, initialised=False) as hub:
        day = business_day(hub.config, on)
        before = {view.id: view for view in hub.registry.instances()}
        actor = _who_starts(hub, by, names or (), before)
        checked = _checked(hub, names or (), day)
        if not checked:
            complain(
                here(text("{file} names no connector and no channel.", file=str(hub.config.path)))
            )
            raise typer.Exit(MISUSE)
        rows = [_instance(one) for one in checked]
        if format is Format.TABLE:
            show(rows, format, columns=_INSTANCES, labels=PLUGINS)
        for failure in hub.registry.failures():
            complain(failure_line(failure))
        for one in checked:
            if one.report and format is Format.TABLE:
                _tell_found(one.view.id, one.report)
            if stop := _stopped(before.get(one.view.id), one):
                complain(here(stop))
            if actor is not None and one.view.state is State.READY:
                _note_start(hub, actor, before[one.view.id], day)
            for problem in one.problems:
                complain(_mistake(problem))
            for step in one.slow:
                complain(here(_slow(one.view.id, step)))
        for silence in standing_silence(hub, [one.view.id for one in checked], day):
            complain(here(silence))
        if remark := unknown_rates(day):
            complain(remark)
        for note in budget_notes(hub, day) if hub.store.is_there else ():
            complain(here(note))
        for paper in paper_notes(hub, day):
            complain(here(paper))
        for exposed in exposed_files(hub.config):
            complain(here(exposed))
        for lacking in incomplete_senders(hub.config, _sources(checked)):
            complain(here(lacking))
        altered = altered_rows(hub, _sources(checked))
        for told in altered:
            complain(here(told))
        unproven = anchor_faults(hub)
        for fault in unproven:
            complain(fault if fault.endswith(".") else text("{notice}.", notice=fault))
        good = (not read or _read(hub, checked, rows, day, format, export)) and not (
            altered or unproven
        )
        if format is not Format.TABLE:
            show(rows, format, columns=_INSTANCES, labels=PLUGINS)
    states = {one.view.state for one in checked} - {State.READY, State.DISABLED}
    if states & {State.MISCONFIGURED, State.UNKNOWN_KIND}:
        raise typer.Exit(MISUSE)
    if states or not good:
        raise typer.Exit(PROBLEM)


def _who_starts(
    hub: Hub, by: str, names: Collection[str], before: Mapping[str, InstanceView]
) -> Actor | None:
    """Who starts stopped instances again; nobody if none of those named is stopped."""
    from incasso.plugins.states import State

    if any(name in before and before[name].state is State.PAUSED for name in names):
        return acting(hub, by)
    return None


def _note_start(hub: Hub, actor: Actor, before: InstanceView, on: date) -> None:
    """The journal says who started it again."""
    from incasso.plugins.states import State
    from incasso.services.sending.refused_sender import started

    if before.state is State.PAUSED:
        started(hub, actor, before.id, before.reason, on)


def _stopped(before: InstanceView | None, now: Checked) -> Text | None:
    """What became of a stop: what it is about may not be put right yet."""
    from incasso.plugins.states import State

    if before is None or before.state is not State.PAUSED:
        return None
    told = {"name": now.view.id, "since": before.since.date(), "reason": before.reason}
    if now.view.state is State.READY:
        return text(
            "{name}: it was stopped since {since} because {reason}. It is started again now "
            "because you checked it; if the cause is still there, it stops again.",
            **told,
        )
    if now.failed:
        return text(
            "{name}: it stays stopped, since {since} because {reason}. The check failed: {problem}",
            problem=now.failed,
            **told,
        )
    return text(
        "{name}: it is stopped since {since} because {reason}. If that is put right, "
        "`incasso check {name}` starts it again; a check of all does not.",
        **told,
    )


def _read(
    hub: Hub,
    checked: list[Checked],
    rows: list[dict[str, Any]],
    on: date,
    format: Format,
    export: Path | None,
) -> bool:
    """Reads the sources among them; the result is under `read` of each."""
    from incasso.cli.survey import read_sources

    good, reports = read_sources(hub, checked, on, format, export)
    found = {each["source"]: each for each in reports}
    for row in rows:
        if row["family"] == "connectors":
            row["read"] = found.get(row["id"])
    return good


def _checked(hub: Hub, names: Collection[str], on: date) -> list[Checked]:
    """Check these instances, or all of them. Raises ConfigurationError for an unknown name."""
    from incasso.contract.settings import nearest

    # A name that two tables share occurs twice in the file and is checked once.
    known = list(dict.fromkeys(view.id for view in hub.registry.instances()))
    for name in names:
        if name not in known:
            raise ConfigurationError(
                text(
                    "No table is called {name}: {nearest}", name=name, nearest=nearest(name, known)
                )
            )
    with watched() as tell:
        return [_one(hub, name, on, tell, starts=bool(names)) for name in names or known]


def _one(hub: Hub, name: str, on: date, tell: Tell | None, *, starts: bool) -> Checked:
    """Check one instance; a terminal shows what is being checked."""
    done = count(1)
    if tell is None:
        return hub.registry.check(name, on, starts=starts)
    tell(name, 0)

    def watch(step: str) -> None:
        tell(f"{name}: {here(step)}", next(done))

    return hub.registry.check(name, on, watch, starts=starts)


def _mistake(problem: TableProblem) -> str:
    """A mistake of plugins.toml, as this reader reads it."""
    cure = f" ({here(problem.hint)})" if problem.hint else ""
    return ": ".join(filter(None, (problem.where, here(problem.message)))) + cure


def _slow(name: str, step: Step) -> str:
    return text(
        "{name}: “{step}” took {seconds} s",
        name=name,
        step=step.what,
        seconds=f"{step.seconds:.0f}",
    )


def _sources(checked: Iterable[Checked]) -> list[str]:
    """The sources in use among the instances."""
    from incasso.plugins.states import State

    views = [one.view for one in checked if one.view.state is not State.DISABLED]
    return [view.id for view in views if view.family.value == "connectors"]


def _tell_found(name: str, report: CheckReport) -> None:
    """What the check saw: of a ledger file its layout and sums, to compare with the ERP's."""
    for what, value in report.facts.items():
        say(f"{name}: {here(what)}: {here(value)}")
    for warning in report.warnings:
        cure = f" ({here(warning.hint)})" if warning.hint else ""
        complain(f"{name}: {here(warning.message)}{cure}")


def _instance(checked: Checked) -> dict[str, Any]:
    view, report = checked.view, checked.report
    return {
        "family": view.family.value,
        "id": view.id,
        "kind": view.kind,
        "state": view.state.value,
        "since": view.since,
        # A cause that was put right may hide the next one: the last check tells.
        "reason": checked.failed or view.reason,
        "hint": view.hint,
        "identity": report.remote_identity if report else "",
        "facts": {str.__str__(name): value for name, value in report.facts.items()}
        if report
        else {},
        "warnings": [warning.message for warning in report.warnings] if report else [],
        "problems": [str(problem) for problem in checked.problems],
        "slow": {step.what: round(step.seconds, 1) for step in checked.slow},
    }


@app.command()
def verify(context: typer.Context, format: Listed = Format.TABLE) -> None:
    """Prove that journal and archive are as they were written."""
    from incasso.services.proof.verify import verify as verify_all

    with office_of(context, warned=False) as office:
        found = verify_all(office)
    if format is not Format.TABLE:
        fields = {name: getattr(found, name) for name in found.__struct_fields__}
        show([fields | {"good": found.good}], format, columns=())
    else:
        say(
            text(
                "{events} events in {batches} batches, {files} files, {deliveries} "
                "deliveries looked at.",
                events=found.events,
                batches=found.batches,
                files=found.files,
                deliveries=found.deliveries,
            )
        )
        for note in found.notes:
            say(here(note))
        for problem in found.problems:
            complain(problem)
        say(
            text("All is as it was written; head {head}.", head=found.head)
            if found.good
            else text("NOT as written.")
        )
    if not found.good:
        raise typer.Exit(PROBLEM)


@app.command()
def recount(context: typer.Context, on: On = None) -> None:
    """Add up again the sums kept of each client, where `verify` says that they are wrong."""
    from incasso.services.office.totals import recount as count_again

    with office_of(context, level=True) as office:
        wrong = count_again(office, business_day(office.config, on))
    say(counted("{n} client was wrong.", "{n} clients were wrong.", n=wrong))
