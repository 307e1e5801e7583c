"""The order block: `blocks`, its feed and write-backs; `act block-orders` and `release-orders`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from incasso.cli.acts import act_on, carry_out
from incasso.cli.options import (
    Agent,
    Area,
    By,
    Client,
    Depot,
    First,
    Format,
    Last,
    Limit,
    Listed,
    On,
    Source,
    Status,
    Why,
    one_of,
)
from incasso.cli.output import say, show
from incasso.cli.place import reading

if TYPE_CHECKING:
    from incasso.services.acts.orders import Found

app = typer.Typer()
blocks = typer.Typer(invoke_without_command=True)
acts = typer.Typer()
app.add_typer(blocks, name="blocks", help="Who may not order, and what the ERPs are told of it.")

Blocked = Annotated[str, typer.Argument(metavar="CLIENT", help="CODE or SOURCE/CODE of a client.")]


@blocks.callback()
def list_blocks(
    context: typer.Context,
    source: Source = None,
    client: Client = None,
    agent: Agent = None,
    area: Area = None,
    depot: Depot = None,
    everything: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False,
    made_from: First = None,
    made_to: Last = None,
    limit: Limit = None,
    format: Listed = Format.TABLE,
) -> None:
    """List the clients whose orders the hub blocks, and why."""
    if context.invoked_subcommand is not None:
        return
    from incasso.store import lists

    wanted = lists.BlockFilter(
        source=source,
        client=client,
        agent=agent,
        area=area,
        depot=depot,
        released=everything,
        made_from=made_from,
        made_to=made_to,
    )
    columns = "source client client_name since made_by reason erp".split()
    if everything:
        columns += "released_on released_by release_reason".split()
    with reading(context) as (config, store), store.read() as connection:
        rows = lists.blocks(connection, wanted)
        show(rows, format, columns=columns, office=config, limit=limit)


@blocks.command()
def writes(
    context: typer.Context,
    source: Source = None,
    client: Client = None,
    status: Status = None,
    limit: Limit = None,
    format: Listed = Format.TABLE,
) -> None:
    """List what is to be written into the ERPs, and what became of it."""
    from incasso.store import lists

    wanted = lists.BlockFilter(source=source, client=client)
    only = one_of(status, lists.WRITE_BACK_STATUSES)
    columns = "id source client client_name kind status attempts reason".split()
    with reading(context) as (config, store), store.read() as connection:
        rows = lists.writes(connection, wanted, only)
        show(rows, format, columns=columns, office=config, limit=limit)


@blocks.command()
def feed(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", dir_okay=False, help="Ends in .csv or .json.")
    ],
) -> None:
    """Write the list of everybody who may not order, for order programs."""
    from incasso.services.orders import write_feed

    with reading(context) as (config, store):
        count = write_feed(config, store, file)
    say(f"{count} blocked clients written to {file}.")


@acts.command("block-orders")
def block_orders(
    context: typer.Context,
    client: Blocked,
    keep: Annotated[
        bool, typer.Option("--keep", help="Until a person releases, whatever is paid.")
    ] = False,
    why: Why = "",
    by: By = "",
    on: On = None,
) -> None:
    """Take no more orders from a client."""
    act_on(context, by, on, "block_orders", client, why=why, keep=keep)


@acts.command("release-orders")
def release_orders(
    context: typer.Context, client: Blocked, why: Why = "", by: By = "", on: On = None
) -> None:
    """Take orders from a client again."""
    act_on(context, by, on, "release_orders", client, why=why)


@acts.command("write-back")
def write_back(
    context: typer.Context,
    number: Annotated[str, typer.Argument(metavar="ID", help="As `blocks writes` shows it.")],
    done: Annotated[bool, typer.Option("--done", help="It stands in the ERP now.")] = False,
    not_done: Annotated[
        bool, typer.Option("--not-done", help="It does not, and shall not.")
    ] = False,
    again: Annotated[bool, typer.Option("--again", help="Let the hub try once more.")] = False,
    why: Why = "",
    by: By = "",
    on: On = None,
) -> None:
    """Say what became of a write-back that waits for a person."""
    from incasso.services.acts import settle_write_back

    answers: dict[Found, bool] = {"done": done, "not_done": not_done, "again": again}
    said = [word for word, is_said in answers.items() if is_said]
    if len(said) != 1:
        raise typer.BadParameter("say one of --done, --not-done and --again")
    carry_out(
        context,
        by,
        on,
        lambda hub, **known: settle_write_back(hub, number, why=why, found=said[0], **known),
    )
