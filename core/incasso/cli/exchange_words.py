"""What came in from providers, in lines for a person and fields for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from incasso.cli.language import here
from incasso.contract.text import Text, counted, text
from incasso.domain.placement.states import ArrivalState
from incasso.locale.exchange_headings import EXCHANGE_HEADINGS as HEADINGS
from incasso.locale.exchange_labels import FATES

if TYPE_CHECKING:
    from incasso.services.placement.fates import RowFate
    from incasso.services.placement.take import ExchangeReport, PullReport
    from incasso.services.placement.take_file import FileReport

_MOST_SHOWN: Final = 20
"""Rows of a file that are told one by one."""


def refused_rows(report: FileReport | PullReport) -> int:
    return report.counts.get(ArrivalState.REFUSED.value, 0)


def told_lines(report: ExchangeReport) -> Iterator[Text | str]:
    for file in report.files:
        yield from file_lines(file)
        yield from map(_fate_line, file.fates[:_MOST_SHOWN])
    for pull in report.pulls:
        yield text("{provider}: {counts}.", provider=pull.provider, counts=_counts(pull))
        yield from map(_fate_line, pull.fates[:_MOST_SHOWN])
    if not (report.files or report.pulls or report.problems):
        yield text("No provider has sent anything.")
    if report.waiting:
        yield counted(
            "{n} report waits for a decision: `incasso exchange updates --waiting`.",
            "{n} reports wait for a decision: `incasso exchange updates --waiting`.",
            n=report.waiting,
        )


def file_lines(file: FileReport) -> Iterator[Text | str]:
    values = {"file": file.name, "provider": file.provider}
    if file.repeated:
        yield text("{file} of {provider}: taken before, nothing was changed.", **values)
    elif file.state is ArrivalState.REFUSED:
        yield text("{file} of {provider}: nothing of it can be taken.", **values)
    else:
        yield text("{file} of {provider}: {counts}.", counts=_counts(file), **values)
    if file.message:
        yield file.message


def _counts(report: FileReport | PullReport) -> str:
    """How many rows came to what, in the words of the list's headings."""
    told = [f"{here(HEADINGS[fate])} {number}" for fate, number in report.counts.items() if number]
    return ", ".join(told) or here(text("no rows"))


def _fate_line(fate: RowFate) -> Text:
    where = text("row {row}", row=fate.line) if fate.line else fate.update_id
    return text(
        "  {where}: {fate}: {problem}",
        where=here(where),
        fate=here(FATES[fate.fate]),
        problem=here(fate.message) or here(FATES[fate.fate]),
    )


def row_fields(fate: RowFate) -> dict[str, Any]:
    return {
        "row": fate.line,
        "update_id": fate.update_id,
        "fate": fate.fate.value,
        "code": fate.problem.value if fate.problem else None,
        "problem": fate.message or None,
    }


def report_fields(report: ExchangeReport) -> Iterator[dict[str, Any]]:
    for each in report.files:
        yield {
            "provider": each.provider,
            "file": each.name,
            "state": each.state.value,
            "repeated": each.repeated,
            "rows": each.rows,
            "counts": each.counts,
            "code": each.problem.value if each.problem else None,
            "problem": each.message or None,
            "odd": [row_fields(fate) for fate in each.fates],
        }
    for pull in report.pulls:
        yield {
            "provider": pull.provider,
            "file": None,
            "state": "taken",
            "repeated": False,
            "rows": sum(pull.counts.values()),
            "counts": pull.counts,
            "code": None,
            "problem": None,
            "odd": [row_fields(fate) for fate in pull.fates],
        }
