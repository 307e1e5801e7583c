"""The body of a request, filled from our records by a template out of the mapping.

A text that is one field in braces becomes its value: `"{total}"`, `"{credits}"`. Fields inside a
longer text become words. Everything else stands as it is. A key whose field is empty is left away.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from incasso.api import Batch, Debtor, LotSheet, PlacedCredit, PlacementDossier

Fields = Mapping[str, Any]
_FIELD: Final = re.compile(r"\{([a-z_.]+)\}")
_DEBTOR: Final = tuple(f"debtor.{each}" for each in Debtor.__struct_fields__)
_LOT: Final = ("lot", "service", "mandate", "creditor", "creditor_vat", "handed_on", "batch")
_KNOWN: Final[Mapping[str, tuple[str, ...]]] = {
    "placement": (
        *("placement", "until", "total", "currency", "notes", "history", "oldest_due", "credits"),
        *_LOT,
        *_DEBTOR,
    ),
    "credit": (*PlacedCredit.__struct_fields__, "currency", "placement"),
    "batch": (*_LOT, "placements"),
}


def known_fields(template: str) -> tuple[str, ...]:
    """What a template may name: `placement`, `credit` or `batch`."""
    return _KNOWN[template]


def fields_of(template: Any) -> tuple[str, ...]:
    """What a template names, each once."""
    return tuple(dict.fromkeys(_named(template)))


def fields_of_lot(batch: Batch, lot: LotSheet) -> Fields:
    """What is the same in the whole lot."""
    return {
        "lot": lot.lot,
        "service": lot.service.value,
        "mandate": lot.mandate,
        "creditor": lot.creditor.name,
        "creditor_vat": lot.creditor.vat,
        "handed_on": lot.handed_on,
        "batch": batch.id,
    }


def fields_of_placement(dossier: PlacementDossier) -> Fields:
    """What one placement says; of its debtor only what the hub left in."""
    debtor = {f"debtor.{each}": getattr(dossier.debtor, each) for each in Debtor.__struct_fields__}
    return {
        **debtor,
        "placement": dossier.placement,
        "until": dossier.until,
        "total": dossier.total.amount,
        "currency": dossier.total.currency,
        "notes": dossier.notes,
        "history": "\n".join(
            " ".join(filter(None, (each.on.isoformat(), each.stage, each.medium, each.outcome)))
            for each in dossier.history
        ),
        "oldest_due": min((each.due_date for each in dossier.credits), default=None),
    }


def fields_of_credit(credit: PlacedCredit, dossier: PlacementDossier) -> Fields:
    """What one installment says."""
    own = {each: getattr(credit, each) for each in PlacedCredit.__struct_fields__}
    return {**own, "currency": dossier.total.currency, "placement": dossier.placement}


def filled(template: Any, fields: Fields, amounts: str) -> Any:
    """The template with the fields in it; amounts as `text`, `number` or `cents`."""
    if isinstance(template, str):
        return _of_text(template, fields, amounts)
    if isinstance(template, Mapping):
        made = {key: filled(each, fields, amounts) for key, each in template.items()}
        return {key: each for key, each in made.items() if each not in (None, "", {})}
    if isinstance(template, Sequence):
        return [filled(each, fields, amounts) for each in template]
    return template


def _of_text(template: str, fields: Fields, amounts: str) -> Any:
    if whole := _FIELD.fullmatch(template):
        return _value(fields.get(whole[1]), amounts)
    return _FIELD.sub(lambda found: _words(fields.get(found[1])), template)


def _value(value: Any, amounts: str) -> Any:
    if isinstance(value, Decimal):
        if amounts == "cents":
            return int((value * 100).to_integral_value())
        return value if amounts == "number" else f"{value:f}"
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


def _words(value: Any) -> str:
    return "" if value is None else str(_value(value, "text"))


def _named(template: Any) -> Iterator[str]:
    if isinstance(template, str):
        yield from _FIELD.findall(template)
    elif isinstance(template, Mapping):
        for each in template.values():
            yield from _named(each)
    elif isinstance(template, Sequence):
        for each in template:
            yield from _named(each)
