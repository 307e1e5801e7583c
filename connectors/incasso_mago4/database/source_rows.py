"""The rows of Mago behind some installments, by the names that the connector asks for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final

from incasso.api import SourceRow, text
from incasso_mago4.database.mago import Mago
from incasso_mago4.database.open_items import rows_of

_TABLE: Final = "MA_PyblsRcvblsDetails"


def source_rows(mago: Mago, keys: Collection[str]) -> tuple[SourceRow, ...]:
    """Every row of the items of these keys: what opened, presented, collected and closed them."""
    asked: dict[int, list[str]] = defaultdict(list)
    for key in keys:
        item, _, number = key.partition("|")
        if item.isdecimal() and number.isdecimal() and len(item) < 10:
            asked[int(item)].append(key)
    if not asked:
        return ()
    statement = rows_of(mago.schema, mago.settings, sorted(asked))
    names = list(statement.selected_columns.keys())
    place, installment = names.index("item"), names.index("number")
    rows = list(mago.rows(statement))
    return tuple(
        SourceRow(
            external_id=key,
            where=text("{table}, item {item}", table=_TABLE, item=item),
            fields=tuple(_filled(names, row)),
        )
        for item, of_item in sorted(asked.items())
        for key in of_item
        for row in rows
        if int(row[place]) == item and str(row[installment]) == key.partition("|")[2]
    )


def _filled(names: Sequence[str], row: Sequence[Any]) -> Iterator[tuple[str, str]]:
    for name, value in zip(names, row, strict=True):
        if value is not None and (shown := str(value).strip()):
            yield name, shown
