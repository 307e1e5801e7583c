"""The order block: `blocks`, its feed and write-backs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from incasso.cli.listing import list_command, printing
from incasso.cli.output import say
from incasso.cli.place import office_of
from incasso.cli.who import reading_scope
from incasso.contract.text import text
from incasso.store.lists.orders import BLOCKS, WRITES

app = typer.Typer()
blocks = typer.Typer(invoke_without_command=True)
app.add_typer(
    blocks, name="blocks", help="Who may not order, and what is written of it into the ERPs."
)


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
    from incasso.services.orders.feed import write_feed

    with office_of(context) as office:
        count = write_feed(office.config, office.store, reading_scope(office), file)
    say(text("{count} blocked clients written to {file}.", count=count, file=str(file)))
