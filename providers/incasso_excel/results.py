"""A row of results as an update."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, time
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final, TypeVar

from incasso.api import (
    ActivityResult,
    ClosingReason,
    Money,
    PlacementRef,
    PlacementUpdate,
    Problem,
    RefusalReason,
    Text,
    Unreadable,
    UpdateItem,
    UpdateKind,
    apart,
    nearest,
    text,
)
from incasso_excel.cells import CellError, amount_of, day_of, text_of
from incasso_excel.words import RESULT_HEADINGS, known_words, member_of, plain

T = TypeVar("T", bound=StrEnum)

_NOON: Final = time(12, tzinfo=UTC)
_NEED_AMOUNT: Final = frozenset(
    {
        UpdateKind.PAYMENT,
        UpdateKind.REVERSAL,
        UpdateKind.DIRECT_PAYMENT,
        UpdateKind.SETTLEMENT,
        UpdateKind.FEE,
    }
)
_NEED_CORRECTED: Final = frozenset({UpdateKind.REVERSAL, UpdateKind.CORRECTION})
_DETAILS: Final[Mapping[UpdateKind, tuple[str, type[StrEnum]]]] = {
    UpdateKind.REFUSED: ("refused", RefusalReason),
    UpdateKind.CLOSED: ("closing", ClosingReason),
    UpdateKind.RETURNED: ("closing", ClosingReason),
    UpdateKind.ACTIVITY: ("result", ActivityResult),
}
"""What the column of details means for a kind; for the others it is a word of the agency's own."""


class _RowError(Exception):
    def __init__(self, field: str, words: Text, hint: Text | str = "") -> None:
        super().__init__(words)
        self.problem = Problem(
            code="cell", field=RESULT_HEADINGS[field][0], message=words, hint=hint
        )


class Results:
    """Reads the rows of one file; it remembers them to tell two equal ones."""

    def __init__(
        self,
        name: str,
        columns: Mapping[str, int],
        lot: str,
        codes: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        """`codes`: an agency's own words for kinds and details, as a mapping says them."""
        self._name = name
        self._columns = columns
        self._lot = lot
        self._codes = codes or {}
        self._seen: dict[str, int] = {}

    def read(self, number: int, row: Sequence[apart.Cell]) -> UpdateItem | None:
        """The update of a row; None for an empty one. `number` is the row as Excel counts."""
        if not any(str(cell).strip() for cell in row):
            return None
        try:
            update = self._update(number, row)
            self._refuse_twin(number, update, row)
        except _RowError as error:
            return self._unreadable(number, row, error.problem)
        return update

    def _update(self, number: int, row: Sequence[apart.Cell]) -> PlacementUpdate:
        kind = self._kind(row)
        on = self._value("on", row, day_of)
        if on is None:
            raise _RowError("on", text("the date is missing"))
        placement, of_row = self._text("placement", row, 32), self._text("row", row, 32)
        if not placement and not of_row:
            raise _RowError(
                "placement",
                text("neither placement nor row is given"),
                text("copy them from the sheet of credits"),
            )
        lot = self._text("lot", row, 32) or self._lot
        amount, currency = self._amount(kind, row), self._text("currency", row, 3).upper() or "EUR"
        corrects = self._text("corrects", row, 512)
        if kind in _NEED_CORRECTED and not corrects:
            raise _RowError(
                "corrects", text("it does not say which row it corrects: give its reference")
            )
        details = self._details(kind, row)
        said = self._text("text", row, 10_000)
        given = self._text("update_id", row, 128)
        return PlacementUpdate(
            placement=PlacementRef(ours=placement),
            lot=lot,
            row=of_row,
            update_id=given
            or _made_id(lot, placement, of_row, kind, on, amount, corrects, details, said),
            at=datetime.combine(on, _NOON),
            on=on,
            kind=kind,
            amount=None if amount is None else Money(amount=amount, currency=currency),
            corrects=corrects,
            remittance=self._text("remittance", row, 128),
            until=self._value("until", row, day_of),
            medium=self._text("medium", row, 40),
            text=said,
            **details,
        )

    def _kind(self, row: Sequence[apart.Cell]) -> UpdateKind:
        said = self._text("kind", row, 100)
        if not said:
            raise _RowError("kind", text("the result is missing"), text("choose it from the list"))
        return self._member("kind", UpdateKind, said)

    def _details(self, kind: UpdateKind, row: Sequence[apart.Cell]) -> dict[str, Any]:
        said = self._text("detail", row, 200) or self._implied(row)
        if kind not in _DETAILS:
            return {"code": said}
        field, of = _DETAILS[kind]
        if not said:
            if kind is UpdateKind.RETURNED:
                return {}
            raise _RowError(
                "detail", text("the detail is missing"), text("choose it from the list")
            )
        return {field: self._member("detail", of, said), "code": said}

    def _implied(self, row: Sequence[apart.Cell]) -> str:
        """A detail that the agency's own code of the kind brings along."""
        return self._codes.get("implied", {}).get(plain(self._text("kind", row, 100)), "")

    def _member(self, field: str, of: type[T], said: str) -> T:
        meant = self._codes.get(field, {}).get(plain(said), said)
        member = member_of(of, meant)
        if member is None:
            raise _RowError(
                field,
                text("“{said}” is none of the list", said=said[:60]),
                nearest(plain(said), known_words(of)),
            )
        return member

    def _amount(self, kind: UpdateKind, row: Sequence[apart.Cell]) -> Decimal | None:
        amount: Decimal | None = self._value("amount", row, amount_of)
        if amount is None and kind in _NEED_AMOUNT:
            raise _RowError(
                "amount",
                text("the amount is missing"),
                text("a formula has no value until the file is saved by Excel"),
            )
        if amount is not None and amount <= 0:
            raise _RowError(
                "amount",
                text("the amount must be above zero"),
                text("money that went back is a row of its own, a reversal"),
            )
        return amount

    def _text(self, field: str, row: Sequence[apart.Cell], most: int) -> str:
        said = self._value(field, row, text_of) or ""
        if len(said) > most:
            raise _RowError(
                field,
                text("{count} characters; the limit is {most}", count=len(said), most=most),
            )
        return said

    def _value(
        self, field: str, row: Sequence[apart.Cell], read: Callable[[apart.Cell], Any]
    ) -> Any:
        place = self._columns.get(field)
        if place is None or place >= len(row):
            return None
        try:
            return read(row[place])
        except CellError as error:
            raise _RowError(field, error.words) from None

    def _refuse_twin(self, number: int, update: PlacementUpdate, row: Sequence[apart.Cell]) -> None:
        """Two equal payments without a reference may be one or two: the agency must say which."""
        before = self._seen.setdefault(update.update_id, number)
        if before == number or self._text("update_id", row, 128):
            return
        raise _RowError(
            "update_id",
            text("it is the same as row {row}", row=before),
            text("if it is another one, give both a reference of their own"),
        )

    def _unreadable(self, number: int, row: Sequence[apart.Cell], problem: Problem) -> Unreadable:
        raw = "; ".join(str(cell) for cell in row if str(cell).strip())[:2000]
        return Unreadable(file=self._name, row=number, problems=(problem,), raw=raw)


def _made_id(*content: Any) -> str:
    """An id for a row that has none: the same row in another file is the same update."""
    said = "\x1f".join(str(each) for each in content)
    return f"x-{sha256(said.encode()).hexdigest()[:32]}"
