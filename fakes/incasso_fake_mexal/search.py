"""Filters of `POST …/ricerca`, judged as the manual says and no more kindly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final, TypeAlias

from incasso_fake_mexal.fields import Resource
from incasso_fake_mexal.wire import RefusalError, Row, by_index

Judge: TypeAlias = Callable[[Row], bool]

_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": lambda left, right: left == right,
    "<>": lambda left, right: left != right,
    ">": lambda left, right: left > right,
    "<": lambda left, right: left < right,
    ">=": lambda left, right: left >= right,
    "<=": lambda left, right: left <= right,
    "contiene": lambda left, right: str(right) in str(left),
    "inizia_per": lambda left, right: str(left).startswith(str(right)),
}


def judges(resource: Resource, body: Any) -> list[Judge]:
    """One judge per filter; all must hold. Raises RefusalError for unknown fields and operators.

    Keys count only in lower case: `Filtri` or `Campo` is silently no filter at all, which is how
    one integrator read a whole archive believing to read a part of it.
    """
    if not isinstance(body, dict):
        raise RefusalError(400, 6001, "Il corpo della richiesta deve essere un oggetto")
    loose = body.get("case_insensitive") is True
    filters = body.get("filtri") or []
    if not isinstance(filters, list):
        raise RefusalError(400, 6001, "L'elemento filtri deve essere un array")
    return [
        _judge(resource, one, loose) for one in filters if isinstance(one, dict) and "campo" in one
    ]


def _judge(resource: Resource, one: dict[str, Any], loose: bool) -> Judge:
    found = resource.field(str(one["campo"]))
    compare = _COMPARE.get(str(one.get("condizione", "=")))
    if compare is None:
        raise RefusalError(400, 6001, f"Condizione '{one['condizione']}' non valida")
    index = one.get("indice1")
    if found.size and index is None:
        raise RefusalError(400, 6001, f"Indice obbligatorio per il campo '{found.name}'")
    loose = loose or one.get("case_insensitive") is True
    wanted = one.get("valore", "")
    options = [_plain(v, loose) for v in (wanted if isinstance(wanted, list) else [wanted])]

    def holds(row: Row) -> bool:
        value = row.get(found.name, "")
        if found.size:
            value = by_index(value).get(int(index or 1), "" if found.kind != "N" else 0)
        mine = _plain(value, loose)
        return any(compare(*_same_kind(mine, option)) for option in options)

    return holds


def _plain(value: Any, loose: bool) -> Any:
    if isinstance(value, date):
        return value.strftime("%Y%m%d")
    if isinstance(value, str):
        return value.strip().lower() if loose else value.strip()
    return value


def _same_kind(left: Any, right: Any) -> tuple[Any, Any]:
    """Numbers with numbers, text with text; `"3"` and 3 are the same code."""
    numbers = (int, float, Decimal)
    if isinstance(left, numbers) and isinstance(right, numbers):
        return Decimal(str(left)), Decimal(str(right))
    return str(left), str(right)


def chosen(rows: Sequence[Row], found: Sequence[Judge]) -> list[Row]:
    """The rows every judge agrees to."""
    return [row for row in rows if all(judge(row) for judge in found)]
