"""What a person sees of one lot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from incasso.domain.money import from_minor
from incasso.domain.office.actor import Scope
from incasso.domain.placement.choosing import LeftOut
from incasso.domain.placement.moves import IN_HAND
from incasso.services.office.office import Office
from incasso.services.placement.finding import lot_called
from incasso.store.placement import accounts, batches, composing
from incasso.store.placement.accounts import LotAccount
from incasso.store.placement.batches import BatchRow
from incasso.store.placement.lots import Lot


@dataclass(frozen=True, kw_only=True)
class ShownLot:
    """A lot, and what its filters found that it does not have."""

    lot: Lot
    left_out: Mapping[LeftOut, tuple[int, Mapping[str, int]]]
    """Number and sums in minor units by reason."""
    batches: tuple[BatchRow, ...] = ()
    """Everything that left about it, or was to."""
    account: tuple[LotAccount, ...] = ()
    """Once the provider has it."""

    @property
    def fields(self) -> dict[str, Any]:
        """As machine formats give it."""
        left = {
            reason.value: {"count": number, "sums": _decimals(sums)}
            for reason, (number, sums) in self.left_out.items()
        }
        sent = [_batch_fields(each) for each in self.batches]
        account = [_account_fields(each) for each in self.account]
        return {**lot_fields(self.lot), "left_out": left, "batches": sent, "account": account}


def show_lot(office: Office, scope: Scope, code: str) -> ShownLot:
    """One lot as it stands. Raises LotError."""
    with office.store.read() as connection:
        lot = lot_called(connection, code, scope)
        together = lot.chosen_by.get("together", [lot.code])
        left = composing.left_out_of(connection, together)
        sent = tuple(batches.of_lot(connection, lot.id))
        account = () if lot.state in IN_HAND else tuple(accounts.of_lot(connection, lot.id))
    if waiting := lot.chosen_by.get("not_overdue"):
        number, sums = left.get(LeftOut.NOT_OVERDUE, (0, {}))
        left[LeftOut.NOT_OVERDUE] = (number + waiting, sums)
    return ShownLot(lot=lot, left_out=left, batches=sent, account=account)


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


def _batch_fields(batch: BatchRow) -> dict[str, Any]:
    names = ("name", "kind", "state", "filename", "sha256", "size", "attempts", "sent_at", "reason")
    return {name: getattr(batch, name) for name in names}


def _account_fields(account: LotAccount) -> dict[str, Any]:
    counted = ("currency", "rows", "rows_out")
    return {
        name: value if name in counted else str(from_minor(value, account.currency))
        for name, value in msgspec.structs.asdict(account).items()
    }


def _decimals(sums: Mapping[str, int]) -> dict[str, str]:
    return {currency: str(from_minor(minor, currency)) for currency, minor in sums.items()}
