"""Mexal's arrays: pairs of index and value whose empty positions are left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from incasso.api import text
from incasso_mexal.cells import CellError, shown

MOST_POSITIONS: Final = 250
"""Instalments that one posting can have."""


def by_index(value: Any, field: str, most: int = MOST_POSITIONS) -> Mapping[int, Any]:
    """`[[index, value], …]` as a mapping from index to value.

    A position that is missing is empty: an array is never read by place. Raises CellError for
    anything else, for indices outside 1 to `most` and for an index that comes twice.
    """
    if value is None or value == "":
        return {}
    if not isinstance(value, list):
        raise CellError(
            field,
            text("{shown} is no list of [index, value]", shown=shown(value)),
            code="bad_array",
        )
    found: dict[int, Any] = {}
    for pair in value:
        if not (isinstance(pair, list) and len(pair) == 2 and _is_index(pair[0], most)):
            raise CellError(
                field, text("{shown} is no [index, value]", shown=shown(pair)), code="bad_array"
            )
        if pair[0] in found:
            raise CellError(field, text("index {pair} comes twice", pair=pair[0]), code="bad_array")
        found[pair[0]] = pair[1]
    return found


def by_two_indices(value: Any, field: str) -> Mapping[tuple[int, int], Any]:
    """`[[i, j, value], …]` as a mapping from (i, j) to value."""
    if value is None or value == "":
        return {}
    if not isinstance(value, list):
        raise CellError(
            field, text("{shown} is no list of [i, j, value]", shown=shown(value)), code="bad_array"
        )
    found: dict[tuple[int, int], Any] = {}
    for triple in value:
        if not (isinstance(triple, list) and len(triple) == 3 and _both(triple)):
            raise CellError(
                field, text("{shown} is no [i, j, value]", shown=shown(triple)), code="bad_array"
            )
        found[triple[0], triple[1]] = triple[2]
    return found


def _both(triple: list[Any]) -> bool:
    return all(_is_index(each, 10_000) for each in triple[:2])


def _is_index(value: Any, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most
