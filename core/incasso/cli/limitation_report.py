"""`report limitation`: what is time-barred, or will be soon."""

from __future__ import annotations

from typing import Annotated

import typer

from incasso.cli.options import Format, Listed, On, Source
from incasso.cli.output import show
from incasso.cli.place import business_day, office_of
from incasso.cli.who import reading_scope
from incasso.domain.law.limitation import WARNED_BEFORE
from incasso.store.lists.listing import Column, Kind

commands = typer.Typer()

_COLUMNS = (
    Column("source"),
    Column("client"),
    Column("document_number"),
    Column("due_date", Kind.DAY),
    Column("residual", Kind.AMOUNT),
    Column("currency"),
    Column("last_day", Kind.DAY),
    Column("if_claimed", Kind.DAY),
    Column("urgency", Kind.CODE),
)


@commands.command()
def limitation(
    context: typer.Context,
    within: Annotated[
        int,
        typer.Option("--within", min=0, max=3660, metavar="DAYS", help="Also what ends so soon."),
    ] = WARNED_BEFORE[-1],
    source: Source = None,
    on: On = None,
    format: Listed = Format.TABLE,
) -> None:
    """List open credits that are time-barred or will be soon, by what is proven alone.

    A formal notice that arrived and is signed starts the term anew; whatever is doubtful moves
    only the date beside it.
    """
    from msgspec.structs import asdict

    from incasso.services.law.near import near_limitation

    with office_of(context, level=True) as office:
        day = business_day(office.config, on)
        found = near_limitation(office, reading_scope(office), day, within, source)
        show(map(asdict, found), format, columns=_COLUMNS, office=office.config)
