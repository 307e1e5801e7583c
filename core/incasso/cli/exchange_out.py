"""`incasso exchange out` and its like: what providers are told, by the hub or a person."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from incasso.cli.exit_codes import PROBLEM
from incasso.cli.listing import list_command
from incasso.cli.options import By, Format, Listed, On
from incasso.cli.output import complain, say, show
from incasso.cli.place import business_day, hub_of, office_of
from incasso.cli.who import acting, started_by
from incasso.contract.text import counted, text
from incasso.store.lists.placement import BATCHES, NOTICES

app = typer.Typer()

list_command(app, NOTICES)
list_command(app, BATCHES)


@app.command()
def out(context: typer.Context, by: By = "", on: On = None, format: Listed = Format.TABLE) -> None:
    """Tell providers what waits, send again what could not leave, take back what is over."""
    from incasso.services.placement.cycle import exchange_out

    with hub_of(context, level=True, warned=False) as hub:
        done = exchange_out(hub, started_by(hub, by), business_day(hub.config, on))
    if format is not Format.TABLE:
        show([msgspec.structs.asdict(done)], format)
    else:
        for sentence in done.returned:
            say(text("{sentence}.", sentence=sentence))
        say(counted("{n} notice sent.", "{n} notices sent.", n=done.sent))
        if done.batches:
            say(counted("{n} batch sent again.", "{n} batches sent again.", n=done.batches))
        if done.by_hand:
            say(
                counted(
                    "{n} notice must be told by a person: `incasso exchange notices`.",
                    "{n} notices must be told by a person: `incasso exchange notices`.",
                    n=done.by_hand,
                )
            )
        for problem in done.problems:
            complain(text("{sentence}.", sentence=problem))
    if done.failed:
        raise typer.Exit(PROBLEM)


@app.command()
def told(
    context: typer.Context,
    notice: Annotated[str, typer.Argument(metavar="NOTICE", help="Its name in the list.")],
    by: By = "",
    on: On = None,
) -> None:
    """Say that a person told the provider what the hub could not."""
    from incasso.services.placement.told_by_hand import told_by_hand

    with office_of(context, level=True) as office:
        day = business_day(office.config, on)
        say(told_by_hand(office, acting(office, by), notice, day))
