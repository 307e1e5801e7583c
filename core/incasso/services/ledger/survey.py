"""Read a source from end to end without keeping anything: what an integrator wants to see first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from incasso.contract.capabilities import ConnectorCapability as Can
from incasso.contract.connector import ControlTotals
from incasso.contract.errors import PluginError
from incasso.contract.ledger import ClientRecord, InstallmentRecord, Unreadable
from incasso.contract.text import text
from incasso.contract.values import CheckReport, CurrencyCode, ExternalId, Page
from incasso.domain.ledger.data_profile import DataProfile, Difference, Sum, differing_balances
from incasso.domain.ledger.overdue import BANK_GRACE_DAYS
from incasso.plugins.handles import ConnectorHandle

TOLERANCE: Final = Decimal("0.05")
"""ERPs round each currency conversion; five cents a client is rounding, not a lost row."""

BALANCES_AT_ONCE: Final = 50
BALANCES_MOST: Final = 500
"""One slow call per client: five hundred take minutes and show whether the signs are right."""

Progress = Callable[[str, int], None]


class Beside(StrEnum):
    """What a source may tell beside clients and installments."""

    AGENTS = "agents"
    DEPOTS = "depots"
    DOCUMENTS = "documents"
    PAYMENTS = "payments"


@dataclass(kw_only=True)
class Survey:
    """What reading the source found; nothing of it was stored."""

    source: str
    on: date
    report: CheckReport
    portrait: DataProfile
    beside: dict[Beside, int] = field(default_factory=dict)
    """How many records of what the connector offers beside clients and installments."""
    differences: list[Difference] = field(default_factory=list)
    balances_compared: int | None = None
    not_offered: dict[str, str] = field(default_factory=dict)
    """What this connector cannot read, with its own reason."""
    failures: list[str] = field(default_factory=list)
    """Parts that could not be read; the others were."""

    @property
    def good(self) -> bool:
        """Whether a sync of this would be believed."""
        unexplained = [each for each in self.differences if not each.collected]
        return not unexplained and not self.failures


def survey(
    handle: ConnectorHandle,
    report: CheckReport,
    on: date,
    progress: Progress,
    bank_grace_days: int = BANK_GRACE_DAYS,
) -> Survey:
    """Read everything that the source offers; `report` is what its check found.

    Raises the errors of the connector if clients or installments cannot be read; what comes
    beside them is listed in `failures`.
    """
    portrait = DataProfile(on=on, bank_grace_days=bank_grace_days)
    found = Survey(source=handle.id, on=on, report=report, portrait=portrait)
    _take(handle.pull_clients(None, on), portrait, "clients", progress)
    _take(handle.pull_installments(None, _NothingKnown(), on), portrait, "installments", progress)
    _read_supplementary(handle, found, on)
    _compare(handle, found, on)
    if handle.kind:
        for capability, declared in sorted(handle.kind.capabilities.items()):
            if not declared.support.usable:
                found.not_offered[capability.value] = declared.note
    return found


class _NothingKnown:
    """A hub that never read anything, so that every record is built."""

    def fingerprints(self, _keys: Any) -> Mapping[ExternalId, bytes]:
        """None."""
        return {}

    def recognise(self, fingerprints: Any) -> list[bool]:
        """None of them."""
        return [False] * len(fingerprints)


def _take(pages: Iterator[Page[Any]], portrait: DataProfile, what: str, progress: Progress) -> None:
    rows = 0
    for page in pages:
        for item in page.items:
            if isinstance(item, ClientRecord):
                portrait.client(item)
            elif isinstance(item, InstallmentRecord):
                portrait.installment(item)
            elif isinstance(item, Unreadable):
                portrait.unreadable(item)
        rows += len(page.items)
        progress(what, rows)


def _read_supplementary(handle: ConnectorHandle, found: Survey, on: date) -> None:
    parts: tuple[tuple[Beside, Can, Callable[[], Iterator[Page[Any]]]], ...] = (
        (Beside.AGENTS, Can.PEOPLE, lambda: handle.pull_agents(on)),
        (Beside.DEPOTS, Can.PEOPLE, lambda: handle.pull_depots(on)),
        (Beside.DOCUMENTS, Can.DOCUMENT_LIST, lambda: handle.pull_documents(None, on)),
        (Beside.PAYMENTS, Can.PAYMENTS, lambda: handle.pull_payments(None, on)),
    )
    for part, capability, pull in parts:
        if not handle.can(capability):
            continue
        try:
            found.beside[part] = sum(len(page.items) for page in pull())
        except PluginError as error:
            found.failures.append(f"{part}: {error}")


def _compare(handle: ConnectorHandle, found: Survey, on: date) -> None:
    """The ERP's own sums beside ours."""
    try:
        if handle.can(Can.TOTALS):
            found.differences += _totals(handle.totals(on), found.portrait.open_items)
        if handle.can(Can.BALANCES):
            _balances(handle, found, on)
    except PluginError as error:
        found.failures.append(text("the ERP's own totals: {error}", error=str(error)))


def _totals(by_erp: ControlTotals, read: Mapping[CurrencyCode, Sum]) -> list[Difference]:
    found = [
        Difference(
            what=text("open items in {currency}", currency=currency),
            erp=total,
            hub=read[currency].total,
        )
        for currency, total in sorted(by_erp.residual.items())
        if currency in read and read[currency].total != total
    ]
    items = sum(each.items for each in read.values())
    if by_erp.open_items is not None and by_erp.open_items != items:
        counts = Decimal(by_erp.open_items), Decimal(items)
        found.append(Difference(what=text("number of open items"), erp=counts[0], hub=counts[1]))
    missing = [currency for currency, total in by_erp.residual.items() if currency not in read]
    found += [
        Difference(
            what=text("open items in {currency}", currency=currency),
            erp=by_erp.residual[currency],
            hub=Decimal(0),
        )
        for currency in missing
        if by_erp.residual[currency]
    ]
    return found


def _balances(handle: ConnectorHandle, found: Survey, on: date) -> None:
    read, collected = found.portrait.balances, found.portrait.collected
    nothing = Decimal(0)
    asked = sorted({*read, *collected}, key=lambda code: (-abs(read.get(code, nothing)), code))[
        :BALANCES_MOST
    ]
    by_erp: dict[ExternalId, Decimal] = {}
    for start in range(0, len(asked), BALANCES_AT_ONCE):
        by_erp |= handle.balances(tuple(asked[start : start + BALANCES_AT_ONCE]), on)
    found.balances_compared = len(by_erp)
    found.differences += differing_balances(read, by_erp, collected, TOLERANCE)
