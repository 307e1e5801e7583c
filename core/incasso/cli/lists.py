"""Lists of what came in and what happened: clients, installments, quarantine, journal."""

from __future__ import annotations

from typing import Annotated

import typer

from incasso.cli.options import (
    Agent,
    Area,
    Client,
    Depot,
    First,
    Format,
    Last,
    Limit,
    Listed,
    On,
    Operator,
    Source,
    Status,
    one_of,
)
from incasso.cli.output import show
from incasso.cli.place import business_day, reading

app = typer.Typer()


@app.command()
def clients(
    context: typer.Context,
    source: Source = None,
    client: Client = None,
    agent: Agent = None,
    area: Area = None,
    depot: Depot = None,
    operator: Operator = None,
    category: Annotated[
        str | None, typer.Option("--category", help="Only of this category.")
    ] = None,
    seasonal: Annotated[
        bool | None, typer.Option("--seasonal/--not-seasonal", help="Buys in seasons.")
    ] = None,
    blocked: Annotated[
        bool | None, typer.Option("--blocked/--not-blocked", help="Orders blocked.")
    ] = None,
    excluded: Annotated[
        bool | None, typer.Option("--excluded/--not-excluded", help="Never dunned.")
    ] = None,
    overdue: Annotated[
        bool | None, typer.Option("--overdue/--not-overdue", help="With something past due.")
    ] = None,
    on: On = None,
    limit: Limit = None,
    format: Listed = Format.TABLE,
) -> None:
    """List clients: master data, operator, responsible."""
    from incasso.store import lists

    wanted = lists.ClientFilter(
        source=source,
        client=client,
        agent=agent,
        area=area,
        depot=depot,
        operator=operator,
        category=category,
        seasonal=seasonal,
        blocked=blocked,
        excluded=excluded,
        overdue=overdue,
    )
    with reading(context) as (config, store), store.read() as connection:
        show(
            lists.clients(connection, wanted, business_day(config, on)),
            format,
            columns="source code name city phone email agent operator".split(),
            office=config,
            limit=limit,
        )


@app.command()
def installments(
    context: typer.Context,
    source: Source = None,
    client: Client = None,
    agent: Agent = None,
    area: Area = None,
    depot: Depot = None,
    operator: Operator = None,
    status: Status = None,
    method: Annotated[str | None, typer.Option("--method", help="Only paid this way.")] = None,
    unpaid: Annotated[
        bool | None, typer.Option("--unpaid/--not-unpaid", help="Came back from the bank.")
    ] = None,
    held: Annotated[
        bool | None,
        typer.Option("--held/--not-held", help="Held back by the ERP: legal, blocked, factoring."),
    ] = None,
    due_from: First = None,
    due_to: Last = None,
    band: Annotated[
        str | None, typer.Option("--overdue", metavar="DAYS", help="Days late: 1-30, 31-60, 90+.")
    ] = None,
    on: On = None,
    limit: Limit = None,
    format: Listed = Format.TABLE,
) -> None:
    """List installments, with the days they are late on the business date."""
    from incasso.store import lists

    wanted = lists.InstallmentFilter(
        source=source,
        client=client,
        agent=agent,
        area=area,
        depot=depot,
        operator=operator,
        status=one_of(status, lists.INSTALLMENT_STATUSES),
        payment_method=method,
        unpaid=unpaid,
        held=held,
        due_from=due_from,
        due_to=due_to,
        band=None if band is None else _band(band),
    )
    with reading(context) as (config, store), store.read() as connection:
        show(
            lists.installments(connection, wanted, business_day(config, on)),
            format,
            columns="source key client_name effective_due_date overdue_days residual currency "
            "payment_method status".split(),
            office=config,
            limit=limit,
        )


@app.command()
def quarantine(
    context: typer.Context,
    source: Source = None,
    run: Annotated[int | None, typer.Option("--run", help="Only of this sync run.")] = None,
    file: Annotated[str | None, typer.Option("--file", help="Only of this file.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what arrived well later.")
    ] = False,
    limit: Limit = None,
    format: Listed = Format.TABLE,
) -> None:
    """List rows that could not be taken in: where, what is wrong, and the cure."""
    from incasso.store import lists

    wanted = lists.QuarantineFilter(source=source, run=run, file=file, resolved=everything)
    with reading(context) as (config, store), store.read() as connection:
        show(
            lists.quarantine(connection, wanted),
            format,
            columns="source file row field problem hint".split(),
            office=config,
            limit=limit,
        )


@app.command()
def journal(
    context: typer.Context,
    source: Source = None,
    client: Annotated[
        str | None, typer.Option("--client", metavar="CODE", help="Its code.")
    ] = None,
    kind: Annotated[str | None, typer.Option("--kind", help="E.g. delivery.accepted.")] = None,
    actor: Annotated[str | None, typer.Option("--actor", help="A login or a service.")] = None,
    first_on: First = None,
    last_on: Last = None,
    limit: Limit = None,
    format: Listed = Format.TABLE,
) -> None:
    """List, or export, everything that happened, in order."""
    from incasso.store import lists

    wanted = lists.JournalFilter(
        source=source, client=client, kind=kind, actor=actor, first_on=first_on, last_on=last_on
    )
    with reading(context) as (config, store), store.read() as connection:
        show(
            lists.events(connection, wanted),
            format,
            columns="id at on actor kind client subject".split(),
            office=config,
            limit=limit,
        )


def _band(text: str) -> tuple[int, int | None]:
    """`31-60` is a first and last day late, `90+` has no last."""
    first, dash, last = text.removesuffix("+").partition("-")
    open_ended = text.endswith("+") and not dash
    if not first.isdecimal() or not (open_ended or last.isdecimal()):
        raise typer.BadParameter(f"{text!r} is not a span of days; write 31-60 or 90+")
    return int(first), None if open_ended else int(last)
