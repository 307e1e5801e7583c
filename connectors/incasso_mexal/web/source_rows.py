"""The positions of `scadenzario` behind some installments, in Mexal's own words."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

from incasso.api import SourceRow, text
from incasso_mexal.web.archive import Archive, Groups, group_of
from incasso_mexal.web.identity import returned_of
from incasso_mexal.web.instalments import Reader
from incasso_mexal.web.ledger import FILE, Ledger
from incasso_mexal.web.postings import Instalment


def source_rows(
    keys: Collection[str], archive: Archive, reader: Reader, on: date
) -> tuple[SourceRow, ...]:
    """The position of each key, and the other positions of its document: what was split or posted
    again stands beside it. Two searches per client's years."""
    codes = tuple(dict.fromkeys(key.partition("|")[0] for key in keys if key.count("|") == 4))
    if not codes:
        return ()
    groups = Groups(group_of(code) for code in codes)
    ledger = Ledger(archive, groups, reader, returned_of(archive, codes), on)
    positions = ledger.of_clients(codes).positions
    wanted = {each.key: each for each in positions if each.key in set(keys)}
    return tuple(
        _row(key, other)
        for key in keys
        if key in wanted
        for other in positions
        if _same_document(other, wanted[key])
    )


def _same_document(one: Instalment, other: Instalment) -> bool:
    if one.key == other.key:
        return True
    same = one.posting.code == other.posting.code
    return same and bool(one.posting.document) and one.posting.document == other.posting.document


def _row(key: str, instalment: Instalment) -> SourceRow:
    posting = instalment.posting
    where = text(
        "{file}, year {year}, posting {number} of {day}, position {index}",
        file=FILE,
        year=posting.year,
        number=posting.number,
        day=posting.registered,
        index=instalment.index,
    )
    return SourceRow(external_id=key, where=where, fields=tuple(_filled(instalment)))


def _filled(instalment: Instalment) -> Iterator[tuple[str, str]]:
    """What the posting says once, then what it says of this position."""
    for name, value in (*instalment.posting.raw.items(), *sorted(instalment.fields.items())):
        if not isinstance(value, list | dict) and (shown := str(value).strip()):
            yield name, shown
