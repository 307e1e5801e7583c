"""`incasso act …`: what a person does to a client, installment, case or step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import typer

from incasso.cli.options import By, On, Subject, Why, amount, dated_amount, day
from incasso.cli.output import say
from incasso.cli.place import business_day, hub_of

if TYPE_CHECKING:
    from incasso.services.running.hub import Hub

app = typer.Typer(
    help="What a person does: hold, promise, skip, done and the rest.", no_args_is_help=True
)

Until = Annotated[
    date | None,
    typer.Option("--until", parser=day, metavar="DATE", help="Last day; 30 days if left out."),
]
ByDay = Annotated[
    date, typer.Option("--until", "--date", parser=day, metavar="DATE", help="Paid by.")
]
Amount = Annotated[
    Decimal | None, typer.Option("--amount", parser=amount, metavar="AMOUNT", help="How much.")
]
Currency = Annotated[
    str | None, typer.Option("--currency", help="If the debts are in several currencies.")
]


@app.command()
def hold(
    context: typer.Context,
    subject: Subject,
    why: Why = "",
    until: Until = None,
    owner: Annotated[str, typer.Option("--owner", help="Who looks after it; else --by.")] = "",
    by: By = "",
    on: On = None,
) -> None:
    """Stop everything for a client or installment up to a day."""
    act_on(context, by, on, "hold", subject, why=why, until=until, owner=owner)


@app.command()
def release(
    context: typer.Context,
    subject: Subject,
    what: Annotated[
        list[str] | None,
        typer.Option(
            "--what", help="hold, promise, plan, dispute, park (all of these) or extension."
        ),
    ] = None,
    why: Why = "",
    by: By = "",
    on: On = None,
) -> None:
    """End what was agreed, or take out of a container."""
    kinds = {"kinds": what} if what else {}
    act_on(context, by, on, "release", subject, why=why, **kinds)


@app.command()
def promise(
    context: typer.Context,
    subject: Subject,
    until: ByDay,
    amount: Amount = None,
    currency: Currency = None,
    why: Why = "",
    by: By = "",
    on: On = None,
) -> None:
    """Note that the client will pay by a day; everything past due unless told."""
    act_on(
        context, by, on, "promise", subject, why=why, until=until, amount=amount, currency=currency
    )


@app.command()
def plan(
    context: typer.Context,
    subject: Subject,
    pay: Annotated[
        list[Any],
        typer.Option(
            "--pay",
            parser=dated_amount,
            metavar="DATE=AMOUNT",
            help="One payment; repeat in order.",
        ),
    ],
    currency: Currency = None,
    why: Why = "",
    by: By = "",
    on: On = None,
) -> None:
    """Agree a plan of several payments."""
    from incasso.services.acts import Payment

    payments = [Payment(on=when, amount=how_much) for when, how_much in pay]
    act_on(context, by, on, "plan", subject, why=why, payments=payments, currency=currency)


@app.command()
def dispute(
    context: typer.Context,
    subject: Subject,
    why: Why = "",
    department: Annotated[str, typer.Option("--department", help="Who must answer.")] = "",
    until: Until = None,
    by: By = "",
    on: On = None,
) -> None:
    """Note that the client contests, and who answers by when."""
    act_on(context, by, on, "dispute", subject, why=why, department=department, until=until)


@app.command()
def extend(
    context: typer.Context,
    subject: Subject,
    days: Annotated[int | None, typer.Option("--days", help="Days more.")] = None,
    to: Annotated[
        date | None, typer.Option("--to", parser=day, metavar="DATE", help="A new due date.")
    ] = None,
    why: Why = "",
    by: By = "",
    on: On = None,
) -> None:
    """Give more time to pay."""
    act_on(context, by, on, "extend", subject, why=why, days=days, until=to)


@app.command()
def park(
    context: typer.Context,
    subject: Subject,
    into: Annotated[
        str,
        typer.Option(
            "--into", help="legal, uncollectable, not_scheduled, cod, management or your own."
        ),
    ],
    why: Why = "",
    by: By = "",
    on: On = None,
) -> None:
    """Set running cases aside in a container."""
    act_on(context, by, on, "park", subject, why=why, container=into)


@app.command()
def exclude(
    context: typer.Context, subject: Subject, why: Why = "", by: By = "", on: On = None
) -> None:
    """Never dun this client."""
    act_on(context, by, on, "exclude", subject, why=why)


@app.command()
def include(
    context: typer.Context, subject: Subject, why: Why = "", by: By = "", on: On = None
) -> None:
    """Count an excluded client in again."""
    act_on(context, by, on, "exclude", subject, why=why, excluded=False)


@app.command()
def assign(
    context: typer.Context,
    subject: Subject,
    to: Annotated[str | None, typer.Option("--to", metavar="LOGIN", help="The operator.")] = None,
    responsible: Annotated[
        str | None, typer.Option("--responsible", metavar="LOGIN", help="Who answers for it.")
    ] = None,
    why: Why = "",
    by: By = "",
    on: On = None,
) -> None:
    """Give a client, case or step to an operator or responsible."""
    act_on(context, by, on, "assign", subject, why=why, to=to, responsible=responsible)


def act_on(
    context: typer.Context, by: str, on: date | None, verb: str, subject: str, **given: Any
) -> None:
    """Call one act and say what it did."""
    from incasso.services import acts

    def act(hub: Hub, **known: Any) -> str:
        done: str = getattr(acts, verb)(hub, subject, **known, **given)
        return done

    carry_out(context, by, on, act)


def carry_out(context: typer.Context, by: str, on: date | None, act: Callable[..., str]) -> None:
    """Open the hub, act as whoever was named or is logged in, say the sentence."""
    with hub_of(context) as hub:
        say(act(hub, by=by or system_login(), on=business_day(hub.config, on)))


def system_login() -> str:
    """Who is logged in to the machine; empty where nobody can tell."""
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container without a user database
        return ""
