"""`incasso lots …`: every command about lots, and the lists of what is placed."""

from __future__ import annotations

import typer

from incasso.cli import lots_compose, lots_in_hand, lots_leaving
from incasso.cli.listing import list_command
from incasso.store.lists.placement import LEFT_OUT, LOTS, PLACED, PLACEMENTS

app = typer.Typer()
lots = typer.Typer(
    help="Lots: compose, freeze, approve, hand over, recall, close.", no_args_is_help=True
)
app.add_typer(lots, name="lots")

for part in (lots_compose, lots_in_hand, lots_leaving):
    lots.add_typer(part.app)
list_command(lots, LOTS, "list")
list_command(lots, PLACEMENTS)
list_command(lots, PLACED, "rows")
list_command(lots, LEFT_OUT, "left-out")
