"""The current state of some installments, asked just before a message leaves."""

from __future__ import annotations

from incasso.api import (
    ExternalId,
    Gone,
    InstallmentRecord,
    TemporaryError,
    Unreadable,
    in_a_row,
    text,
)
from incasso_mago4.database.mago import Mago
from incasso_mago4.database.open_items import rows_of
from incasso_mago4.fingerprints import seed_of
from incasso_mago4.installment import Installments
from incasso_mago4.items import candidates


def refresh(mago: Mago, keys: tuple[ExternalId, ...]) -> tuple[InstallmentRecord | Gone, ...]:
    """Records in the order asked; Gone for what Mago no longer has.

    Raises TemporaryError if one of them cannot be read now: nothing is sent about it.
    """
    wanted = sorted({item for key in keys if (item := _item(key)) is not None})
    found: dict[str, InstallmentRecord] = {}
    if wanted:
        builder = Installments(mago.settings, mago.on)
        rows = mago.rows(rows_of(mago.schema, mago.settings, wanted))
        asked = frozenset(keys)
        for installments in candidates(rows, builder, seed_of(mago.settings)):
            for each in installments:
                if each.key in asked:
                    found[each.key] = _readable(each.item)
    return tuple(found.get(key) or Gone(external_id=key) for key in keys)


def _readable(read: InstallmentRecord | Unreadable) -> InstallmentRecord:
    if isinstance(read, InstallmentRecord):
        return read
    why = in_a_row(problem.message for problem in read.problems)
    raise TemporaryError(
        text(
            "installment {external_id} cannot be read now: {why}",
            external_id=read.external_id,
            why=why,
        )
    )


def _item(key: ExternalId) -> int | None:
    """The item in a key of ours; None for a key that is none."""
    item, _, number = key.partition("|")
    return int(item) if item.isdecimal() and number.isdecimal() and len(item) < 10 else None
