"""`plan`, `dispatch`, `collect`, `run`, `worker`: the cycle, whole and in parts."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from incasso.cli.exit_codes import PROBLEM
from incasso.cli.ledger import as_fields, counted, tell
from incasso.cli.options import By, Format, Listed, On
from incasso.cli.output import complain, say, show
from incasso.cli.place import business_day, hub_of, office_of
from incasso.cli.progress import watched
from incasso.cli.who import started_by

if TYPE_CHECKING:
    from incasso.services.recovery.plan import PlanReport
    from incasso.services.running.cycle import CycleReport
    from incasso.services.sending.collect import CollectReport
    from incasso.services.sending.report import DispatchReport

app = typer.Typer()

ReallySend = Annotated[
    bool, typer.Option("--really-send", help="Let messages leave although --on is given.")
]


@app.command()
def plan(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it would do only.")] = False,
    by: By = "",
    on: On = None,
    format: Listed = Format.TABLE,
) -> None:
    """Write the steps of the day."""
    from incasso.services.recovery.plan import plan as plan_day

    with office_of(context, level=True) as office, watched() as progress:
        report = plan_day(
            office, started_by(office, by), business_day(office.config, on), dry_run, progress
        )
    if format is Format.TABLE:
        _tell_plan(report)
    else:
        show([plan_fields(report)], format, columns=())


@app.command()
def dispatch(
    context: typer.Context,
    really_send: ReallySend = False,
    by: By = "",
    on: On = None,
    format: Listed = Format.TABLE,
) -> None:
    """Let ready messages leave; with --on only say which would."""
    from incasso.services.sending.dispatch import dispatch as send_ready

    with hub_of(context, level=True) as hub, watched() as progress:
        report = send_ready(
            hub,
            started_by(hub, by),
            business_day(hub.config, on),
            may_leave(on, really_send),
            progress,
        )
    if format is Format.TABLE:
        _tell_dispatch(report)
    else:
        show([_built(report)], format, columns=())
    if report.uncertain:
        raise typer.Exit(PROBLEM)


@app.command()
def collect(
    context: typer.Context, by: By = "", on: On = None, format: Listed = Format.TABLE
) -> None:
    """Hear what became of messages that left."""
    from incasso.services.sending.collect import collect as hear

    with hub_of(context, level=True) as hub, watched() as progress:
        report = hear(hub, started_by(hub, by), business_day(hub.config, on), progress)
    if format is Format.TABLE:
        _tell_collect(report)
    else:
        show([_built(report)], format, columns=())
    if report.problems:
        raise typer.Exit(PROBLEM)


@app.command()
def run(
    context: typer.Context,
    really_send: ReallySend = False,
    by: By = "",
    on: On = None,
    format: Listed = Format.TABLE,
) -> None:
    """Do one whole cycle: sync, collect, plan, dispatch."""
    from incasso.services.running.cycle import run as whole_cycle

    with hub_of(context, level=True) as hub, watched() as progress:
        report = whole_cycle(
            hub,
            started_by(hub, by),
            business_day(hub.config, on),
            may_leave(on, really_send),
            progress,
        )
    if format is Format.TABLE:
        _tell_cycle(report)
    else:
        show([_cycle_fields(report)], format, columns=())
    if not report.good:
        raise typer.Exit(PROBLEM)


@app.command()
def worker(context: typer.Context) -> None:
    """Run the daily schedule until stopped."""
    import signal
    from threading import Event

    from incasso.cli.log import speak_up
    from incasso.services.running.scheduler import run_schedule

    speak_up()
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with hub_of(context, level=True) as hub:
        say("The schedule runs; stop it with Ctrl-C, what has begun is finished first.")
        run_schedule(hub, stop)
    say("Stopped.")


def may_leave(on: date | None, really_send: bool) -> bool:
    """With a business date of one's own nothing leaves, unless it is asked for."""
    return on is None or really_send


def plan_fields(report: PlanReport) -> dict[str, Any]:
    """A plan's report for programs."""
    fields = dict(vars(report))
    fields["steps"] = [
        {"action": action, "medium": medium, "status": status, "count": count}
        for (action, medium, status), count in sorted(report.steps.items())
    ]
    return fields


def _tell_plan(report: PlanReport) -> None:
    made = counted((f"{a} {m} {s}".replace("  ", " "), n) for (a, m, s), n in report.steps.items())
    would = "would be " if report.dry_run else ""
    say(f"{report.on}: {report.looked} installments looked at, {report.opened} cases opened.")
    say(f"{report.steps_made} steps {would}made{f': {made}' if made else ''}.")
    for what, counts in (("closed", report.closed), ("blocked", report.blocked)):
        if counts:
            say(f"{counts.total()} {what}: {counted(counts.most_common())}.")


def _tell_dispatch(report: DispatchReport) -> None:
    left = counted(report.accepted.items()) or "nothing"
    say(
        f"{report.on}: {left} {'sent' if report.really_sent else 'would leave (nothing was sent)'}."
    )
    if report.carried_out:
        say(f"Carried out: {counted(report.carried_out.items())}.")
    if report.orders_released:
        say(f"{report.orders_released} client(s) paid and may order again.")
    if report.written_back:
        say(f"Written into the ERPs: {counted(report.written_back.items())}.")
    for notice in report.notices:
        complain(f"{notice}.")
    for reason, count in report.waiting.items():
        complain(f"{count} wait: {reason}.")
    for reason, count in report.without_documents.items():
        complain(f"{count} without a document: {reason}.")
    for count, what in (
        (report.later, "are tried again by themselves"),
        (report.failed, "were refused for good: planning finds another way"),
        (report.uncertain, "are uncertain: look, then `incasso act resolve DELIVERY --sent`"),
    ):
        if count:
            complain(f"{count} {what}.")


def _tell_collect(report: CollectReport) -> None:
    say(f"{report.on}: {counted(report.reached.items()) or 'no news'}.")
    for channel, problem in report.problems.items():
        complain(f"{channel}: {problem}")


def _tell_cycle(report: CycleReport) -> None:
    for one in report.syncs:
        tell(one)
    if report.collected is not None:
        _tell_collect(report.collected)
    if report.planned is not None:
        _tell_plan(report.planned)
    if report.dispatched is not None:
        _tell_dispatch(report.dispatched)
    for failure in report.failures:
        complain(f"{failure.part}: {failure.reason}")
    for alarm in report.alarms:
        complain(alarm)


def _cycle_fields(report: CycleReport) -> dict[str, Any]:
    return {
        "on": report.on,
        "syncs": [as_fields(one) for one in report.syncs],
        "collected": report.collected and _built(report.collected),
        "planned": report.planned and plan_fields(report.planned),
        "dispatched": report.dispatched and _built(report.dispatched),
        "failures": [vars(failure) for failure in report.failures],
        "alarms": report.alarms,
    }


def _built(report: Any) -> dict[str, Any]:
    """A struct as plain fields."""
    return {name: getattr(report, name) for name in report.__struct_fields__}
