"""How a provider's own workbook is filled and read: a TOML file beside plugins.toml.

`docs/howto/excel-lots.md` shows one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec

from incasso.api import (
    ActivityResult,
    ClosingReason,
    ConfigurationError,
    Problem,
    RefusalReason,
    Text,
    UpdateKind,
    nearest,
    read_toml,
    text,
)
from incasso_excel.words import HEADINGS, RESULT_HEADINGS, known_words, member_of, plain


class LotMapping(msgspec.Struct, frozen=True):
    """The sheet of their workbook that takes the credits."""

    template: str
    """Their empty workbook, a path beside the mapping."""
    columns: dict[str, str]
    """Their heading, and our field: `"Residuo €" = "residual"`."""
    sheet: str = ""
    """Absent: the first one."""
    heading_row: int = 1
    """As Excel counts."""
    constants: dict[str, str] = {}
    """Their heading, and a text that is the same in every row."""


class ResultsMapping(msgspec.Struct, frozen=True):
    """The sheet that comes back."""

    columns: dict[str, str]
    """Their heading, and our field: `"Codice esito" = "kind"`."""
    sheet: str = ""
    """Absent: the first with these headings."""
    kinds: dict[str, str] = {}
    """Their code, and our kind of result: `"INC" = "payment"`."""
    details: dict[str, str] = {}
    """Their code, and our detail: `"NR" = "no_answer"`."""
    implied: dict[str, str] = {}
    """A code of a kind that says the detail as well: `"IRR" = "untraceable"`."""

    def headings(self) -> dict[str, str]:
        """Our field by their heading."""
        return {plain(heading): field for heading, field in self.columns.items()}

    def codes(self) -> Mapping[str, Mapping[str, str]]:
        """Their words for kinds and details."""
        named = {"kind": self.kinds, "detail": self.details, "implied": self.implied}
        return {
            name: {plain(theirs): ours for theirs, ours in words.items()}
            for name, words in named.items()
        }


class WorkbookMapping(msgspec.Struct, frozen=True):
    """One provider's own workbook: both ways, or one of them."""

    lot: LotMapping | None = None
    results: ResultsMapping | None = None


_DETAILS: Final[tuple[type[StrEnum], ...]] = (ActivityResult, ClosingReason, RefusalReason)


def load(chosen: Path) -> WorkbookMapping:
    """The mapping in a file. Raises ConfigurationError that names everything wrong in it."""
    try:
        given = chosen.read_text("utf-8")
    except OSError as error:
        raise _refused(
            chosen, [(text("cannot be read: {why}", why=error.strerror or ""), "")]
        ) from None
    except UnicodeDecodeError:
        raise _refused(chosen, [(text("is not UTF-8 text"), "")]) from None
    mapping, wrong = read_toml(WorkbookMapping, given)
    if mapping is None:
        said = [(text("{key}: {problem}", key=e.key, problem=e.message), e.hint) for e in wrong]
        raise _refused(chosen, said)
    if problems := list(_problems(mapping, chosen.parent)):
        raise _refused(chosen, problems)
    return mapping


def _problems(mapping: WorkbookMapping, base: Path) -> Iterator[tuple[Text, str]]:
    if mapping.lot is None and mapping.results is None:
        yield text("has neither [lot] nor [results]"), ""
    if (lot := mapping.lot) is not None:
        yield from _unknown("lot.columns", lot.columns.values(), HEADINGS)
        yield from _missing("lot.columns", lot.columns.values(), ("row", "residual"))
        if not (base / lot.template).is_file():
            yield text("lot.template: {file} is no file", file=lot.template), ""
    if (results := mapping.results) is not None:
        yield from _unknown("results.columns", results.columns.values(), RESULT_HEADINGS)
        yield from _missing("results.columns", results.columns.values(), ("kind", "on"))
        yield from _unmeant("results.kinds", results.kinds.values(), (UpdateKind,))
        yield from _unmeant("results.details", results.details.values(), _DETAILS)
        yield from _unmeant("results.implied", results.implied.values(), _DETAILS)


def _unknown(
    key: str, fields: Iterable[str], known: Mapping[str, object]
) -> Iterator[tuple[Text, str]]:
    for each in fields:
        if each not in known:
            yield (
                text("{key}: “{field}” is no field of ours", key=key, field=each),
                nearest(each, known),
            )


def _missing(key: str, fields: Iterable[str], needed: Iterable[str]) -> Iterator[tuple[Text, str]]:
    given = set(fields)
    for each in needed:
        if each not in given:
            yield text("{key}: no heading stands for “{field}”", key=key, field=each), ""


def _unmeant(
    key: str, words: Iterable[str], kinds: tuple[type[StrEnum], ...]
) -> Iterator[tuple[Text, str]]:
    for each in words:
        if all(member_of(kind, each) is None for kind in kinds):
            known = [word for kind in kinds for word in known_words(kind)]
            yield (
                text("{key}: “{word}” means nothing here", key=key, word=each),
                nearest(each, known),
            )


def _refused(chosen: Path, said: Iterable[tuple[Text, str]]) -> ConfigurationError:
    return ConfigurationError(
        [
            Problem(
                code="mapping",
                field="mapping",
                message=text("{name}: {problem}", name=chosen.name, problem=words),
                hint=hint,
            )
            for words, hint in said
        ]
    )
