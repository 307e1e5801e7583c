"""Lists of documents, payments and differing balances, where the connector reads them."""

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
)
from incasso.cli.output import show
from incasso.cli.place import reading

app = typer.Typer()

Number = Annotated[str | None, typer.Option("--number", help="Only of this document number.")]


@app.command()
def documents(
    context: typer.Context,
    source: Source = None,
    client: Client = None,
    agent: Agent = None,
    area: Area = None,
    depot: Depot = None,
    operator: Operator = None,
    number: Number = None,
    first_on: First = None,
    last_on: Last = None,
    limit: Limit = None,
    format: Listed = Format.TABLE,
) -> None:
    """List the clients' documents, as the ERP tells them."""
    from incasso.store import lists

    wanted = lists.HistoryFilter(
        source=source,
        client=client,
        agent=agent,
        area=area,
        depot=depot,
        operator=operator,
        number=number,
        first_on=first_on,
        last_on=last_on,
    )
    with reading(context) as (config, store), store.read() as connection:
        show(
            lists.documents(connection, wanted),
            format,
            columns="source client_name kind number date total currency reason".split(),
            office=config,
            limit=limit,
        )


@app.command()
def payments(
    context: typer.Context,
    source: Source = None,
    client: Client = None,
    agent: Agent = None,
    area: Area = None,
    depot: Depot = None,
    operator: Operator = None,
    number: Number = None,
    first_on: First = None,
    last_on: Last = None,
    limit: Limit = None,
    format: Listed = Format.TABLE,
) -> None:
    """List payments and what else made open items smaller, as the ERP tells them."""
    from incasso.store import lists

    wanted = lists.HistoryFilter(
        source=source,
        client=client,
        agent=agent,
        area=area,
        depot=depot,
        operator=operator,
        number=number,
        first_on=first_on,
        last_on=last_on,
    )
    with reading(context) as (config, store), store.read() as connection:
        show(
            lists.payments(connection, wanted),
            format,
            columns="source client_name paid_on amount currency kind payment_method "
            "document_number".split(),
            office=config,
            limit=limit,
        )


@app.command()
def balances(
    context: typer.Context,
    source: Source = None,
    client: Client = None,
    agent: Agent = None,
    limit: Limit = None,
    format: Listed = Format.TABLE,
) -> None:
    """List clients whose balance in the ERP is not the sum of their open items here."""
    from incasso.store import lists

    wanted = lists.WhoFilter(source=source, client=client, agent=agent)
    with reading(context) as (config, store), store.read() as connection:
        show(
            lists.balances(connection, wanted),
            format,
            columns="source client client_name balance open_items difference currency "
            "checked_on".split(),
            office=config,
            limit=limit,
            right=("balance", "open_items", "difference"),
        )
