"""The report of a sync: how it ended, what it counted, and the open items before and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from incasso.domain.ledger.states import RunStatus
from incasso.domain.ledger.trust import Totals


@dataclass(kw_only=True)
class SyncCounts:
    """Rows of one sync, by what became of them."""

    clients_read: int = 0
    clients_new: int = 0
    clients_changed: int = 0
    clients_doubtful: int = 0
    """New and changed ones with an address or number that cannot be right; they are taken in."""
    people_changed: int = 0
    read: int = 0
    unchanged: int = 0
    new: int = 0
    changed: int = 0
    paid: int = 0
    unpaid: int = 0
    """Came back from the bank since the last read."""
    reopened: int = 0
    absent: int = 0
    """Missing from this read and still open: planning leaves them alone until it is certain."""
    renumbered: int = 0
    """The same credits under other keys than before."""
    merged: int = 0
    """Clients whose code is another now."""
    vanished: int = 0
    gone: int = 0
    quarantined: int = 0
    """Rows refused in this read, whether or not they were in quarantine before."""
    documents_new: int = 0
    documents_changed: int = 0
    payments_new: int = 0
    payments_changed: int = 0
    history_refused: int = 0
    """Documents and payments refused in this read."""
    balances_compared: int = 0
    balances_differ: int = 0
    """Clients whose balance in the ERP is another than the sum of their open items here."""
    balances_collected: int = 0
    """Clients whose balance differs only by bills counted as collected: no error."""
    resolved: int = 0
    """Quarantine entries whose record arrived well."""
    assigned: int = 0
    """Clients that got an operator by the rules."""
    complete: bool = False
    """It covered every open item, so absences mean something."""
    healed: int = 0
    """Rows that somebody had changed outside the hub: they are again as the source says."""
    altered: int = 0
    """Such rows that this read did not bring."""
    full: bool = False
    """Complete, and read from the beginning."""


@dataclass(frozen=True, kw_only=True)
class SyncReport:
    """How the sync of one source ended. `stopped` and `failed` changed nothing in the ledger."""

    source: str
    run: int
    status: RunStatus
    reasons: tuple[str, ...] = ()
    hint: str = ""
    confirmed: bool = False
    warnings: list[str] = field(default_factory=list)
    """What went wrong beside the ledger itself, which is good all the same."""
    counts: SyncCounts = field(default_factory=SyncCounts)
    before: Mapping[str, Totals] = field(default_factory=dict)
    after: Mapping[str, Totals] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        """Whether the ledger is now as the source says."""
        return self.status == RunStatus.GOOD

    def totals(self) -> dict[str, Any]:
        """Control totals per currency, as the run keeps them; money in minor units."""
        return {currency: asdict(totals) for currency, totals in self.after.items()}
