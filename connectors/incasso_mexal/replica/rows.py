"""A row of the open items' query as a record: status today, residual, holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import blake2b
from typing import Any, Final

from incasso.api import DocumentKind, InstallmentRecord, PaymentMethod, text
from incasso_mexal.cells import CellError
from incasso_mexal.letters import method_of
from incasso_mexal.replica.cells import Cells
from incasso_mexal.replica.queries import Query
from incasso_mexal.replica.settings import ReplicaSettings
from incasso_mexal.states import AT_BANK, COLLECTED, PaymentState, meaning, payment_state

_MAPPING: Final = "mexal-replica-1"
_NOTHING: Final = Decimal("0.00")


@dataclass(frozen=True)
class RowState:
    """The fields of a row that decide whether a record is made."""

    key: str
    due: date
    method: PaymentMethod
    stands: PaymentState
    reason: str


class InstallmentReader:
    """Makes records of rows, by the settings and on a day."""

    def __init__(self, query: Query, settings: ReplicaSettings, on: date) -> None:
        self.cells = Cells(query, settings)
        self._settings = settings
        self.on = on
        given = f"{_MAPPING}|{query.sql}|{settings.mapping()}"
        self._salt = blake2b(given.encode(), digest_size=32).digest()
        self._has_status = self.cells.has("status")

    def named(self, row: Sequence[Any]) -> tuple[str, bytes]:
        """Key and digest of a row: all that must be known of one that did not change.

        The digest covers the cells, the mapping, and the status of the day where it depends on the
        calendar: bills at the bank, a small part of a ledger. Raises CellError.
        """
        key = self.cells.needed(row, "key")
        given: object = tuple(row)
        letter = self.cells.text(row, "status") if self._has_status else ""
        if meaning(letter, self._settings.states) is PaymentState.PRESENTED:
            judged = self.judged(row)
            given = (given, judged.stands.value, self._held(row, judged))
        return key, blake2b(repr(given).encode(), digest_size=16, key=self._salt).digest()

    def judged(self, row: Sequence[Any]) -> RowState:
        """Key, due date, payment and standing. Raises CellError."""
        cells = self.cells
        key = cells.needed(row, "key")
        due = cells.day(row, "due_date")
        if due is None:
            hint = text("enter it in Mexal, or let the query give the document's date")
            raise CellError("due_date", text("there is no due date"), hint, "missing")
        method = self._method(row)
        reason = cells.text(row, "reason").upper()
        return RowState(key, due, method, self._standing(row, due, method, reason), reason)

    def record(self, row: Sequence[Any], judged: RowState, fingerprint: bytes) -> InstallmentRecord:
        """The record. Raises CellError for the first implausible field."""
        cells = self.cells
        amount = cells.signed(row, "amount", judged.reason)
        residual = self._residual(row, judged, amount)
        kind = self._kind(row, judged, residual if amount is None else amount)
        currency = self._currency(row)
        return InstallmentRecord(
            key=judged.key,
            client=cells.needed(row, "client"),
            due_date=judged.due,
            residual=residual,
            document_kind=kind,
            document_number=cells.text(row, "document_number"),
            document_date=cells.day(row, "document_date"),
            installment_number=cells.whole(row, "installment_number") or 1,
            amount=amount,
            currency=currency,
            payment_method=judged.method,
            unpaid_on=self._unpaid_on(row, judged),
            presented_on=self._presented_on(row, judged),
            agent=cells.text(row, "agent"),
            depot=cells.text(row, "depot"),
            area=cells.text(row, "area"),
            notes=self._notes(row),
            document=cells.text(row, "document"),
            bill_number=_number(cells.text(row, "bill_number")),
            base_residual=self._base(row, judged, currency),
            reminded_on=self._reminded_on(row),
            reminders=self._reminders(row),
            erp_hold=self._held(row, judged),
            fingerprint=fingerprint,
        )

    def _method(self, row: Sequence[Any]) -> PaymentMethod:
        """By the letter of the column kind, or by the hub's own word in payment_method."""
        letter = self.cells.text(row, "kind")
        if letter or not self.cells.has("payment_method"):
            return method_of(letter, self._settings.payment_letters)
        word = self.cells.text(row, "payment_method").lower()
        if word and word not in list(PaymentMethod):
            hint = text("call the column kind, and name its values in payment_letters")
            raise CellError(
                "payment_method", text("{word!r} is no payment method", word=word), hint
            )
        return PaymentMethod(word) if word else PaymentMethod.OTHER

    def _standing(
        self, row: Sequence[Any], due: date, method: PaymentMethod, reason: str
    ) -> PaymentState:
        settings, letter = self._settings, self.cells.text(row, "status")
        stands = payment_state(letter, due, method, self.on, settings.states, settings.grace_days)
        if stands is not PaymentState.OPEN:
            return stands
        came_back = self.cells.day(row, "unpaid_on") is not None
        return PaymentState.UNPAID if came_back or reason in settings.unpaid_reasons else stands

    def _residual(self, row: Sequence[Any], judged: RowState, amount: Decimal | None) -> Decimal:
        """What is open: the column residual, else the whole amount of what is not settled."""
        given = self.cells.signed(row, "residual", judged.reason)
        if judged.stands is PaymentState.PAID and given:
            hint = text("name the status in states, or correct the query")
            raise CellError(
                "residual",
                text("{given} is open of what is paid", given=given),
                hint,
                "contradiction",
            )
        if judged.stands.settled:
            return _NOTHING
        found = amount if given is None else given
        if found is None:
            raise CellError(
                "amount", text("the amount is not there"), text("look at it in Mexal"), "missing"
            )
        return found

    def _base(self, row: Sequence[Any], judged: RowState, currency: str) -> Decimal | None:
        """The residual in the company's currency, where the item is in another one."""
        if currency == self._settings.currency:
            return None
        given = self.cells.signed(row, "base_residual", judged.reason)
        if given is None:
            given = self.cells.signed(row, "base_amount", judged.reason)
        return _NOTHING if judged.stands.settled and given is not None else given

    def _kind(self, row: Sequence[Any], judged: RowState, signed: Decimal) -> DocumentKind:
        settings = self._settings
        if word := self.cells.text(row, "document_kind"):
            return kind_of(word, settings)
        if judged.reason in settings.advance_reasons and signed < 0:
            return DocumentKind.ADVANCE
        credit = judged.reason in settings.credit_note_reasons or signed < 0
        return DocumentKind.CREDIT_NOTE if credit else DocumentKind.INVOICE

    def _currency(self, row: Sequence[Any]) -> str:
        given = self.cells.text(row, "currency").upper()
        found = self._settings.currencies.get(given, given) or self._settings.currency
        if len(found) == 3 and found.isalpha():
            return found
        hint = text('add it to the settings: currencies = {{ "{given}" = "USD" }}', given=given)
        raise CellError(
            "currency", text("nobody says which currency {given} is", given=given), hint
        )

    def _unpaid_on(self, row: Sequence[Any], judged: RowState) -> date | None:
        """The day it came back: as given, else its posting's, else not before the due date."""
        if judged.stands is not PaymentState.UNPAID:
            return None
        given = self.cells.day(row, "unpaid_on") or self.cells.day(row, "posted_on")
        return given or judged.due

    def _presented_on(self, row: Sequence[Any], judged: RowState) -> date | None:
        """The day the bill was issued; not after today where the day is unknown."""
        given = self.cells.day(row, "presented_on")
        if judged.stands not in (PaymentState.PRESENTED, PaymentState.COLLECTED):
            return (
                None if judged.stands is PaymentState.UNPAID or self.cells.has("status") else given
            )
        return given or self.cells.day(row, "posted_on") or min(judged.due, self.on)

    def _held(self, row: Sequence[Any], judged: RowState) -> str:
        """Why it must not be dunned: the column, a lawyer's date, or a bill at the bank past its
        due date, so that days of grace longer than a procedure's own are kept."""
        if given := self.cells.text(row, "erp_hold"):
            return given
        if self.cells.day(row, "legal_on") is not None:
            return "legal"
        if judged.stands is PaymentState.COLLECTED:
            return COLLECTED
        if judged.stands is not PaymentState.PRESENTED:
            return ""
        cyclic = judged.method in (PaymentMethod.RIBA, PaymentMethod.SDD)
        return "" if cyclic and self.on <= judged.due else AT_BANK

    def _reminded_on(self, row: Sequence[Any]) -> date | None:
        days = (self.cells.day(row, name) for name in ("reminded_on", "recovery_on"))
        return max((each for each in days if each is not None), default=None)

    def _reminders(self, row: Sequence[Any]) -> int:
        """As counted, else the level Mexal reached: 1 reminder, 2 recovery."""
        if (given := self.cells.whole(row, "reminders")) is not None:
            return given
        if self.cells.day(row, "recovery_on") is not None:
            return 2
        return 1 if self.cells.day(row, "reminded_on") is not None else 0

    def _notes(self, row: Sequence[Any]) -> str:
        public = (("CIG", "cig"), ("CUP", "cup"))
        given = [
            f"{name} {found}" for name, field in public if (found := self.cells.text(row, field))
        ]
        return "; ".join(each for each in (self.cells.text(row, "notes"), *given) if each)


def kind_of(word: str, settings: ReplicaSettings) -> DocumentKind:
    """A document's kind by the settings' map or the hub's own word. Raises CellError."""
    found = settings.document_kinds.get(word) or word.lower()
    if found in list(DocumentKind):
        return DocumentKind(found)
    hint = text('add it to the settings: document_kinds = {{ {word} = "invoice" }}', word=word)
    raise CellError("document_kind", text("nobody says what a {word} is", word=word), hint)


def _number(given: str) -> str:
    return "" if given == "0" else given
