"""Write the paragraphs as a text mail with aligned columns."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

from incasso.messages.context import OfficeContact
from incasso.messages.statement_text import statement_lines
from incasso.messages.table import Row, Table
from incasso.messages.view import View
from incasso.messages.words import (
    PAYMENT,
    SIGNATURE,
    STATEMENT,
    TABLE,
    Paragraph,
    plain,
)

WIDTH = 72
_LINES = re.compile(rf"\S.{{0,{WIDTH - 2}}}(?=\s|$)|\S+")
_BROKEN = re.compile(r"[\t\n\x0b\x0c\r]")
_ITEM_LINES = re.compile(rf"\S.{{0,{WIDTH - 6}}}(?=\s|$)|\S+")


def text_mail(body: Sequence[Paragraph], seen: View) -> str:
    """Plain text, folded before column 72, ending in one line break."""
    written = ""
    for before, paragraph in zip((None, *body), body, strict=False):
        if piece := _as_text(paragraph, seen):
            in_list = paragraph.item and before is not None and before.item
            written += ("\n" if in_list else "\n\n") * bool(written) + piece
    return plain(written) + "\n"


def _as_text(paragraph: Paragraph, seen: View) -> str:
    if paragraph.block == TABLE:
        return table_text(seen)
    if paragraph.block == PAYMENT:
        return payment_text(seen)
    if paragraph.block == SIGNATURE:
        return "\n".join(signature_lines(seen))
    if paragraph.block == STATEMENT:
        return statement_text(seen)
    if paragraph.item:
        return "  - " + "\n    ".join(_ITEM_LINES.findall(paragraph.words))
    return fold(paragraph.words)


def fold(words: str) -> str:
    """Break at spaces before column 72; a single longer word stays whole (an IBAN, a link)."""
    return "\n".join(_LINES.findall(words))


def table_text(seen: View) -> str:
    """Columns aligned by spaces; documents left, dates and amounts right."""
    table = seen.table
    labels = seen.language.labels
    heading = Row(
        document=labels["document"],
        note="",
        due_date=labels["due_date"],
        days=labels["days"],
        amount=labels["amount"],
        interest=labels["interest"],
        residual=labels["residual"],
    )
    rows = [heading, *table.rows]
    columns = [("due_date", 10)]
    columns += [("days", len(heading.days))] if table.with_days else []
    columns += [("amount", _widest(rows, "amount"))] if table.with_amount else []
    columns += [("interest", _widest(rows, "interest"))] if table.with_interest else []
    widest = max(_widest(rows, "residual"), *(len(value) for _, value in table.feet))
    columns.append(("residual", widest))
    room = WIDTH - sum(2 + width for _, width in columns)
    wide = max(len(heading.document), min(room, max(len(row.document) for row in rows)))
    lines = [line for row in rows for line in _row_text(row, wide, columns)]
    whole = wide + sum(2 + width for _, width in columns)
    rule = "-" * whole
    ends = [line for label, value in table.feet for line in _foot_text(label, value, whole)]
    below = ["", fold(table.note)] if table.note else []
    below += ["", *_coming_text(table, whole)] if table.coming else []
    return "\n".join([lines[0], rule, *lines[1:], rule, *ends, *below])


def statement_text(seen: View) -> str:
    """How interest and costs were worked out; empty where none are asked."""
    if (statement := seen.statement) is None:
        return ""
    lines = statement_lines(statement, seen.language)
    return "\n".join([*lines, *["\n" + fold(note) for note in statement.notes]])


def _coming_text(table: Table, whole: int) -> list[str]:
    """What falls due next, under a line of its own."""
    columns = [("due_date", 10), ("residual", _widest(table.coming, "residual"))]
    wide = whole - sum(2 + width for _, width in columns)
    rows = [line for row in table.coming for line in _row_text(row, wide, columns)]
    return [fold(table.coming_title), "-" * whole, *rows]


def _foot_text(label: str, value: str, whole: int) -> list[str]:
    """The amount under the last column; a label that leaves no room has its own line."""
    if len(label) + 2 + len(value) <= whole:
        return [f"{label}{value:>{whole - len(label)}}"]
    return [label, f"{value:>{whole}}"]


def _widest(rows: Sequence[Row], column: str) -> int:
    return max(len(getattr(row, column)) for row in rows)


def _row_text(row: Row, wide: int, columns: list[tuple[str, int]]) -> list[str]:
    cells = "".join([f"  {getattr(row, name):>{width}}" for name, width in columns])
    if len(row.document) > wide:  # a long number keeps all its characters, on its own line
        return [", ".join(filter(None, (row.document, row.note))), " " * wide + cells]
    note = [f"  {row.note}"] if row.note else []
    return [f"{row.document:<{wide}}{cells}", *note]


def payment_lines(seen: View) -> list[tuple[str, str]]:
    """What to write in the bank's form: label and value; no IBAN, no list."""
    labels = seen.language.labels
    company = seen.company
    if not company.iban or seen.asked.amount <= 0:
        return []
    found = [
        (labels["payee"], company.name),
        (labels["iban"], grouped_iban(company.iban)),
        (labels["bic"], company.bic),
        (labels["payment_total"], seen.language.money(seen.asked)),
        (labels["reference"], seen.payment_reference),
    ]
    return [(label, value) for label, value in found if value]


def grouped_iban(iban: str) -> str:
    """In fours, as banks print it (ISO 13616)."""
    bare = iban.replace(" ", "").upper()
    return " ".join([bare[place : place + 4] for place in range(0, len(bare), 4)])


def payment_text(seen: View) -> str:
    """The payment box as text; without an IBAN a line that says whom to ask."""
    if seen.asked.amount <= 0:
        return ""
    if not (lines := payment_lines(seen)):
        return fold(seen.language.labels["no_iban"])
    wide = 1 + max(len(label) for label, _ in lines)
    return "\n".join(line for label, value in lines for line in _field_text(label, value, wide))


def _field_text(label: str, value: str, wide: int) -> list[str]:
    first, *others = wrapped(value, WIDTH - wide - 1)
    return [f"{label + ':':<{wide}} {first}", *[" " * (wide + 1) + each for each in others]]


def wrapped(value: str, width: int) -> list[str]:
    """Lines of at most so many characters; most values are one, without asking `textwrap`."""
    if len(value) <= width and not _BROKEN.search(value) and value == value.strip():
        return [value]
    return textwrap.wrap(value, width, break_on_hyphens=False)


def signature_lines(seen: View) -> list[str]:
    """Who signs, as what, and where to answer."""
    company, operator = seen.company, seen.operator
    labels = seen.language.labels
    signs = company.signature or operator.name or labels["office"]
    # Under a signatory's name nobody else's telephone and mailbox: the operator is the contact.
    own = operator if signs == operator.name else OfficeContact()
    reach = [seen.language.phone(own.phone or company.phone), own.email or company.email]
    role = company.signature_role if company.signature else ""
    lines = (signs, role, company.name, " · ".join(filter(None, reach)))
    return [line for line in lines if line]


def identity_lines(seen: View) -> list[str]:
    """What the law requires on a company's paper, as far as it is configured."""
    company, label = seen.company, seen.language.label
    vat = label("vat", number=company.vat) if company.vat else ""
    pec = label("pec", address=company.pec) if company.pec else ""
    return [line for line in (vat, pec) if line]
