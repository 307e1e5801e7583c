"""`plan`, `dispatch`, `collect`, `run`: the cycle, whole and in parts."""

from __future__ import annotations

from collections.abc import Container
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from incasso.cli.exchange_words import report_fields, told_lines
from incasso.cli.exit_codes import PROBLEM
from incasso.cli.ledger import as_fields, tell
from incasso.cli.options import By, Format, Listed, On
from incasso.cli.output import complain, say, show
from incasso.cli.place import business_day, hub_of, office_of
from incasso.cli.progress import watched
from incasso.cli.who import started_by
from incasso.contract.text import Text, counted, text
from incasso.domain.recovery.actions import Action
from incasso.locale.counts import (
    DELIVERIES_COUNTED,
    MEDIA_COUNTED,
    counted_of,
    numbers_of,
)
from incasso.locale.labels import (
    ACTIONS,
    MEDIA,
    STEP_STATUSES,
    WRITE_BACK_STATUSES,
)
from incasso.locale.reasons import REASONS

if TYPE_CHECKING:
    from incasso.services.recovery.plan_report import PlanReport
    from incasso.services.running.cycle import CycleReport
    from incasso.services.sending.collect import CollectReport
    from incasso.services.sending.report import DispatchReport

app = typer.Typer()

_REASONS: Final = 3
"""Of messages that are tried again: they may all have their own."""

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
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait for channels that rest, up to two minutes a time.")
    ] = False,
    by: By = "",
    on: On = None,
    format: Listed = Format.TABLE,
) -> None:
    """Let ready messages leave; with --on only say which would."""
    from incasso.services.sending.dispatch import dispatch as send_ready
    from incasso.services.sending.resting import LONGEST

    leaves = may_leave(on, really_send)
    with hub_of(context, level=True, warned=not leaves) as hub, watched() as progress:
        report = send_ready(
            hub,
            started_by(hub, by),
            business_day(hub.config, on),
            leaves,
            progress,
            longest_rest=LONGEST if wait else timedelta(0),
        )
    if format is Format.TABLE:
        _tell_dispatch(report)
    else:
        show([_built(report)], format, columns=())
    if report.uncertain or report.unprotected:
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
        _tell_remarks(report)
    else:
        show([_built(report)], format, columns=())
    if report.problems or report.stopped:
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
    from incasso.services.sending.resting import LONGEST

    leaves = may_leave(on, really_send)
    with hub_of(context, level=True, warned=not leaves) as hub, watched() as progress:
        report = whole_cycle(
            hub,
            started_by(hub, by),
            business_day(hub.config, on),
            leaves,
            progress,
            longest_rest=LONGEST,
        )
    if format is Format.TABLE:
        _tell_cycle(report)
    else:
        show([_cycle_fields(report)], format, columns=())
    if not report.good:
        raise typer.Exit(PROBLEM)


def may_leave(on: date | None, really_send: bool) -> bool:
    """With a given business date nothing is sent, unless requested."""
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
    say(
        text(
            "{day}: {looked}, {opened}.",
            day=report.on,
            looked=counted(
                "{n} installment looked at", "{n} installments looked at", n=report.looked
            ),
            opened=counted("{n} case opened", "{n} cases opened", n=report.opened),
        )
    )
    made = [_steps(*kind, n) for kind, n in report.steps.items()]
    if not made:
        say(text("No step to make."))
    elif report.dry_run:
        say(
            counted(
                "{n} step would be made: {steps}.",
                "{n} steps would be made: {steps}.",
                n=report.steps_made,
                steps=made,
            )
        )
    else:
        say(
            counted(
                "{n} step made: {steps}.",
                "{n} steps made: {steps}.",
                n=report.steps_made,
                steps=made,
            )
        )
    if report.closed:
        why = numbers_of(REASONS, report.closed.most_common())
        say(
            counted(
                "{n} case closed: {reasons}.",
                "{n} cases closed: {reasons}.",
                n=report.closed.total(),
                reasons=why,
            )
        )
    if report.blocked:
        why = numbers_of(REASONS, report.blocked.most_common())
        say(
            counted(
                "{n} installment blocked: {reasons}.",
                "{n} installments blocked: {reasons}.",
                n=report.blocked.total(),
                reasons=why,
            )
        )


def _steps(action: str, medium: str, status: str, n: int) -> Text:
    """Steps of one kind, for a sentence."""
    does, state = ACTIONS.get(action, action), STEP_STATUSES.get(status, status)
    if medium in ("", action):
        return text("{n} {action} ({status})", n=n, action=does, status=state)
    way = MEDIA.get(medium, medium)
    return text("{n} {action} by {medium} ({status})", n=n, action=does, medium=way, status=state)


def _tell_dispatch(report: DispatchReport) -> None:
    left = counted_of(MEDIA_COUNTED, report.accepted.items())
    if not left and not report.really_sent:
        say(text("{day}: nothing would leave.", day=report.on))
    elif not left:
        say(text("{day}: nothing sent.", day=report.on))
    elif report.really_sent:
        say(text("{day}: {messages} sent.", day=report.on, messages=left))
    else:
        say(text("{day}: {messages} would leave (nothing was sent).", day=report.on, messages=left))
    _tell_carried_out(report)
    if report.orders_released:
        say(
            counted(
                "{n} client paid and may order again.",
                "{n} clients paid and may order again.",
                n=report.orders_released,
            )
        )
    if report.written_back:
        became = numbers_of(WRITE_BACK_STATUSES, report.written_back.items())
        say(text("Written into the ERPs: {results}.", results=became))
    _tell_what_waits(report)


def _tell_carried_out(report: DispatchReport) -> None:
    """A placement is only proposed: a person makes the lot."""
    done = {each: n for each, n in report.carried_out.items() if each != Action.PLACE}
    if done:
        say(text("Carried out: {steps}.", steps=numbers_of(ACTIONS, done.items())))
    if proposed := report.carried_out.get(Action.PLACE):
        say(text("Proposed for placement: {n}.", n=proposed))


def _tell_what_waits(report: DispatchReport) -> None:
    for notice in (*report.notices, *report.unprotected):
        complain(text("{notice}.", notice=notice))
    for reason, n in report.waiting.items():
        if any(reason in notice for notice in report.notices):
            continue  # said with its cure: that channel has stopped just now
        complain(counted("{n} waits: {reason}.", "{n} wait: {reason}.", n=n, reason=reason))
    if report.resting:
        complain(
            text(
                "`incasso dispatch` goes on once they have rested: {channels}. With `--wait` it "
                "waits for that.",
                channels=[
                    text("{channel} until {moment}", channel=channel, moment=until)
                    for channel, until in report.resting.items()
                ],
            )
        )
    for reason, n in report.without_documents.items():
        complain(text("{n} without a document: {reason}.", n=n, reason=reason))
    if report.later:
        complain(
            counted(
                "{n} is tried again by itself.",
                "{n} are tried again by themselves.",
                n=report.later,
            )
        )
        for reason in list(report.again)[:_REASONS]:
            complain(text("For example: {reason}.", reason=reason))
    if report.failed:
        complain(
            counted(
                "{n} was refused for good: planning finds another way.",
                "{n} were refused for good: planning finds another way.",
                n=report.failed,
            )
        )
    if report.uncertain:
        complain(
            counted(
                "{n} is uncertain: look, then `incasso act resolve DELIVERY --sent`.",
                "{n} are uncertain: look, then `incasso act resolve DELIVERY --sent`.",
                n=report.uncertain,
            )
        )


def _tell_collect(report: CollectReport, told: Container[str] = ()) -> None:
    """`told`: problems that are said elsewhere, with what waits for them."""
    news = counted_of(DELIVERIES_COUNTED, report.reached.items())
    if report.replies:
        news.append(counted("1 mail came in", "{n} mails came in", n=report.replies))
    say(text("{day}: {news}.", day=report.on, news=news or text("no news")))
    if report.waiting:
        complain(
            counted(
                "1 report waits for a person: `incasso delivery-news --waiting`, then "
                "`incasso act judge`.",
                "{n} reports wait for a person: `incasso delivery-news --waiting`, then "
                "`incasso act judge`.",
                n=report.waiting,
            )
        )
    if report.to_answer:
        complain(
            counted(
                "1 reply waits for an answer: `incasso inbox --waiting`.",
                "{n} replies wait for an answer: `incasso inbox --waiting`.",
                n=report.to_answer,
            )
        )
    for channel, n in report.refused.items():
        complain(
            counted(
                "{source}: {n} piece of news could not be taken; see `incasso refused-news`.",
                "{source}: {n} pieces of news could not be taken; see `incasso refused-news`.",
                n=n,
                source=channel,
            )
        )
    for channel, why in report.stopped.items():
        complain(
            text(
                "{channel} is stopped, and what has not left waits: {why}. Put it right, then "
                "`incasso check {channel}` starts it again.",
                channel=channel,
                why=why,
            )
        )
    for channel, problem in report.problems.items():
        if problem not in told:
            complain(text("{source}: {problem}", source=channel, problem=problem))


def _tell_remarks(report: CollectReport) -> None:
    for remark in report.remarks:
        complain(remark)


def _tell_cycle(report: CycleReport) -> None:
    for one in report.syncs:
        tell(one)
    if report.collected is not None:
        _tell_collect(report.collected, report.dispatched.waiting if report.dispatched else ())
    if report.exchanged is not None and report.exchanged.came:
        for line in told_lines(report.exchanged):
            say(line)
    if report.planned is not None:
        _tell_plan(report.planned)
    if report.dispatched is not None:
        _tell_dispatch(report.dispatched)
    for failure in report.failures:
        complain(text("{source}: {problem}", source=failure.part, problem=failure.reason))
    for alarm in report.alarms:
        complain(alarm)


def _cycle_fields(report: CycleReport) -> dict[str, Any]:
    return {
        "on": report.on,
        "syncs": [as_fields(one) for one in report.syncs],
        "collected": report.collected and _built(report.collected),
        "exchanged": list(report_fields(report.exchanged)) if report.exchanged else None,
        "planned": report.planned and plan_fields(report.planned),
        "dispatched": report.dispatched and _built(report.dispatched),
        "failures": [vars(failure) for failure in report.failures],
        "alarms": report.alarms,
    }


def _built(report: Any) -> dict[str, Any]:
    """A struct as plain fields."""
    return {name: getattr(report, name) for name in report.__struct_fields__}
