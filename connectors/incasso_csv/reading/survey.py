"""Reads a file as a trial and reports briefly what was recognised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from itertools import islice
from typing import Final, NamedTuple

from incasso.api import ClientRecord, InstallmentRecord, PersonRecord, Problem, Unreadable, text
from incasso_csv.files.source import Opened
from incasso_csv.files.tables import TextTable
from incasso_csv.layouts.entries import Broken, Entry
from incasso_csv.layouts.flat import is_supplier
from incasso_csv.layouts.unclaimed import suppliers_passed_over
from incasso_csv.reading.ledger import Ledger

_TRIAL: Final = 50_000
"""Rows read at most: a check has ten seconds."""
_SHOWN: Final = 5


class Understood(NamedTuple):
    """What the check prints about one file."""

    facts: dict[str, str]
    warnings: list[Problem]


def survey(name: str, opened: Opened) -> Understood:
    """Layout, rows, bad rows, and for open items their sums."""
    suppliers: list[Problem] = []
    items = list(islice(_items(name, opened, suppliers), _TRIAL))
    good = [item for item in items if not isinstance(item, Unreadable)]
    bad = [item for item in items if isinstance(item, Unreadable)]
    more = f" in the first {_TRIAL}" if len(items) == _TRIAL else ""
    facts = {
        name: text(
            "{name}: {form}, layout {name2}",
            name=opened.table.path.name,
            form=_form(opened),
            name2=opened.found.layout.name,
        ),
        f"{name} rows": f"{len(good)} good, {len(bad)} bad{more}",
    }
    if sums := _sums(good):
        facts[f"{name} open"] = sums
    if opened.found.unclaimed:
        facts[f"{name} not understood"] = ", ".join(opened.found.unclaimed)
    return Understood(
        facts, [_warning(each) for each in bad[:_SHOWN]] + suppliers + _remarks(opened)
    )


def _items(
    name: str, opened: Opened, suppliers: list[Problem]
) -> Iterable[InstallmentRecord | ClientRecord | PersonRecord | Unreadable]:
    if name == "installments":
        ledger = Ledger(opened.table, opened.found, opened.reader, opened.settings)
        yield from (item for _, item in ledger.items())
        suppliers += suppliers_passed_over(ledger.suppliers, opened.table.path.name)
        return
    read = opened.reader.client if name == "clients" else opened.reader.person
    ours = opened.settings.client_accounts if name == "clients" else ()
    for item in opened.rows():
        if isinstance(item, Entry):
            if not is_supplier(item.fields, ours):
                yield read(item)
        elif isinstance(item, Broken):
            yield opened.reader.broken(item)


def _form(opened: Opened) -> str:
    if not isinstance(opened.table, TextTable):
        return text("Excel, sheet {sheet}", sheet=opened.table.sheet)
    shape = opened.table.shape
    return text(
        "text, {encoding}, cut by {separator!r}", encoding=shape.encoding, separator=shape.separator
    )


def _sums(good: Iterable[object]) -> str:
    count: Counter[str] = Counter()
    sums: dict[str, Decimal] = {}
    for record in good:
        if isinstance(record, InstallmentRecord) and record.residual:
            count[record.currency] += 1
            sums[record.currency] = sums.get(record.currency, Decimal(0)) + record.residual
    return ", ".join(f"{count[money]} items, {sums[money]} {money}" for money in sorted(sums))


def _warning(bad: Unreadable) -> Problem:
    problem = bad.problems[0]
    return Problem(
        code=problem.code,
        field=problem.field,
        message=text(
            "{file} row {row}: {message}", file=bad.file, row=bad.row, message=problem.message
        ),
        hint=problem.hint,
    )


def _remarks(opened: Opened) -> list[Problem]:
    if opened.found.layout.name != "summary":
        return []
    return [
        Problem(
            code="no_documents",
            message=text(
                "this report has no documents: one open item per client and bucket, with "
                "the bucket's date"
            ),
            hint=text("good for lists and calls; for letters export the single open items"),
        )
    ]
