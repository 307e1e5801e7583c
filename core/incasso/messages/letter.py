"""Print a letter: one Typst page, the words and amounts passed as data, never as markup."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from msgspec import to_builtins

from incasso.contract.media import Medium
from incasso.messages.clean import clean
from incasso.messages.letterhead import Window, foot_lines
from incasso.messages.mail import identity_lines, payment_lines, signature_lines
from incasso.messages.payment_code import code_svg
from incasso.messages.table import Row, Table
from incasso.messages.view import View
from incasso.messages.words import PAYMENT, SIGNATURE, STATEMENT, TABLE, Paragraph, runs

if TYPE_CHECKING:
    from typst import Compiler

_WINDOW = 40
"""Characters of one line in the envelope's window."""

_MIDDLE, _MARGIN = 80, 25
"""Millimetres: a window that begins behind it is on the right; the margin left of the text."""

_LONG_TABLE = 12
"""Rows of a table that may need a second page, and then the sums of its pages."""

_ZIP_AND_TOWN = re.compile(r"\d{5} +(.+?)(?: +\(?[A-Z]{2}\)?)?")

_KINDS = {
    "": "words",
    TABLE: "table",
    PAYMENT: "payment",
    SIGNATURE: "signature",
    STATEMENT: "statement",
}

# One compiler serves all threads in turn: a fresh one per letter costs three times as much.
_ONE_AT_A_TIME = Lock()


@lru_cache(maxsize=1)
def _compiler() -> Compiler:
    from typst import Compiler

    return Compiler(Path(__file__).with_name("layout") / "letter.typ")


def letter_pdf(subject: str, body: Sequence[Paragraph], seen: View) -> bytes:
    """The finished letter, about 20 ms; equal input gives equal bytes on one machine.

    The file's own date is the letter's date, so that proof does not depend on when it was made.
    """
    given = letter_inputs(subject, body, seen)
    with _ONE_AT_A_TIME:
        made = _compiler().compile(format="pdf", sys_inputs=given, timestamp=_noon(seen))
    assert isinstance(made, bytes)
    return made


def letter_pictures(subject: str, body: Sequence[Paragraph], seen: View, ppi: int) -> list[bytes]:
    """The pages as PNG, to be looked at."""
    given = letter_inputs(subject, body, seen)
    with _ONE_AT_A_TIME:
        made = _compiler().compile(format="png", ppi=ppi, sys_inputs=given, timestamp=_noon(seen))
    return made if isinstance(made, list) else [made or b""]


def letter_inputs(subject: str, body: Sequence[Paragraph], seen: View) -> dict[str, str]:
    """What the page is given: its facts as JSON, and its drawings."""
    asks = any(paragraph.block == PAYMENT for paragraph in body)
    code = code_svg(seen) if asks else ""
    facts = {**letter_facts(subject, body, seen), "has_code": bool(code)}
    return {
        "letter": json.dumps(facts, ensure_ascii=False),
        "logo": seen.letterhead.logo,
        "signature": seen.letterhead.signature,
        "code": code,
    }


def letter_facts(subject: str, body: Sequence[Paragraph], seen: View) -> dict[str, Any]:
    """All that the page prints, as plain JSON values."""
    company, client, labels = seen.company, seen.client, seen.language.labels
    head = seen.letterhead
    place = company.place or _town(company.address)
    dated = "place_and_date" if place else "only_date"
    return {
        "language": seen.language.code,
        "title": subject,
        "sender": {"name": company.name, "lines": _sender_lines(seen)},
        "colour": head.colour,
        "logo_width": head.logo_width if head.logo else 0,
        "signed": bool(head.signature),
        "foot": foot_lines(head, company.name, company.vat * bool(head.sender), seen.language),
        "window": {
            name: float(getattr(head.window, name))
            for name in ("left", "top", "width", "height", "body")
        },
        "sender_above": _sender_above(seen),
        "address": _address_lines(seen),
        "sent_as": _sent_as(seen),
        "sent_as_at": _beside(head.window),
        "date": seen.language.label(dated, place=place, date=seen.language.long(seen.on)),
        "reference": [
            [label, value]
            for label, value in (
                (labels["our_reference"], seen.reference),
                (labels["client_code"], client.code),
            )
            if value
        ],
        "subject": [labels["subject"], subject],
        "body": [_piece(paragraph) for paragraph in body],
        "table": _table(seen),
        "statement": _statement(seen, body),
        "payment": [list(pair) for pair in payment_lines(seen)],
        "prominent": [labels["iban"], labels["reference"]],
        "payment_title": labels["payment_title"],
        "no_payment": labels["no_iban"] if seen.asked.amount > 0 else "",
        "signature": signature_lines(seen),
        "page": labels["page"],
        "brought": labels["brought"],
        "carried": labels["carried"],
        "code_title": labels["scan"],
    }


def _address_lines(seen: View) -> list[str]:
    """The envelope's lines: as the page prints them smaller, never at the price of the street.

    The person who should read it comes second, if there is room for it.
    """
    client = seen.client
    name, *rest = client.address or (client.name,)
    lines = [_cut(name, 3 * _WINDOW), *[_cut(line, 2 * _WINDOW) for line in rest[-5:]]]
    room = 5 - sum(1 + len(line) // _WINDOW for line in lines)
    person = client.contact_person
    if person and room > 0 and not any(person in line for line in lines):
        lines.insert(1, _cut(seen.language.label("attention", name=person), _WINDOW))
    return lines


def _sent_as(seen: View) -> str:
    """How it travels, where that is more than ordinary post; empty for the rest."""
    if seen.medium is Medium.REGISTERED:
        return seen.language.labels["registered"]
    return seen.language.labels["by_pec"] if seen.medium is Medium.PEC else ""


def _town(address: tuple[str, ...]) -> str:
    """Torino, out of "10148 Torino (TO)": where a letter is dated from by default."""
    for line in address:
        if found := _ZIP_AND_TOWN.fullmatch(line):
            return found.group(1)
    return ""


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def _noon(seen: View) -> int:
    """The letter's day as seconds since 1970, at noon UTC."""
    return (seen.on.toordinal() - 719163) * 86400 + 43200


def _beside(window: Window) -> tuple[float, float]:
    """Millimetres of what stands beside the window: left of one on the right, else right of it."""
    on_the_right = window.left >= _MIDDLE
    left = _MARGIN if on_the_right else window.left + window.width + 10
    return float(left), float(window.top) + 0.5


def _sender_above(seen: View) -> str:
    """The sender's address in the window's upper part, where a returned letter shows it."""
    company = seen.company
    if not seen.letterhead.window.sender_above:
        return ""
    return " · ".join((company.name, *company.address))


def _sender_lines(seen: View) -> list[str]:
    company, own = seen.company, seen.letterhead.sender
    if own:
        return list(map(clean, own))
    reach = [part for part in (seen.language.phone(company.phone), company.email) if part]
    return [" · ".join(part) for part in (company.address, reach, identity_lines(seen)) if part]


def _piece(paragraph: Paragraph) -> dict[str, Any]:
    kind = "item" if paragraph.item else _KINDS[paragraph.block]
    return {"kind": kind, "runs": [list(run) for run in runs(paragraph.words)]}


def _table(seen: View) -> dict[str, Any]:
    table, labels = seen.table, seen.language.labels
    shown = ["due_date", *["days"] * table.with_days, *["amount"] * table.with_amount]
    shown += [*["interest"] * table.with_interest, "residual"]
    return {
        "headings": [labels["document"], *[labels[name] for name in shown]],
        "rows": [_cells(row, shown) for row in table.rows],
        "carried": _carried(seen) if _is_long(table) else [],
        "feet": [list(foot) for foot in table.feet],
        "note": table.note,
        "coming_title": table.coming_title,
        "coming": {
            "headings": [labels["document"], labels["due_date"], labels["residual"]],
            "rows": [_cells(row, ["due_date", "residual"]) for row in table.coming],
            "carried": [],
            "feet": [],
        },
    }


def _statement(seen: View, body: Sequence[Paragraph]) -> dict[str, Any]:
    """The annex; without parts where it is not wanted, or no interest is asked."""
    wanted = any(paragraph.block == STATEMENT for paragraph in body)
    if (statement := seen.statement) is None or not wanted:
        return {"parts": []}
    labels = seen.language.labels
    shown = ("from", "to", "days", "rate", "base", "amount")
    return {
        "title": statement.title,
        "headings": [labels["document"], *[labels[f"statement_{name}"] for name in shown]],
        "costs": labels["statement_costs"],
        "parts": [to_builtins(part) for part in statement.parts],
        "feet": [list(foot) for foot in statement.feet],
        "notes": list(statement.notes),
    }


def _is_long(table: Table) -> bool:
    """Clients of a summary have sums of their own, in several currencies."""
    return len(table.rows) > _LONG_TABLE and not any(row.heading for row in table.rows)


def _carried(seen: View) -> list[str]:
    """What each row and those above it come to."""
    sums = accumulate([each.residual for each in (*seen.lines, *seen.credits)])
    return [seen.language.money(each) for each in sums]


def _cells(row: Row, shown: list[str]) -> list[str | list[str]]:
    return [[row.document, row.note], *[getattr(row, name) for name in shown]]
