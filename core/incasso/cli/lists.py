"""The lists: clients, installments, cases, steps, deliveries, quarantine, journal."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from incasso.cli.options import (
    Agent,
    Area,
    Client,
    Depot,
    Format,
    Limit,
    Listed,
    On,
    Operator,
    Source,
    day,
)
from incasso.cli.output import show
from incasso.cli.place import business_day, reading

app = typer.Typer()

Text = str | None
Status = Annotated[
    list[str] | None,
    typer.Option("--status", help="Only in this status; may be repeated."),
]
Iter = Annotated[Text, typer.Option("--iter", metavar="KEY", help="Only of this iter.")]
Stage = Annotated[Text, typer.Option("--stage", metavar="KEY", help="Only in this stage.")]
Medium = Annotated[Text, typer.Option("--medium", help="Only through this medium.")]
First = Annotated[
    date | None, typer.Option("--from", parser=day, metavar="DATE", help="From this day.")
]
Last = Annotated[
    date | None, typer.Option("--to", parser=day, metavar="DATE", help="Up to this day.")
]
YesNo = bool | None


@app.command()
def clients(
    context: typer.Context,
    source: Source = None,
    client: Client = None,
    agent: Agent = None,
    area: Area = None,
    depot: Depot = None,
    operator: Operator = None,
    category: Annotated[Text, typer.Option("--category", help="Only of this category.")] = None,
    seasonal: Annotated[YesNo, typer.Option("--seasonal/--not-seasonal")] = None,
    blocked: Annotated[
        YesNo, typer.Option("--blocked/--not-blocked", help="Orders blocked.")
    ] = None,
    excluded: Annotated[
        YesNo, typer.Option("--excluded/--not-excluded", help="Never dunned.")
    ] = None,
    overdue: Annotated[
        YesNo, typer.Option("--overdue/--not-overdue", help="With something past due.")
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
    method: Annotated[Text, typer.Option("--method", help="Only of this payment method.")] = None,
    unpaid: Annotated[
        YesNo, typer.Option("--unpaid/--not-unpaid", help="Came back from the bank.")
    ] = None,
    due_from: First = None,
    due_to: Last = None,
    band: Annotated[
        Text, typer.Option("--overdue", metavar="DAYS", help="Days late: 1-30, 31-60, 90+.")
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
        status=tuple(status or ()),
        payment_method=method,
        unpaid=unpaid,
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
def cases(
    context: typer.Context,
    source: Source = None,
    client: Client = None,
    agent: Agent = None,
    area: Area = None,
    depot: Depot = None,
    operator: Operator = None,
    state: Annotated[
        list[str] | None,
        typer.Option("--state", help="Only in this state; may be repeated."),
    ] = None,
    iter: Iter = None,
    stage: Stage = None,
    container: Annotated[Text, typer.Option("--container", help="Only parked here.")] = None,
    blocked: Annotated[
        YesNo, typer.Option("--blocked/--not-blocked", help="Something stops it.")
    ] = None,
    due_from: First = None,
    due_to: Last = None,
    limit: Limit = None,
    format: Listed = Format.TABLE,
) -> None:
    """List cases: where each installment stands and what it waits for."""
    from incasso.store import lists

    wanted = lists.CaseFilter(
        source=source,
        client=client,
        agent=agent,
        area=area,
        depot=depot,
        operator=operator,
        state=tuple(state or ()),
        iter=iter,
        stage=stage,
        container=container,
        blocked=blocked,
        due_from=due_from,
        due_to=due_to,
    )
    with reading(context) as (config, store), store.read() as connection:
        show(
            lists.cases(connection, wanted),
            format,
            columns="id client_name installment iter stage state next_due_on blocked_by "
            "operator".split(),
            office=config,
            limit=limit,
        )


@app.command()
def steps(
    context: typer.Context,
    source: Source = None,
    client: Client = None,
    agent: Agent = None,
    area: Area = None,
    depot: Depot = None,
    operator: Operator = None,
    status: Status = None,
    iter: Iter = None,
    stage: Stage = None,
    action: Annotated[Text, typer.Option("--action", help="Only this action.")] = None,
    medium: Medium = None,
    mode: Annotated[Text, typer.Option("--mode", help="auto, approve or manual.")] = None,
    due_from: First = None,
    due_to: Last = None,
    limit: Limit = None,
    format: Listed = Format.TABLE,
) -> None:
    """List steps: what is proposed, ready, under way and done."""
    from incasso.store import lists

    wanted = lists.StepFilter(
        source=source,
        client=client,
        agent=agent,
        area=area,
        depot=depot,
        operator=operator,
        status=tuple(status or ()),
        iter=iter,
        stage=stage,
        action=action,
        medium=medium,
        mode=mode,
        due_from=due_from,
        due_to=due_to,
    )
    with reading(context) as (config, store), store.read() as connection:
        show(
            lists.steps(connection, wanted),
            format,
            columns="id due_on client client_name stage action medium status total currency "
            "operator".split(),
            office=config,
            limit=limit,
        )


@app.command()
def deliveries(
    context: typer.Context,
    source: Source = None,
    client: Client = None,
    operator: Operator = None,
    status: Status = None,
    medium: Medium = None,
    channel: Annotated[Text, typer.Option("--channel", help="Only through this channel.")] = None,
    step: Annotated[int | None, typer.Option("--step", help="Only of this step.")] = None,
    sent_from: First = None,
    sent_to: Last = None,
    limit: Limit = None,
    format: Listed = Format.TABLE,
) -> None:
    """List deliveries: every message, how it left and what became of it."""
    from incasso.store import lists

    wanted = lists.DeliveryFilter(
        source=source,
        client=client,
        operator=operator,
        status=tuple(status or ()),
        medium=medium,
        channel=channel,
        step=step,
        sent_from=sent_from,
        sent_to=sent_to,
    )
    with reading(context) as (config, store), store.read() as connection:
        show(
            lists.deliveries(connection, wanted),
            format,
            columns="id on client medium channel to status".split(),
            office=config,
            limit=limit,
        )


@app.command()
def quarantine(
    context: typer.Context,
    source: Source = None,
    run: Annotated[int | None, typer.Option("--run", help="Only of this sync run.")] = None,
    file: Annotated[Text, typer.Option("--file", help="Only of this file.")] = None,
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
    client: Annotated[Text, typer.Option("--client", metavar="CODE", help="Its code.")] = None,
    kind: Annotated[Text, typer.Option("--kind", help="E.g. delivery.accepted.")] = None,
    actor: Annotated[Text, typer.Option("--actor", help="A login or a service.")] = None,
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
