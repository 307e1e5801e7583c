"""What may come of a contact, files beside acts, and what cannot be right of addresses."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from incasso.cli.language import language
from incasso.cli.options import Format, Listed
from incasso.cli.output import say, show
from incasso.cli.place import business_day, office_of
from incasso.cli.who import reading_scope
from incasso.contract.text import text
from incasso.locale import localize
from incasso.locale.labels import OUTCOMES
from incasso.locale.system_words import system_words
from incasso.store.lists.listing import Column, Kind

app = typer.Typer()

_COLUMNS = (Column("key"), Column("label", Kind.PROSE), Column("reached", Kind.FLAG))


_PROBLEMS = (
    Column("source"),
    Column("client"),
    Column("client_name", Kind.PROSE),
    Column("client_field", Kind.CODE),
    Column("value", Kind.PROSE),
    Column("problem", Kind.PROSE),
)


@app.command()
def outcomes(context: typer.Context, format: Listed = Format.TABLE) -> None:
    """List what may come of a contact."""
    from incasso.store.recovery.contacts import outcomes as read

    with office_of(context) as office:
        with office.store.read() as connection:
            found = read(connection)
        rows = [
            {
                "key": one.key,
                "label": one.label or OUTCOMES.get(one.key, one.key),
                "reached": one.reached,
            }
            for one in found
        ]
        show(rows, format, columns=_COLUMNS, office=office.config)


@app.command()
def attachment(
    context: typer.Context,
    digest: Annotated[
        str, typer.Argument(metavar="SHA256", help="Its beginning, as `attachments` shows it.")
    ],
    save: Annotated[
        Path | None, typer.Option("--save", metavar="FILE", help="Write it there.")
    ] = None,
) -> None:
    """Take a file out again that was put beside an act."""
    from incasso.services.proof.attachments import attachment as read

    with office_of(context) as office:
        found, content = read(office, reading_scope(office), digest)
    if save is None:
        say(
            text(
                "{name}, {size} bytes, {client}: {act}, {day}, {by}; `--save FILE` writes it.",
                name=found.name,
                size=found.size,
                client=f"{found.source}/{found.client}",
                act=found.act,
                day=found.on_date,
                by=found.made_by,
            )
        )
        return
    try:
        save.write_bytes(content)
    except OSError as error:
        raise typer.BadParameter(
            text("{file} cannot be written: {reason}", file=str(save), reason=system_words(error))
        ) from None
    say(text("Written to {into}.", into=str(save)))


@app.command("client-problems")
def client_problems(
    context: typer.Context,
    source: Annotated[str | None, typer.Option("--source", help="Only this company.")] = None,
    client: Annotated[
        str | None,
        typer.Option("--client", metavar="CODE", help="Only this client: CODE or SOURCE/CODE."),
    ] = None,
    format: Listed = Format.TABLE,
) -> None:
    """List what cannot be right of clients' addresses, numbers and tax codes."""
    from incasso.services.ledger.address_checks import faults
    from incasso.store.lists.ledger import CLIENTS
    from incasso.store.lists.reading import read_list

    wanted = {"source": source, "client": client}
    given = {name: value for name, value in wanted.items() if value is not None}
    with office_of(context) as office, office.store.read() as connection:
        on = business_day(office.config, None)
        clients = read_list(connection, CLIENTS, reading_scope(office), on=on, **given)
        rows = [
            {
                "source": each["source"],
                "client": each["code"],
                "client_name": each["name"],
                "client_field": field,
                "value": value,
                "problem": localize(why, language()),
            }
            for each in clients
            for field, value, why in faults(each)
        ]
        show(rows, format, columns=_PROBLEMS, office=office.config)
