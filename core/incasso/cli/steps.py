"""`incasso act …` on the course of cases and steps: skip, move, done, approve, own stages."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import typer

from incasso.cli.acts import act_on, carry_out
from incasso.cli.options import By, On, ReadableFile, Subject, Why, amount, day, read_text

if TYPE_CHECKING:
    from incasso.services.running.hub import Hub

app = typer.Typer()

Day = Annotated[date, typer.Option("--to", parser=day, metavar="DATE", help="The new day.")]
Words = Annotated[str | None, typer.Option("--text", help="The words of the message.")]


@app.command()
def skip(
    context: typer.Context, subject: Subject, why: Why = "", by: By = "", on: On = None
) -> None:
    """Pass over a stage; the rest of the iter goes on."""
    act_on(context, by, on, "skip", subject, why=why)


@app.command()
def move(
    context: typer.Context, subject: Subject, to: Day, why: Why = "", by: By = "", on: On = None
) -> None:
    """Do a step, or the next stage of a case, on another day."""
    act_on(context, by, on, "move", subject, why=why, to=to)


@app.command()
def edit(
    context: typer.Context,
    subject: Subject,
    medium: Annotated[str | None, typer.Option("--medium", help="How it travels.")] = None,
    title: Annotated[str | None, typer.Option("--title", help="Its subject line.")] = None,
    text: Words = None,
    why: Why = "",
    by: By = "",
    on: On = None,
) -> None:
    """Change medium, subject line or words of a message."""
    act_on(context, by, on, "edit", subject, why=why, medium=medium, title=title, text=text)


@app.command()
def approve(
    context: typer.Context, subject: Subject, why: Why = "", by: By = "", on: On = None
) -> None:
    """Let a proposed step leave."""
    act_on(context, by, on, "approve", subject, why=why)


@app.command()
def reject(
    context: typer.Context, subject: Subject, why: Why = "", by: By = "", on: On = None
) -> None:
    """Refuse a proposed step: its stage is skipped."""
    act_on(context, by, on, "reject", subject, why=why)


@app.command()
def done(
    context: typer.Context,
    subject: Subject,
    outcome: Annotated[str, typer.Option("--outcome", help="What came of it.")] = "",
    not_reached: Annotated[
        bool, typer.Option("--not-reached", help="Nobody answered: to be done again.")
    ] = False,
    promise: Annotated[
        date | None,
        typer.Option("--promise", parser=day, metavar="DATE", help="The client pays by."),
    ] = None,
    amount: Annotated[
        Decimal | None, typer.Option("--amount", parser=amount, metavar="AMOUNT", help="So much.")
    ] = None,
    why: Why = "",
    by: By = "",
    on: On = None,
) -> None:
    """Record a call, visit or task that was carried out."""
    from incasso.services.acts import PromiseMade

    if amount is not None and promise is None:
        raise typer.BadParameter("--amount says how much is promised: give --promise DATE too")
    promised = PromiseMade(until=promise, amount=amount) if promise else None
    given = {"outcome": outcome, "reached": not not_reached, "promised": promised}
    act_on(context, by, on, "done", subject, why=why, **given)


@app.command()
def add(
    context: typer.Context,
    subject: Subject,
    to: Day,
    action: Annotated[str, typer.Option("--action", help="call, visit, task or send.")] = "call",
    medium: Annotated[
        list[str] | None, typer.Option("--medium", help="For send; repeat in order of preference.")
    ] = None,
    template: Annotated[str, typer.Option("--template", metavar="KEY", help="For send.")] = "",
    label: Annotated[str, typer.Option("--label", help="What the office calls it.")] = "",
    why: Why = "",
    by: By = "",
    on: On = None,
) -> None:
    """Put one more stage before the next one of a case."""
    from incasso.services.acts import one_more_stage

    stage = one_more_stage(action, media=medium or (), template=template, label=label)
    act_on(context, by, on, "add", subject, why=why, stage=stage, to=to)


@app.command()
def enter(
    context: typer.Context,
    subject: Subject,
    stage: Annotated[str, typer.Option("--stage", metavar="KEY", help="A stage of its iter.")],
    why: Why = "",
    by: By = "",
    on: On = None,
) -> None:
    """Let a case go on at another stage; also after a review."""
    act_on(context, by, on, "enter", subject, why=why, stage=stage)


@app.command()
def stages(
    context: typer.Context,
    subject: Subject,
    file: ReadableFile,
    why: Why = "",
    by: By = "",
    on: On = None,
) -> None:
    """Give a case its own stages, from an iter file."""
    text = read_text(file)
    act_on(context, by, on, "private_stages", subject, why=why, text=text, file=file.name)


@app.command()
def iter(
    context: typer.Context,
    subject: Subject,
    key: Annotated[
        str | None, typer.Argument(metavar="[KEY]", help="An iter; left out: by the rules again.")
    ] = None,
    move: Annotated[
        bool, typer.Option("--move", help="Move running cases too; else they stay.")
    ] = False,
    why: Why = "",
    by: By = "",
    on: On = None,
) -> None:
    """Choose the iter of a client or installment."""
    act_on(context, by, on, "choose_iter", subject, why=why, iter=key, move_running=move)


@app.command()
def resolve(
    context: typer.Context,
    delivery: Annotated[str, typer.Argument(metavar="DELIVERY", help="Its id.")],
    sent: Annotated[bool, typer.Option("--sent/--not-sent", help="What you found out.")],
    why: Why = "",
    by: By = "",
    on: On = None,
) -> None:
    """Say whether an uncertain delivery was sent."""
    from incasso.services import acts

    def act(hub: Hub, **known: Any) -> str:
        return acts.resolve(hub, delivery, why=why, sent=sent, **known)

    carry_out(context, by, on, act)
