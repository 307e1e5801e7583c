"""What a person sees of one lot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from incasso.domain.money import from_minor
from incasso.domain.office.actor import Scope
from incasso.domain.placement.choosing import LeftOut
from incasso.services.office.office import Office
from incasso.services.placement.finding import lot_called
from incasso.store.placement import composing
from incasso.store.placement.lots import Lot


@dataclass(frozen=True, kw_only=True)
class ShownLot:
    """A lot, and what its filters found that it does not have."""

    lot: Lot
    left_out: Mapping[LeftOut, tuple[int, Mapping[str, int]]]
    """Number and sums in minor units by reason."""

    @property
    def fields(self) -> dict[str, Any]:
        """As machine formats give it."""
        left = {
            reason.value: {"count": number, "sums": _decimals(sums)}
            for reason, (number, sums) in self.left_out.items()
        }
        return {**lot_fields(self.lot), "left_out": left}


def show_lot(office: Office, scope: Scope, code: str) -> ShownLot:
    """One lot as it stands. Raises LotError."""
    with office.store.read() as connection:
        lot = lot_called(connection, code, scope)
        together = lot.chosen_by.get("together", [lot.code])
        left = composing.left_out_of(connection, together)
    if waiting := lot.chosen_by.get("not_overdue"):
        number, sums = left.get(LeftOut.NOT_OVERDUE, (0, {}))
        left[LeftOut.NOT_OVERDUE] = (number + waiting, sums)
    return ShownLot(lot=lot, left_out=left)


def provider_of(office: Office, scope: Scope, code: str) -> str:
    """The key of a lot's provider. Raises LotError."""
    with office.store.read() as connection:
        return lot_called(connection, code, scope).provider


def lot_fields(lot: Lot) -> dict[str, Any]:
    """A lot as machine formats give it; the same names as `lots list`."""
    fields: dict[str, Any] = msgspec.structs.asdict(lot)
    fields["lot"] = fields.pop("code")
    fields["sums"] = _decimals(lot.sums)
    for name in ("id", "source_id"):
        del fields[name]
    return fields


def _decimals(sums: Mapping[str, int]) -> dict[str, str]:
    return {currency: str(from_minor(minor, currency)) for currency, minor in sums.items()}
