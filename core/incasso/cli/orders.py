"""The order block: `blocks`, its feed and write-backs; `act block-orders` and `release-orders`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from incasso.cli.acts import act_on, carry_out
from incasso.cli.listing import list_command, printing
from incasso.cli.options import By, On, Why
from incasso.cli.output import say
from incasso.cli.place import reading
from incasso.store.lists import BLOCKS, WRITES

if TYPE_CHECKING:
    from incasso.services.acts.orders import Found

app = typer.Typer()
blocks = typer.Typer(invoke_without_command=True)
acts = typer.Typer()
app.add_typer(blocks, name="blocks", help="Who may not order, and what the ERPs are told of it.")

Blocked = Annotated[str, typer.Argument(metavar="CLIENT", help="CODE or SOURCE/CODE of a client.")]


blocks.callback()(printing(BLOCKS))
list_command(blocks, WRITES)


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
