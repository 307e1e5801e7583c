"""Reads a file as a trial and reports briefly what was recognised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from itertools import islice
from typing import Final, NamedTuple

from incasso.api import (
    ClientRecord,
    InstallmentRecord,
    PersonRecord,
    Problem,
    Text,
    Unreadable,
    counted,
    in_a_row,
    term,
    text,
)
from incasso_csv.files.source import Opened
from incasso_csv.files.tables import TextTable
from incasso_csv.layouts.entries import Broken, Entry
from incasso_csv.layouts.flat import is_supplier
from incasso_csv.layouts.unclaimed import suppliers_passed_over
from incasso_csv.reading.ledger import Ledger
from incasso_csv.records.refused_credits import credits_refused

_TRIAL: Final = 50_000
"""Rows read at most: a check has ten seconds."""
_SHOWN: Final = 5
_LAYOUTS: Final = {
    "flat": text("one item per row"),
    "ledger": text("print of a ledger"),
    "records": text("rows of several types"),
    "summary": text("summary per client"),
}
_FILES: Final = {
    "installments": term("file", "installments"),
    "clients": term("file", "clients"),
    "agents": term("file", "agents"),
    "depots": term("file", "depots"),
}


class Understood(NamedTuple):
    """What the check prints about one file."""

    facts: dict[str, str]
    warnings: list[Problem]


def survey(name: str, opened: Opened) -> Understood:
    """Layout, rows, bad rows, and for open items their sums."""
    remarks: list[Problem] = []
    items = list(islice(_items(name, opened, remarks), _TRIAL))
    good = [item for item in items if not isinstance(item, Unreadable)]
    bad = [item for item in items if isinstance(item, Unreadable)]
    what = _FILES[name]
    facts: dict[str, str] = {
        what: text(
            "{name}: {form}, layout {layout}",
            name=opened.table.path.name,
            form=_form(opened),
            layout=_LAYOUTS[opened.found.layout.name],
        ),
        text("{file}: rows", file=what): _rows(len(good), len(bad)),
    }
    if sums := _sums(good):
        facts[text("{file}: open", file=what)] = in_a_row(sums)
    if opened.found.unclaimed:
        names = ", ".join(opened.found.unclaimed)
        facts[text("{file}: columns not understood", file=what)] = names
    return Understood(facts, [_warning(each) for each in bad[:_SHOWN]] + remarks + _remarks(opened))


def _items(
    name: str, opened: Opened, remarks: list[Problem]
) -> Iterable[InstallmentRecord | ClientRecord | PersonRecord | Unreadable]:
    if name == "installments":
        ledger = Ledger(opened.table, opened.found, opened.reader, opened.settings)
        yield from (item for _, item in ledger.items())
        remarks += suppliers_passed_over(ledger.suppliers, opened.table.path.name)
        remarks += credits_refused(opened.reader.refused_credits, opened.table.path.name)
        return
    read = opened.reader.client if name == "clients" else opened.reader.person
    ours = opened.settings.client_accounts if name == "clients" else ()
    for item in opened.rows():
        if isinstance(item, Entry):
            if not is_supplier(item.fields, ours):
                yield read(item)
        elif isinstance(item, Broken):
            yield opened.reader.broken(item)


def _rows(good: int, bad: int) -> Text:
    if good + bad < _TRIAL:
        return text("{good} good, {bad} bad", good=good, bad=bad)
    return text("{good} good, {bad} bad in the first {n}", good=good, bad=bad, n=good + bad)


def _form(opened: Opened) -> str:
    if not isinstance(opened.table, TextTable):
        return text("Excel, sheet {sheet}", sheet=opened.table.sheet)
    shape = opened.table.shape
    return text(
        "text, {encoding}, cut by {separator!r}", encoding=shape.encoding, separator=shape.separator
    )


def _sums(good: Iterable[object]) -> list[Text]:
    count: Counter[str] = Counter()
    sums: dict[str, Decimal] = {}
    for record in good:
        if isinstance(record, InstallmentRecord) and record.residual:
            count[record.currency] += 1
            sums[record.currency] = sums.get(record.currency, Decimal(0)) + record.residual
    return [
        counted(
            "{n} item, {total} {currency}",
            "{n} items, {total} {currency}",
            n=count[currency],
            total=sums[currency],
            currency=currency,
        )
        for currency in sorted(sums)
    ]


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
