"""What can be wrong with a record, a read or a feed."""

from __future__ import annotations

from enum import StrEnum


class RecordFault(StrEnum):
    """Why a record is refused."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    TEXT = "text"
    """Characters that no database can keep."""
    IMPOSSIBLE_DATE = "impossible_date"
    UNKNOWN_CURRENCY = "unknown_currency"
    UNKNOWN_COUNTRY = "unknown_country"
    NOT_A_NUMBER = "not_a_number"
    TOO_LARGE = "too_large"
    FRACTION = "fraction"
    """More decimals than its currency has."""
    SIGN = "sign"
    """A credit note or advance that is positive."""
    SIGNS = "signs"
    """The residual of a negative amount is positive."""
    SUM = "sum"
    """The residual exceeds the amount."""
    UNKNOWN_CLIENT = "unknown_client"


class ReadFault(StrEnum):
    """Why a read is not applied before a person confirms it."""

    EMPTY_READ = "empty_read"
    ITEMS_DROP = "items_drop"
    SUM_DROPS = "sum_drops"
    COUNT_DIFFERS = "count_differs"
    SUM_DIFFERS = "sum_differs"


class StaleFault(StrEnum):
    """Why nothing may be sent on a ledger."""

    NEVER_READ = "never_read"
    TOO_OLD = "too_old"
