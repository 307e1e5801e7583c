"""Print a letter: one Typst page, the words and amounts passed as data, never as markup."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from incasso.contract.media import Medium
from incasso.messages.mail import identity_lines, payment_lines, signature_lines
from incasso.messages.table import Row
from incasso.messages.view import View
from incasso.messages.words import PAYMENT, SIGNATURE, TABLE, Paragraph, runs

if TYPE_CHECKING:
    from typst import Compiler

_WINDOW = 40
"""Characters of one line in the envelope's window."""

_ZIP_AND_TOWN = re.compile(r"\d{5} +(.+?)(?: +\(?[A-Z]{2}\)?)?")

_KINDS = {"": "words", TABLE: "table", PAYMENT: "payment", SIGNATURE: "signature"}

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
    page = json.dumps(letter_facts(subject, body, seen), ensure_ascii=False)
    with _ONE_AT_A_TIME:
        made = _compiler().compile(format="pdf", sys_inputs={"letter": page}, timestamp=_noon(seen))
    assert isinstance(made, bytes)
    return made


def letter_facts(subject: str, body: Sequence[Paragraph], seen: View) -> dict[str, Any]:
    """All that the page prints, as plain JSON values."""
    company, client, labels = seen.company, seen.client, seen.language.labels
    place = company.place or _town(company.address)
    dated = "place_and_date" if place else "only_date"
    return {
        "language": seen.language.code,
        "title": subject,
        "sender": {"name": company.name, "lines": _sender_lines(seen)},
        "address": _address_lines(seen),
        "sent_as": _sent_as(seen),
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
        "payment": [list(pair) for pair in payment_lines(seen)],
        "prominent": [labels["iban"], labels["reference"]],
        "payment_title": labels["payment_title"],
        "no_payment": labels["no_iban"] if seen.asked.amount > 0 else "",
        "signature": signature_lines(seen),
        "page": labels["page"],
    }


def _address_lines(seen: View) -> list[str]:
    """The envelope's lines: at most five in the window, and never at the price of the street.

    The person who should read it comes second, if there is room for it.
    """
    client = seen.client
    name, *rest = client.address or (client.name,)
    lines = [_cut(name, 2 * _WINDOW), *[_cut(line, _WINDOW) for line in rest]]
    room = 5 - len(lines) - (len(lines[0]) > _WINDOW)
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


def _sender_lines(seen: View) -> list[str]:
    company = seen.company
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
        "feet": [list(foot) for foot in table.feet],
        "coming_title": table.coming_title,
        "coming": {
            "headings": [labels["document"], labels["due_date"], labels["residual"]],
            "rows": [_cells(row, ["due_date", "residual"]) for row in table.coming],
            "feet": [],
        },
    }


def _cells(row: Row, shown: list[str]) -> list[str | list[str]]:
    return [[row.document, row.note], *[getattr(row, name) for name in shown]]
