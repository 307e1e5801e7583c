"""Write the paragraphs as a text mail with aligned columns, and as an HTML page."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files

import nh3
from jinja2 import Environment, StrictUndefined
from jinja2 import Template as Compiled
from markupsafe import Markup

from incasso.messages.view import Row, View
from incasso.messages.words import (
    PAYMENT,
    SIGNATURE,
    TABLE,
    Paragraph,
    as_html,
    paragraphs,
    plain,
)

WIDTH = 72
_KINDS = {"": "", TABLE: "table", PAYMENT: "payment", SIGNATURE: "signature"}
_BLOCK = re.compile(f"([{TABLE}{PAYMENT}{SIGNATURE}])")
_ATTRIBUTES = {tag: {*nh3.ALLOWED_ATTRIBUTES.get(tag, ()), "style"} for tag in nh3.ALLOWED_TAGS}
_WIDEST_DOCUMENT = 34


def text_mail(words: str, seen: View) -> str:
    """Plain text, folded at 72 columns, ending in one line break."""
    pieces = [_as_text(paragraph, seen) for paragraph in paragraphs(words)]
    return plain("\n\n".join(filter(None, pieces)).replace("\n\n  - ", "\n  - ")) + "\n"


def _as_text(paragraph: Paragraph, seen: View) -> str:
    if paragraph.block == TABLE:
        return table_text(seen)
    if paragraph.block == PAYMENT:
        return payment_text(seen)
    if paragraph.block == SIGNATURE:
        return "\n".join(signature_lines(seen))
    return fold(paragraph.words, "  - " if paragraph.item else "")


def fold(words: str, first: str = "") -> str:
    """Break at spaces before column 72; a single longer word stays whole (an IBAN, a link)."""
    lines, line = [], first
    blank = " " * len(first)
    for word in words.split():
        if len(line) + len(word) >= WIDTH and line.strip(" -"):
            lines.append(line)
            line = blank
        line += word if not line or line.endswith(" ") else " " + word
    return "\n".join([*lines, line])


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
        residual=labels["residual"],
    )
    foot = [(labels["charges"], table.charges)] if table.charges else []
    foot.append((table.total_label, table.total))
    rows = [heading, *table.rows]
    wide = min(_WIDEST_DOCUMENT, max(len(row.document) for row in rows))
    columns = [("due_date", 10)]
    columns += [("days", len(heading.days))] if table.with_days else []
    columns += [("amount", _widest(rows, "amount"))] if table.with_amount else []
    columns += [("residual", max(_widest(rows, "residual"), *(len(each[1]) for each in foot)))]
    lines = [line for row in rows for line in _row_text(row, wide, columns)]
    whole = wide + sum(2 + width for _, width in columns)
    rule = "-" * whole
    ends = [f"{label}{value:>{max(whole - len(label), len(value) + 2)}}" for label, value in foot]
    return "\n".join([lines[0], rule, *lines[1:], rule, *ends])


def _widest(rows: list[Row], column: str) -> int:
    return max(len(getattr(row, column)) for row in rows)


def _row_text(row: Row, wide: int, columns: list[tuple[str, int]]) -> list[str]:
    cells = "".join([f"  {getattr(row, name):>{width}}" for name, width in columns])
    note = [f"  {row.note}"] if row.note else []
    if len(row.document) > wide:  # a long number keeps all its characters, on its own line
        return [row.document, " " * wide + cells, *note]
    return [f"{row.document:<{wide}}{cells}", *note]


def payment_lines(seen: View) -> list[tuple[str, str]]:
    """What to write in the bank's form: label and value; no IBAN, no list."""
    labels = seen.language.labels
    company = seen.company
    if not company.iban or seen.total.amount <= 0:
        return []
    found = [
        (labels["payee"], company.name),
        (labels["iban"], grouped_iban(company.iban)),
        (labels["bic"], company.bic),
        (labels["payment_total"], seen.table.total),
        (labels["reference"], seen.reference),
    ]
    return [(label, value) for label, value in found if value]


def grouped_iban(iban: str) -> str:
    """In fours, as banks print it (ISO 13616)."""
    bare = iban.replace(" ", "").upper()
    return " ".join([bare[place : place + 4] for place in range(0, len(bare), 4)])


def payment_text(seen: View) -> str:
    """The payment box as text; without an IBAN a line that says whom to ask."""
    if seen.total.amount <= 0:
        return ""
    if not (lines := payment_lines(seen)):
        return fold(seen.language.labels["no_iban"])
    wide = max(len(label) for label, _ in lines)
    return "\n".join(f"{label + ':':<{wide + 1}} {value}" for label, value in lines)


def signature_lines(seen: View) -> list[str]:
    """Who signs and where to answer."""
    company, operator = seen.company, seen.operator
    labels = seen.language.labels
    signs = company.signature or operator.name or labels["office"]
    number = operator.phone or company.phone
    reach = [
        seen.language.label("phone", number=number) if number else "",
        operator.email or company.email,
    ]
    return [line for line in (signs, company.name, " · ".join(filter(None, reach))) if line]


@lru_cache(maxsize=1)
def _page() -> Compiled:
    """Our own page, not the office's: trusted, so not sandboxed; everything is escaped."""
    source = files("incasso.messages").joinpath("layout", "mail.html.j2").read_text("utf-8")
    made = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return made.from_string(source)


def html_mail(subject: str, words: str, own_html: str, seen: View) -> str:
    """The page of the mail; `own_html` replaces the paragraphs where an office wrote its own."""
    return _page().render(
        subject=subject,
        body=_own_pieces(own_html) if own_html else _pieces(words),
        seen=seen,
        labels=seen.language.labels,
        payment=payment_lines(seen),
        signature=signature_lines(seen),
    )


def _pieces(words: str) -> list[tuple[str, Markup]]:
    """The body as (kind, escaped words); the page knows how each kind looks."""
    return [
        (_KINDS[each.block] or ("item" if each.item else "words"), as_html(each.words))
        for each in paragraphs(words)
    ]


def _own_pieces(own_html: str) -> list[tuple[str, Markup]]:
    """An office's own HTML between the blocks, without scripts, forms and frames."""
    safe = nh3.clean(own_html, attributes=_ATTRIBUTES)
    return [
        (_KINDS[piece] if piece in _KINDS else "own", as_html(Markup(piece)))
        for piece in _BLOCK.split(safe)
        if piece.strip()
    ]
