"""Rows of the other queries as records: clients, agents and documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from incasso.api import ClientRecord, DocumentRecord, PersonRecord, text
from incasso_mexal.cells import CellError
from incasso_mexal.replica.cells import Cells
from incasso_mexal.replica.rows import kind_of
from incasso_mexal.replica.settings import ReplicaSettings
from incasso_mexal.spelling import country_code, mail_address, vat_number

_PLAIN: Final = (
    *("address", "zip", "city", "province", "language", "phone", "mobile", "fax"),
    *("contact_person", "contact_role", "call_hours", "agent", "depot", "area", "category"),
    *("payment_terms", "rating", "notes", "formerly"),
)
_FLAGS: Final = ("is_person", "blocked", "excluded", "seasonal", "public_body")


def client_of(row: Sequence[Any], cells: Cells) -> ClientRecord:
    """The record. Raises CellError for a client without code, or a field that is no value."""
    country = country_code(cells.text(row, "country"))
    texts = {name: cells.text(row, name) for name in _PLAIN if cells.has(name)}
    flags = {name: cells.yes(row, name) for name in _FLAGS if cells.has(name)}
    return ClientRecord(
        code=cells.needed(row, "code"),
        name=cells.text(row, "name"),
        vat=vat_number(cells.text(row, "vat"), country),
        tax_code=cells.text(row, "tax_code").replace(" ", "").upper(),
        country=country,
        email=mail_address(cells.text(row, "email")),
        pec=mail_address(cells.text(row, "pec")),
        credit_limit=cells.amount(row, "credit_limit") or None,
        unpaid_count=cells.whole(row, "unpaid_count"),
        **texts,  # type: ignore[arg-type]
        **flags,  # type: ignore[arg-type]
    )


def person_of(row: Sequence[Any], cells: Cells) -> PersonRecord:
    """An agent. Raises CellError for one without code."""
    code = cells.needed(row, "code")
    return PersonRecord(
        code=code,
        name=cells.text(row, "name") or code,
        email=mail_address(cells.text(row, "email")),
        pec=mail_address(cells.text(row, "pec")),
        phone=cells.text(row, "phone"),
        mobile=cells.text(row, "mobile"),
    )


def document_of(row: Sequence[Any], cells: Cells, settings: ReplicaSettings) -> DocumentRecord:
    """A document; its total is negative if it is a credit note. Raises CellError."""
    on = cells.day(row, "date")
    if on is None:
        raise CellError(
            "date", text("the document has no date"), text("correct the query"), "missing"
        )
    word = cells.text(row, "kind")
    reason = cells.text(row, "reason").upper()
    total = cells.signed(row, "total", reason)
    kind = kind_of(word, settings) if word else kind_of("invoice", settings)
    if total is not None and kind in ("credit_note", "advance"):
        total = -abs(total)
    given = cells.text(row, "currency").upper()
    names = ("agent", "depot", "reason", "cig", "cup", "notes")
    return DocumentRecord(
        key=cells.needed(row, "key"),
        client=cells.needed(row, "client"),
        number=cells.needed(row, "number"),
        date=on,
        kind=kind,
        total=total,
        currency=settings.currencies.get(given, given) or settings.currency,
        **{name: cells.text(row, name) for name in names},
    )
