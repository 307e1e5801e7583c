"""How documents are named: Mexal's own key with the year, because numbers restart each January."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from incasso.api import DocumentKind, DocumentRef, RejectedError
from incasso.api import text as sentence
from incasso_mexal.cells import text

_KEY: Final = re.compile(r"([A-Z0-9]{1,4})\+(\d+)\+(\d+)\+([^@]+)@(\d{4})")
_NUMBER: Final = re.compile(r"(\d+)(?:/(\d+))?")


def number_of(serie: int, number: int) -> str:
    """A document's number as the office says it; the first series goes without saying."""
    if not number:
        return ""
    return f"{number}/{serie}" if serie > 1 else str(number)


@dataclass(frozen=True)
class DocKey:
    """Which document of which archive."""

    sigla: str
    serie: int
    number: int
    account: str
    year: int

    def __str__(self) -> str:
        return f"{self.plain}@{self.year}"

    @property
    def plain(self) -> str:
        """As Mexal writes it in a path."""
        return f"{self.sigla}+{self.serie}+{self.number}+{self.account}"


def sigla_of(kind: DocumentKind, types: Mapping[str, str]) -> str:
    """The document type of a kind, where the settings name exactly one; else empty."""
    found = [sigla for sigla, named in types.items() if named == kind]
    return found[0] if len(found) == 1 else ""


def key_of(ref: DocumentRef, types: Mapping[str, str], year: int) -> DocKey:
    """The key behind a reference. Raises RejectedError if it names no document of Mexal."""
    if match := _KEY.fullmatch(ref.key):
        return DocKey(match[1], int(match[2]), int(match[3]), match[4], int(match[5]))
    sigla, match = sigla_of(ref.kind, types), _NUMBER.fullmatch(ref.number.strip())
    if not sigla or match is None:
        raise RejectedError(
            sentence(
                "document {number!r} of {client} cannot be asked for: a {kind} needs one "
                "type in document_types, and a number such as 123 or 123/2",
                number=ref.number,
                client=ref.client,
                kind=ref.kind,
            ),
            code="no_document",
        )
    year = ref.date.year if ref.date is not None else year
    return DocKey(sigla, int(match[2] or 1), int(match[1]), ref.client, year)


def words(row: Mapping[str, Any], *fields: str) -> str:
    """Some texts of a row, joined."""
    values = [text(row.get(name), name) for name in fields]
    return "; ".join(each for each in values if each)
