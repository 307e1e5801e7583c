"""Who owes: the client that a row names by code, by tax number or only by name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from incasso.api import ClientRecord
from incasso.api import text as sentence
from incasso_csv.cells.amounts import Mark, check_cents, read_amount
from incasso_csv.cells.entry import EntryCells
from incasso_csv.cells.values import Cell, CellError, code_of, text_of
from incasso_csv.cells.words import normal, read_flag
from incasso_csv.records.keys import shortened
from incasso_csv.settings import CsvSettings

_TEXTS: Final = (
    "address zip city province email pec phone mobile fax contact_person contact_role call_hours "
    "agent depot area category payment_terms rating notes"
).split()
_FLAGS: Final = ("is_person", "blocked", "excluded", "seasonal")
_NOBODY_RENAMED: Final[Mapping[str, str]] = MappingProxyType({})
_BETWEEN: Final = re.compile(r"[^0-9A-Z]+")
_ITALIAN: Final = re.compile(r"IT(\d{11})")


def party_code(row: EntryCells, renamed: Mapping[str, str] = _NOBODY_RENAMED) -> str:
    """Whose debt: the client's code; without one its VAT number, tax code or name, in that order.

    So the same client keeps its code from one export to the next. Members of a VAT group share
    the VAT number and differ by a tax code of digits, which then identifies them. Where there is a
    column of codes, a row that has none in it is nobody's by its name alone. `renamed`: names of
    today in normal form, and the code that the hub has for each.
    """
    if code := row.take("client", code_of, ""):
        return code
    vat, tax_code = tax_ids(row)
    if "client" in row.fields and not (vat or tax_code):
        return ""
    in_group = vat and tax_code.isdecimal() and tax_code != vat
    if found := (tax_code if in_group else vat) or tax_code:
        return shortened(found)
    name = normal(party_name(row))
    return shortened(renamed.get(name) or name.upper())


def is_known_by_name(row: EntryCells) -> bool:
    """Whether nothing but its name identifies the client of a row."""
    return "client" not in row.fields and not any(tax_ids(row)) and bool(party_name(row))


def party_name(row: EntryCells) -> str:
    """The client's name, in one cell or as surname and first name."""
    name = row.text("client_name")
    return name or " ".join(filter(None, (row.text("surname"), row.text("first_name"))))


def tax_ids(row: EntryCells) -> tuple[str, str]:
    """VAT number and tax code in one writing; a mixed column is distinguished by its form."""
    vat, tax_code, either = (tax_number(row.text(name)) for name in ("vat", "tax_code", "tax_id"))
    if either.isdecimal() and len(either) == 11:
        vat = vat or either
    else:
        tax_code = tax_code or either
    return vat, tax_code


def tax_number(written: str) -> str:
    """Without blanks and marks; an Italian VAT number without IT: exports write it either way."""
    number = _BETWEEN.sub("", written.upper())
    italian = _ITALIAN.fullmatch(number)
    return italian[1] if italian else number


def client_record(
    row: EntryCells, code: str, name: str, settings: CsvSettings, mark: Mark
) -> ClientRecord:
    """The client as the row describes it; what is wrong with it is in `row.problems`."""
    vat, tax_code = tax_ids(row)
    texts: dict[str, Any] = {field: row.text(field) for field in _TEXTS}
    flags: dict[str, Any] = {flag: row.take(flag, read_flag, False) for flag in _FLAGS}
    limit = row.take("credit_limit", lambda cell: _limit(cell, mark), None)
    if row.take("limit_withdrawn", read_flag, False):
        limit = Decimal(0)  # no credit at all; None would mean that no limit is set
    return ClientRecord(
        code=code,
        name=name,
        vat=vat,
        tax_code=tax_code,
        country=row.take("country", read_country, settings.country),
        language=row.text("language").lower(),
        credit_limit=limit,
        **texts,
        **flags,
    )


def read_country(cell: Cell) -> str:
    """ISO 3166-1 alpha-2; Italy also as Italian programs write it."""
    text = text_of(cell).upper()
    if text in ("ITALIA", "I", "ITA"):
        return "IT"
    if len(text) != 2 or not text.isascii() or not text.isalpha():
        raise CellError(
            "bad_country",
            sentence("{text!r} is not a country", text=text[:60]),
            sentence("write IT, DE, FR …"),
        )
    return text


def _limit(cell: Cell, mark: Mark) -> Decimal | None:
    """A credit limit; an X where a report only marks that there is one is not an amount."""
    if isinstance(cell, str) and normal(cell) in ("x", "s", "si", "n", "no"):
        return None
    amount = read_amount(cell, mark)
    return None if amount is None else check_cents(amount, "EUR")
