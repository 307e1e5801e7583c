"""What a whole read of a source looks like: counts and sums to compare with the ERP's screens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from incasso.contract.ledger import (
    ClientRecord,
    InstallmentRecord,
    Unreadable,
)
from incasso.contract.values import CurrencyCode, ExternalId, Problem
from incasso.domain.fault import Fault, fault
from incasso.domain.ledger.faults import RecordFault
from incasso.domain.ledger.installment_status import Standing, standing
from incasso.domain.ledger.intake import client_problem, installment_problem
from incasso.domain.ledger.overdue import BANK_GRACE_DAYS, COLLECTED, is_at_bank

EXAMPLES = 5
"""Example rows shown for each kind of problem."""


@dataclass(kw_only=True)
class Sum:
    """How many items, and what they sum to in their currency."""

    items: int = 0
    total: Decimal = Decimal(0)

    def add(self, amount: Decimal) -> None:
        """One more item."""
        self.items += 1
        self.total += amount


@dataclass(kw_only=True)
class ClientSum:
    """What one client has open in one currency."""

    items: int = 0
    total: Decimal = Decimal(0)
    """Net of credit notes and advances."""
    overdue: Decimal = Decimal(0)

    def add(self, amount: Decimal, found: Standing) -> None:
        """One more item."""
        self.items += 1
        self.total += amount
        if found in (Standing.OVERDUE, Standing.UNPAID):
            self.overdue += amount


@dataclass(kw_only=True)
class RowProblem:
    """Rows that are refused for one reason."""

    problem: Problem | Fault
    rows: int = 0
    examples: list[str] = field(default_factory=list)


@dataclass(kw_only=True)
class DataProfile:
    """Collects a profile record by record; memory grows with the clients, not with the items."""

    on: date
    bank_grace_days: int = BANK_GRACE_DAYS
    clients: Counter[str] = field(default_factory=Counter)
    """How many, and how many lack an address, a VAT number, or are blocked."""
    open_items: dict[CurrencyCode, Sum] = field(default_factory=dict)
    standings: dict[tuple[Standing, CurrencyCode], Sum] = field(default_factory=dict)
    methods: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    noted: Counter[str] = field(default_factory=Counter)
    """What the ERP itself says about items: reminded, held, without a key of its document."""
    troubles: dict[str, RowProblem] = field(default_factory=dict)
    balances: dict[ExternalId, Decimal] = field(default_factory=dict)
    """What is open per client, in the company's currency where the ERP converts it."""
    collected: dict[ExternalId, Decimal] = field(default_factory=dict)
    """Bills per client that count as collected though the ERP has not booked it."""
    names: dict[ExternalId, str] = field(default_factory=dict)
    """Every client of the read."""
    by_client: dict[tuple[ExternalId, CurrencyCode], ClientSum] = field(default_factory=dict)

    def client(self, record: ClientRecord) -> None:
        """One client of the read."""
        self.names[record.code] = record.name
        if problem := client_problem(record):
            self._trouble(problem, record.code)
            return
        self.clients["read"] += 1
        for name, lacking in _LACKING.items():
            self.clients[name] += all(not getattr(record, each) for each in lacking)
        self.clients["blocked"] += record.blocked
        self.clients["excluded"] += record.excluded

    def installment(self, record: InstallmentRecord) -> None:
        """One installment of the read, after all the clients."""
        if record.client not in self.names:
            self._trouble(fault(RecordFault.UNKNOWN_CLIENT), f"{record.key} ({record.client})")
            return
        if problem := installment_problem(record, self.on):
            self._trouble(problem, record.key)
            return
        self._count(record)

    def unreadable(self, item: Unreadable) -> None:
        """One row that the connector could not read."""
        problem = item.problems[0] if item.problems else Problem(code="unreadable", message="?")
        self._trouble(problem, item.external_id or f"{item.file}:{item.row}")

    def _count(self, record: InstallmentRecord) -> None:
        found = standing(
            residual=record.residual,
            due_date=record.due_date,
            on=self.on,
            at_bank=self._at_bank(record),
            unpaid_on=record.unpaid_on,
            erp_hold=record.erp_hold,
        )
        key = (found, record.currency)
        self.standings.setdefault(key, Sum()).add(record.residual)
        if found is Standing.PAID:
            self._count_collected(record)
            return
        self.open_items.setdefault(record.currency, Sum()).add(record.residual)
        owes = self.by_client.setdefault((record.client, record.currency), ClientSum())
        owes.add(record.residual, found)
        self.methods[record.payment_method.value] += 1
        self.kinds[record.document_kind.value] += 1
        self.noted["reminded"] += record.reminded_on is not None
        self.noted["grouped"] += bool(record.bill_number)
        open_now = record.residual if record.base_residual is None else record.base_residual
        self.balances[record.client] = self.balances.get(record.client, Decimal(0)) + open_now

    def _count_collected(self, record: InstallmentRecord) -> None:
        """In the company's currency: of another one the ERP's conversion is not known."""
        if record.erp_hold == COLLECTED and record.amount and record.base_residual is None:
            known = self.collected.get(record.client, Decimal(0))
            self.collected[record.client] = known + record.amount

    def _at_bank(self, record: InstallmentRecord) -> bool:
        return is_at_bank(
            self.on,
            payment_method=record.payment_method,
            due_date=record.due_date,
            presented_on=record.presented_on,
            unpaid_on=record.unpaid_on,
            erp_hold=record.erp_hold,
            grace_days=self.bank_grace_days,
        )

    def _trouble(self, problem: Problem | Fault, what: str) -> None:
        name = f"{problem.field}: {problem.code}" if problem.field else str(problem.code)
        trouble = self.troubles.setdefault(name, RowProblem(problem=problem))
        trouble.rows += 1
        if len(trouble.examples) < EXAMPLES:
            trouble.examples.append(what)


_LACKING: Mapping[str, tuple[str, ...]] = {
    "no_email": ("email",),
    "no_pec": ("pec",),
    "no_address": ("email", "pec", "mobile", "fax"),
    "no_tax_number": ("vat", "tax_code"),
    "no_postal_address": ("address",),
}


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Something the ERP counts otherwise."""

    what: str
    erp: Decimal
    hub: Decimal
    collected: Decimal = Decimal(0)
    """Bills counted as collected, where they alone are the difference: that is no error."""


def differing_balances(
    read: Mapping[ExternalId, Decimal],
    by_erp: Mapping[ExternalId, Decimal],
    collected: Mapping[ExternalId, Decimal],
    tolerance: Decimal,
) -> list[Difference]:
    """Clients whose balance in the ERP is not the sum of their items, largest gap first."""
    found = []
    for code, balance in by_erp.items():
        hub, bills = read.get(code, Decimal(0)), collected.get(code, Decimal(0))
        if abs(balance - hub) <= tolerance:
            continue
        explained = bills if abs(balance - hub - bills) <= tolerance else Decimal(0)
        found.append(Difference(what=code, erp=balance, hub=hub, collected=explained))
    return sorted(found, key=lambda each: (-abs(each.erp - each.hub), each.what))
