"""Open items out of the document Receivables: its rows, as the database's queries give them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, NamedTuple

from incasso.api import ConfigurationError, Unreadable
from incasso.api import text as sentence
from incasso_mago4.installment import Installments
from incasso_mago4.item_rows import SOURCES, ItemRow
from incasso_mago4.items import Candidate, candidates
from incasso_mago4.link.values import (
    BadValueError,
    Fields,
    Reader,
    amount,
    day,
    flag,
    text,
    value,
    whole,
)
from incasso_mago4.link.xml import Record

DETAIL: Final = "Detail"

_NUMBERS: Final = (
    "item number row_kind closing sign term presentation reopening_number reminded_level"
).split()
_AMOUNTS: Final = "amount base presented_amount outstanding_amount".split()
_FLAGS: Final = (
    "credit_note advance item_blocked closed blocked presented collected outstanding legal"
).split()
_DAYS: Final = "day document_day opening_day presented_day outstanding_day".split()
_TEXTS: Final = (
    "client document_number item_currency item_agent item_area currency agent area notes "
    "bill_number bank"
).split()
READERS: Final[Mapping[str, Reader]] = {
    **dict.fromkeys(_NUMBERS, whole),
    **dict.fromkeys(_AMOUNTS, amount),
    **dict.fromkeys(_FLAGS, flag),
    **dict.fromkeys(_DAYS, day),
    **dict.fromkeys(_TEXTS, text),
}
"""How each column is read. The others stand in tables that the document does not hold."""

_NEEDED: Final = {
    "header": ("PymtSchedId", "CustSupp", "DocNo", "DocumentDate", "CreditNote", "Advance"),
    "detail": (
        "InstallmentNo InstallmentType ClosingType InstallmentDate DebitCreditSign Amount "
        "PayableAmountInBaseCurr"
    ).split(),
}
"""Required fields: a profile that leaves one out is refused."""


class Reminder(NamedTuple):
    """What Mago itself reminded a customer of: the last day and the level."""

    on: date | None = None
    level: int = 0


@dataclass(frozen=True)
class Reading:
    """How this company's documents become installments, on one business day."""

    builder: Installments
    seed: int
    profile: str
    reminders: Mapping[str, Reminder] = field(default_factory=dict)

    def read(self, record: Record) -> tuple[list[Candidate], list[Unreadable]]:
        """The installments of one document; one that cannot be read stops none of the others.

        Raises ConfigurationError if the profile leaves out what the arithmetic needs.
        """
        rows: list[ItemRow] = []
        bad: dict[str, Unreadable] = {}
        details: Sequence[Fields] = record.blocks.get(DETAIL, ())
        self._require(record.master, "header")
        for detail in details:
            self._require(detail, "detail")
            key = f"{record.master['PymtSchedId']}|{detail['InstallmentNo']}"
            try:
                rows.append(self._row(record.master, detail))
            except BadValueError as error:
                raw = repr((dict(record.master), dict(detail)))[:2000]
                bad[key] = Unreadable(external_id=key, problems=(error.problem,), raw=raw)
        rows.sort(key=lambda row: row.number)
        found = [each for item in candidates(rows, self.builder, self.seed) for each in item]
        return [each for each in found if each.key not in bad], list(bad.values())

    def _row(self, header: Fields, detail: Fields) -> ItemRow:
        parts = {"header": header, "detail": detail}
        values: dict[str, Any] = dict.fromkeys(ItemRow._fields)
        for name, read in READERS.items():
            table, column = SOURCES[name]
            if table in parts:
                values[name] = value(parts[table], column, read)
        reminder = self.reminders.get(values["client"], Reminder())
        values |= {"reminded_day": reminder.on, "reminded_level": reminder.level}
        return ItemRow(**values)

    def _require(self, fields: Fields, part: str) -> None:
        missing = [name for name in _NEEDED[part] if name not in fields]
        if missing:
            raise ConfigurationError(
                sentence(
                    "the profile {profile} leaves out {missing}: export a profile of "
                    "Receivables that holds them, or nothing can be computed",
                    profile=self.profile,
                    missing=list(missing),
                )
            )
