"""`history`: everything that happened to a client, a line each."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from incasso.cli.language import here, language
from incasso.cli.options import Format, Limit, Listed, On, day
from incasso.cli.output import say, show
from incasso.cli.place import business_day, office_of
from incasso.cli.who import reader, reading_scope
from incasso.cli.words import Words
from incasso.locale.forms import day_text
from incasso.store.lists.inbox import INBOX

app = typer.Typer()


@app.command()
def history(
    context: typer.Context,
    client: Annotated[
        str, typer.Argument(metavar="CLIENT", help="CODE or SOURCE/CODE of a client.")
    ],
    since: Annotated[
        date | None,
        typer.Option("--since", parser=day, metavar="DATE", help="Only from this day."),
    ] = None,
    newest_first: Annotated[
        bool, typer.Option("--newest-first", help="The last things first.")
    ] = False,
    on: On = None,
    limit: Limit = None,
    format: Listed = Format.TABLE,
) -> None:
    """Tell everything that happened to a client, in the order it happened."""
    from msgspec.structs import asdict

    from incasso.services.proof.client_history import history as told

    with office_of(context, level=True) as office:
        scope, business = reading_scope(office), business_day(office.config, on)
        person = reader(office)
        seen = person is None or person.role not in INBOX.hidden_from
        found = told(office, scope, client, business, since=since, until=on, replies_too=seen)
        words = Words(language(), office.config.timezone)
    if newest_first:
        found.reverse()
    if limit is not None:
        found = found[:limit]
    if format is not Format.TABLE:
        show(map(asdict, found), format)
        return
    for one in found:
        sentence = here(one.text)
        say(f"{day_text(one.on, words.language)} {_begun(sentence)}")
    if not found:
        say(words.nothing)


def _begun(sentence: str) -> str:
    """With a capital at the beginning, unless an address stands there: it stays as it is."""
    first = sentence.partition(" ")[0]
    return sentence if "@" in first else f"{sentence[:1].upper()}{sentence[1:]}"
