"""The cells of a replica's row: padded text, days that mean none, hundredths, signs."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from incasso.api import text as sentence
from incasso_mexal.cells import CellError, amount, day, is_yes, text, whole
from incasso_mexal.replica.queries import Query
from incasso_mexal.replica.settings import ReplicaSettings


class Cells:
    """Reads the fields of one query's rows. Everything raises CellError for what is no value."""

    def __init__(self, query: Query, settings: ReplicaSettings) -> None:
        self.query = query
        self._settings = settings
        self._no_dates = frozenset(each.replace("-", "") for each in settings.no_dates)

    def has(self, field: str) -> bool:
        """Whether the query returns this field."""
        return field in self.query.positions

    def text(self, row: Sequence[Any], field: str) -> str:
        """Text without padding."""
        value = self.query.get(row, field)
        if isinstance(value, float) and value.is_integer():
            value = int(value)  # a code kept in a number
        return text(value, field)

    def needed(self, row: Sequence[Any], field: str) -> str:
        """Text that must be there."""
        if found := self.text(row, field):
            return found
        raise CellError(
            field, sentence("it is empty"), sentence("correct it in Mexal, or the query"), "missing"
        )

    def day(self, row: Sequence[Any], field: str) -> date | None:
        """A day; None for the days that mean none."""
        found = day(self.query.get(row, field), field)
        if found is None or found.strftime("%Y%m%d") in self._no_dates:
            return None
        return found

    def amount(self, row: Sequence[Any], field: str) -> Decimal | None:
        """An exact amount, with the decimals that are meant."""
        value = self.query.get(row, field)
        if isinstance(value, str):
            value = value.strip()
        if (places := self._settings.decimals.get(field)) and value not in (None, ""):
            return amount(Decimal(whole(value, field)).scaleb(-places), field)
        return amount(value, field)

    def whole(self, row: Sequence[Any], field: str) -> int | None:
        """A whole number; None where the field is empty."""
        value = self.query.get(row, field)
        return None if value is None or value == "" else whole(_exact(value), field)

    def yes(self, row: Sequence[Any], field: str) -> bool:
        """A flag: S, 1, true."""
        value = self.query.get(row, field)
        return is_yes(value.rstrip() if isinstance(value, str) else value)

    def instant(self, row: Sequence[Any], field: str) -> datetime | None:
        """When it changed; a date alone is its first moment."""
        value = self.query.get(row, field)
        if isinstance(value, str):
            with suppress(ValueError):
                value = datetime.fromisoformat(value.strip())
        if isinstance(value, datetime):
            return value.replace(tzinfo=None)
        found = self.day(row, field)
        return None if found is None else datetime(found.year, found.month, found.day)  # noqa: DTZ001

    def signed(self, row: Sequence[Any], field: str, reason: str = "") -> Decimal | None:
        """An amount with its sign: by the column sign, by the reason, or as it stands."""
        found = self.amount(row, field)
        if found is None:
            return None
        settings = self._settings
        if self.has("sign") and (sign := self.text(row, "sign").upper()):
            if sign not in (*settings.debit_signs, *settings.credit_signs):
                hint = sentence("name it in debit_signs or credit_signs")
                raise CellError("sign", sentence("{sign!r} is no known sign", sign=sign), hint)
            found = -abs(found) if sign in settings.credit_signs else abs(found)
        elif reason in settings.credit_note_reasons and settings.negate_credits:
            found = -abs(found)
        return -found if settings.invert else found


def _exact(value: Any) -> Any:
    return repr(value) if isinstance(value, float) else value
