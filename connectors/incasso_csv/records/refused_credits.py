"""Refused rows that may be credits: until they are put right, more is asked than is owed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from incasso.api import DocumentKind, Problem, counted, text
from incasso_csv.cells.kinds import read_kind
from incasso_csv.cells.values import Cell, CellError, is_blank
from incasso_csv.cells.words import read_avere
from incasso_csv.layouts.flat import AMOUNTS

CREDITS: Final = (DocumentKind.CREDIT_NOTE, DocumentKind.ADVANCE)
_SHOWN: Final = 10


def may_be_credit(fields: Mapping[str, Cell]) -> bool:
    """Whether a row says, by its kind, its signs or its column, that its client has a credit."""
    return (
        _is_kind_of_credit(fields.get("document_kind"))
        or _says_avere(fields.get("sign"))
        or any(digit in "123456789" for digit in str(fields.get("credit", "")))
        or any(_is_negative(fields.get(name)) for name in AMOUNTS)
    )


def credits_refused(by_client: Mapping[str, int], file: str) -> tuple[Problem, ...]:
    """What a sync and a check say of such rows, by the codes of their clients."""
    if not by_client:
        return ()
    clients = sorted(by_client)
    shown = ", ".join(clients[:_SHOWN]) + (" …" if len(clients) > _SHOWN else "")
    return (
        Problem(
            code="credits_refused",
            message=counted(
                "{file}: {n} row that may be a credit could not be read, of client {clients}: "
                "more is asked than is owed",
                "{file}: {n} rows that may be credits could not be read, of clients {clients}: "
                "more is asked than is owed",
                n=sum(by_client.values()),
                file=file,
                clients=shown,
            ),
            hint=text(
                "put the rows right (`incasso quarantine`); until then `incasso act hold {client}`",
                client=clients[0],
            ),
        ),
    )


def _is_kind_of_credit(cell: Cell | None) -> bool:
    """A word that nobody understands may mean one, too."""
    if cell is None or is_blank(cell):
        return False
    try:
        return read_kind(cell) in CREDITS
    except CellError:
        return True


def _says_avere(cell: Cell | None) -> bool:
    try:
        return cell is not None and not is_blank(cell) and read_avere(cell)
    except CellError:
        return False


def _is_negative(cell: Cell | None) -> bool:
    if cell is None or isinstance(cell, bool):
        return False
    written = str(cell).strip()
    return written[:1] in "-(\N{MINUS SIGN}" * bool(written) or written[-1:] in "-)" * bool(written)
