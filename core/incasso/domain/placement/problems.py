"""Why a row or a file of a provider cannot simply be taken: the closed list of codes."""

from __future__ import annotations

from enum import StrEnum


class ReturnProblem(StrEnum):
    """A code that goes back to the provider; `incasso exchange check` names the same.

    An unknown lot, and one of somebody else, are the same to a provider.
    """

    # Of a single row.
    UNREADABLE = "unreadable"
    UNKNOWN_PLACEMENT = "unknown_placement"
    UNKNOWN_ROW = "unknown_row"
    AMBIGUOUS = "ambiguous"
    """More than one credit fits what the row says."""
    WRONG_CURRENCY = "wrong_currency"
    NO_AMOUNT = "no_amount"
    WRONG_AMOUNT = "wrong_amount"
    """Zero, below zero, or parts of a cent."""
    MORE_THAN_OPEN = "more_than_open"
    SEEN_AS_DIRECT = "seen_as_direct"
    """The ERP shows this money as paid to us; whose it is, a person must say."""
    FUTURE_DATE = "future_date"
    BEFORE_HAND_OVER = "before_hand_over"
    NO_DAY = "no_day"
    NO_REFERENCE = "no_reference"
    """It reverses or corrects, but names nothing."""
    UNKNOWN_PAYMENT = "unknown_payment"
    """What it reverses or corrects has not arrived."""
    NOT_A_PAYMENT = "not_a_payment"
    ALREADY_REVERSED = "already_reversed"
    OTHER_AMOUNT = "other_amount"
    """A reversal of another amount than the payment's."""
    ID_USED_TWICE = "id_used_twice"
    """The same id as before, with other content."""
    NO_REASON = "no_reason"
    """A closing or a refusal without its code."""
    OPEN_THOUGH_PAID = "open_though_paid"
    """Closed as paid in full, but the payments reported are not all of it."""
    PAST_MANDATE = "past_mandate"
    AFTER_THE_END = "after_the_end"

    # Of a whole file.
    WRONG_FORM = "wrong_form"
    OTHER_VERSION = "other_version"
    UNKNOWN_LOT = "unknown_lot"
    OTHER_CONTENT = "other_content"
    """It was made for another state of the lot: its digest is not the lot's."""
    SEQUENCE_USED = "sequence_used"
    SEQUENCE_GAP = "sequence_gap"
    ROWS_MISSING = "rows_missing"
    """It says that it has another number of rows than it has."""
    SUMS_DIFFER = "sums_differ"

    @property
    def kept(self) -> bool:
        """Whether it stays with the hub, so that the provider need not send it again."""
        return self in _KEPT

    @property
    def is_of_file(self) -> bool:
        """Whether it is about a file as a whole."""
        return self in _OF_FILES


_KEPT = frozenset(
    {
        ReturnProblem.MORE_THAN_OPEN,
        ReturnProblem.SEEN_AS_DIRECT,
        ReturnProblem.UNKNOWN_PAYMENT,
        ReturnProblem.OPEN_THOUGH_PAID,
        ReturnProblem.PAST_MANDATE,
        ReturnProblem.AFTER_THE_END,
        ReturnProblem.SEQUENCE_GAP,
    }
)
_OF_FILES = frozenset(
    {
        ReturnProblem.WRONG_FORM,
        ReturnProblem.OTHER_VERSION,
        ReturnProblem.UNKNOWN_LOT,
        ReturnProblem.OTHER_CONTENT,
        ReturnProblem.SEQUENCE_USED,
        ReturnProblem.SEQUENCE_GAP,
        ReturnProblem.ROWS_MISSING,
        ReturnProblem.SUMS_DIFFER,
    }
)
