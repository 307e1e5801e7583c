"""Lists of the recovery: cases, steps, deliveries."""

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
    Operator,
    Source,
    Status,
    one_of,
)
from incasso.cli.output import show
from incasso.cli.place import reading

app = typer.Typer()

Iter = Annotated[str | None, typer.Option("--iter", metavar="KEY", help="Only of this iter.")]
Stage = Annotated[str | None, typer.Option("--stage", metavar="KEY", help="Only in this stage.")]
Medium = Annotated[str | None, typer.Option("--medium", help="Only through this medium.")]


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
    container: Annotated[str | None, typer.Option("--container", help="Only parked here.")] = None,
    blocked: Annotated[
        bool | None, typer.Option("--blocked/--not-blocked", help="Something stops it.")
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
        state=one_of(state, lists.CASE_STATES),
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
    action: Annotated[str | None, typer.Option("--action", help="Only this action.")] = None,
    medium: Medium = None,
    mode: Annotated[str | None, typer.Option("--mode", help="auto, approve or manual.")] = None,
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
        status=one_of(status, lists.STEP_STATUSES),
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
    channel: Annotated[
        str | None, typer.Option("--channel", help="Only through this channel.")
    ] = None,
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
        status=one_of(status, lists.DELIVERY_STATUSES),
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
