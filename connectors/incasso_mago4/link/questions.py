"""The questions asked of Mago's documents: all customers, all receivables, or one of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from incasso_mago4.codes import CUSTOMER
from incasso_mago4.link.settings import LinkSettings
from incasso_mago4.link.transport import Session
from incasso_mago4.link.windows import Windows
from incasso_mago4.link.xml import (
    CUSTOMERS,
    RECEIVABLES,
    Criterion,
    Kind,
    Record,
    parameters,
)

_OURS: Final = Criterion("CustSuppType", str(CUSTOMER), "DataEnum")

_ENDINGS: Final = ("001", "01", "1", "A", "")
"""Of customer codes, from those that few have to any."""


class Questions:
    """What one session is asked, in the profiles of the settings."""

    def __init__(self, session: Session, settings: LinkSettings) -> None:
        self._session = session
        self._settings = settings
        self.blind = False
        """Whether codes with unseen first letters may be missing in the result."""

    def customers(self) -> Iterator[list[Record]]:
        """Every customer, window by window."""
        return self._all(self._windows(CUSTOMERS, (_OURS,), ("CustSupp",)))

    def receivables(self) -> Iterator[list[Record]]:
        """Every receivable that meets the filter, window by window."""
        narrowed = self._settings.receivables_filter.items()
        fixed = (_OURS, *(Criterion(field, value, _type(value)) for field, value in narrowed))
        return self._all(self._windows(RECEIVABLES, fixed, ("CustSupp", "DocNo")))

    def some_customers(self) -> list[Record]:
        """A few customers, to look at; none if there is none."""
        return self._some(CUSTOMERS)

    def some_receivables(self) -> list[Record]:
        """Receivables of a few customers, to look at; none if there is none."""
        return self._some(RECEIVABLES)

    def _some(self, kind: Kind) -> list[Record]:
        """Asked so that even a large company answers within seconds: by the end of the code."""
        for ending in _ENDINGS:
            if found := self._asked(kind, _OURS, Criterion("CustSupp", f"%{ending}")):
                return found
        return []

    def customer(self, code: str) -> list[Record]:
        """One customer, or nothing."""
        found = self._asked(CUSTOMERS, _OURS, Criterion("CustSupp", code))
        return [record for record in found if record.master.get("CustSupp") == code]

    def receivable(self, number: str) -> list[Record]:
        """One receivable by its PymtSchedId, or nothing."""
        found = self._asked(RECEIVABLES, Criterion("PymtSchedId", number, "Long"))
        return [record for record in found if record.master.get("PymtSchedId") == number]

    def _all(self, windows: Windows) -> Iterator[list[Record]]:
        yield from windows.all()
        self.blind |= windows.blind

    def _asked(self, kind: Kind, *criteria: Criterion) -> list[Record]:
        return self._session.get(parameters(kind, self._profile(kind), criteria)).records

    def _windows(
        self, kind: Kind, fixed: tuple[Criterion, ...], fields: tuple[str, ...]
    ) -> Windows:
        return Windows(
            session=self._session,
            kind=kind,
            profile=self._profile(kind),
            fixed=fixed,
            fields=fields,
            identity="CustSupp" if kind is CUSTOMERS else "PymtSchedId",
            most=self._settings.max_documents,
            alphabet=self._settings.code_alphabet,
        )

    def _profile(self, kind: Kind) -> str:
        settings = self._settings
        return settings.customers_profile if kind is CUSTOMERS else settings.receivables_profile


def _type(value: str) -> str:
    return "Bool" if value in ("true", "false") else "String"
