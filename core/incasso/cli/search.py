"""`search`: clients and installments by what somebody types."""

from __future__ import annotations

from typing import Annotated, Any, Final

import typer

from incasso.cli.options import Format, Listed
from incasso.cli.output import show
from incasso.cli.place import office_of
from incasso.cli.who import reading_scope
from incasso.locale.list_labels import FOUND, MATCHED
from incasso.store.lists.listing import Column, Kind

app = typer.Typer()

_COLUMNS: Final = (
    Column("found", Kind.CODE),
    Column("source"),
    Column("client"),
    Column("client_name", Kind.PROSE),
    Column("key"),
    Column("document_number"),
    Column("due_date", Kind.DAY),
    Column("residual", Kind.AMOUNT, currency="currency"),
    Column("currency"),
    Column("matched", Kind.CODE, words="search_matched"),
)
_LABELS: Final = {"found": FOUND, "search_matched": MATCHED}


@app.command()
def search(
    context: typer.Context,
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="WORDS",
            help="A name, a code, a VAT number or tax code, a mail address, a telephone number, a "
            "document number or an amount; the ends of words may be missing.",
        ),
    ],
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=1000, help="So many of each at most.")
    ] = 20,
    reader: Annotated[
        str,
        typer.Option("--by", metavar="LOGIN", help="Who reads; the list shows what they may see."),
    ] = "",
    format: Listed = Format.TABLE,
) -> None:
    """Find clients and installments, the best first."""
    from incasso.store.lists.search import search as find

    with office_of(context, level=True) as office:
        scope = reading_scope(office, reader)
        with office.store.read() as connection:
            found = find(connection, scope, " ".join(words), limit)
        rows = [_of_client(hit) for hit in found.clients]
        rows += [_of_installment(hit) for hit in found.installments]
        show(rows, format, columns=_COLUMNS, office=office.config, limit=2 * limit, labels=_LABELS)


def _of_client(hit: Any) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(column.key for column in _COLUMNS)
    return row | {
        "found": "client",
        "source": hit.source,
        "client": hit.code,
        "client_name": hit.name,
        "matched": hit.matched,
    }


def _of_installment(hit: Any) -> dict[str, Any]:
    names = [column.key for column in _COLUMNS if column.key != "found"]
    return {"found": "installment", **{name: getattr(hit, name) for name in names}}
