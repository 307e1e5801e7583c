"""Read installments with everything a decision looks at; equal rows share one Facts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from datetime import date, datetime
from functools import cached_property
from operator import attrgetter
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.ledger.states import InstallmentStatus
from incasso.domain.recovery.agreements import NOTHING_AGREED, Agreed
from incasso.domain.recovery.contact_policy import NONE_YET, Contacts
from incasso.domain.recovery.facts import (
    Bands,
    Facts,
    Netted,
    Placement,
    Rulebook,
    Version,
    amount_bands,
    at_most,
)
from incasso.domain.recovery.netting import OpenItem, covered_debts
from incasso.domain.recovery.states import Finished
from incasso.domain.sending.client_contacts import Reaches
from incasso.store.recovery.due_installments import (
    DueInstallment,
    InstallmentReader,
    Shared,
    clients_with_credits,
)
from incasso.store.recovery.facts_agreements import (
    Kept,
    Settled,
    agreed_for,
    read_agreements,
    settled_by,
)
from incasso.store.recovery.facts_cases import CaseReader, RunningCase
from incasso.store.recovery.facts_clients import (
    ClientClass,
    ClientReader,
    ClientView,
    RuleColumns,
    SourceView,
    read_sources,
)
from incasso.store.recovery.facts_placed import read_placed
from incasso.store.recovery.heard import Heard, read_contacts
from incasso.store.recovery.iters import versions
from incasso.store.recovery.reaching import read_reaches
from incasso.store.recovery.replied import unanswered
from incasso.store.sql_ids import raw_day

Trust = Callable[[str, date | None, datetime | None], bool]
"""Whether a source may be relied upon: its name, the day and instant of its last good sync."""


class Situation(msgspec.Struct, frozen=True, gc=False):
    """One installment: who it is, and the facts it shares with all that are like it."""

    installment_id: int
    client: ClientView
    residual: int
    facts: Facts
    case: RunningCase | None


class OwnExtras(msgspec.Struct, frozen=True):
    """What an installment does not share with its like."""

    agreed: Agreed = NOTHING_AGREED
    netted: Netted = ()
    contacts: Contacts = NONE_YET
    replied_on: date | None = None
    reaches: Reaches | None = None
    placement: Placement | None = None


NO_EXTRAS: Final = OwnExtras()


class ClientExtras(msgspec.Struct, frozen=True, kw_only=True):
    """What only some clients of a page have."""

    agreements: Mapping[int, list[Kept]]
    reaches: Mapping[int, Reaches]
    heard: Mapping[int, Heard]
    replied: Mapping[int, date]
    """The day of what they wrote and nobody has answered."""
    placed: Mapping[int, Mapping[int, Placement]]
    """By client and installment, the lot it is in."""
    netted: Mapping[int, Netted]
    """By installment."""

    @property
    def special(self) -> frozenset[int]:
        """Clients whose facts are their own."""
        own = (self.agreements, self.replied, self.reaches, self.heard, self.placed)
        return frozenset(client for some in own for client in some)


class FactsReader:
    """Reads pages of installments for one business day; keeps what equal rows share.

    With `exact` amounts are what they are, for people to read; without, every residual stands
    for its whole band, so that a million rows come to some thousand Facts.
    """

    def __init__(
        self,
        connection: Connection,
        rules: Rulebook,
        on: date,
        *,
        trusted: Trust,
        exact: bool = False,
        lock: bool = False,
    ) -> None:
        self.rules = rules
        self.on = on
        self.exact = exact
        self.sources: dict[int, SourceView] = read_sources(connection, trusted)
        self.versions: dict[int, Version] = versions(connection)
        self.used = used = RuleColumns(rules)
        self.ordinary_clients = ClientReader(self.sources, used, self._media())
        """For those about whom there is nothing to weigh: by no other medium will they hear."""
        self.cases = CaseReader(self.versions, lock=lock)
        self.settled: list[Settled] = []
        """Promises and plans found kept or broken."""
        self.heard: Mapping[int, Heard] = {}
        """What the clients of the last page heard this week."""
        self._bands: dict[str, Bands] = {}
        self._tolerances: dict[str, int] = {}
        self._nets: dict[str, Sequence[int]] = {}
        self._lock = lock

    # These two on demand: a day on which everything is ordinary needs neither.
    @cached_property
    def clients(self) -> ClientReader:
        """For everybody."""
        return ClientReader(self.sources, self.used)

    @cached_property
    def installments(self) -> InstallmentReader:
        """With every column that a rule looks at."""
        return InstallmentReader(self.used, lock=self._lock)

    def forget(self) -> None:
        """Make room: drop the facts that rows shared so far."""
        self.clients.forget()
        self.ordinary_clients.forget()

    def read(self, connection: Connection, where: sa.ColumnElement[bool]) -> list[Situation]:
        """The installments of a page, in client order; clients with credits come whole.

        A credit that opens, shrinks or closes changes what its client owes, so everything the
        client has open is looked at together.
        """
        items = self.installments.read(connection, where)
        owners = {item.client_id for item in items}
        netting = clients_with_credits(connection, owners)
        netting |= {item.client_id for item in items if item.is_credit}
        if netting:
            known = {item.id for item in items}
            items += self.installments.rest_of_clients(connection, netting, known)
        items.sort(key=_client_and_id)
        return list(self._situations(connection, items, owners, netting))

    def _situations(
        self,
        connection: Connection,
        items: list[DueInstallment],
        owners: set[int],
        netting: set[int],
    ) -> Iterator[Situation]:
        clients = self.clients.read(connection, owners)
        running = self.cases.read(connection, [item.id for item in items])
        extras = self._extras(connection, items, owners, netting)
        special, netted = extras.special, extras.netted
        singular = special or netted
        for item in items:
            client, case = clients[item.client_id], running.get(item.id)
            own = None
            if singular and (item.client_id in special or item.id in netted):
                own = self._own(item, case, extras)
                own = None if own == NO_EXTRAS else own
            residual = item.residual
            if not self.exact:
                residual = self.bands(item.currency)(residual)
            alike = (residual, item.shared, None if case is None else case.alike, own)
            known = client.kind.facts
            facts = known.get(alike)
            if facts is None:
                facts = known[alike] = self._facts(
                    residual, item, client.kind, case, own or NO_EXTRAS
                )
            yield Situation(item.id, client, item.residual, facts, case)

    def bands(self, currency: str) -> Bands:
        """How far residuals may be reduced without changing any decision."""
        found = self._bands.get(currency)
        if found is None:
            found = amount_bands(self.rules, self.versions.values(), currency)
            self._bands[currency] = found
        return found

    def _extras(
        self,
        connection: Connection,
        items: list[DueInstallment],
        owners: set[int],
        netting: set[int],
    ) -> ClientExtras:
        kept = read_agreements(connection, owners, self.sources)
        for some in kept.values():
            self.settled += (
                found
                for one in some
                for found in settled_by([one], self.on, self._tolerance(one.currency))
            )
        self.heard = self.heard_this_week(connection, owners)
        return ClientExtras(
            agreements=kept,
            reaches=read_reaches(connection, owners, self.on),
            heard=self.heard,
            replied=unanswered(connection, owners, self.on),
            placed=read_placed(connection, owners),
            netted=self._netted(items, kept, netting),
        )

    def heard_this_week(self, connection: Connection, owners: Set[int]) -> Mapping[int, Heard]:
        """What these clients heard from us, as far as the policy counts it."""
        capped = self.rules.policy.caps_messages
        return read_contacts(connection, owners, self.on, messages_too=capped)

    def facts_of(
        self, item: DueInstallment, kind: ClientClass, case: RunningCase | None = None
    ) -> Facts:
        """The facts of an installment about which there is nothing to weigh: the same object for
        all that are like it."""
        residual = self.bands(item.currency)(item.residual)
        alike = (residual, item.shared, None if case is None else case.alike, None)
        known = kind.facts
        if alike not in known:
            known[alike] = self._facts(residual, item, kind, case, NO_EXTRAS)
        return known[alike]

    def _media(self) -> frozenset[str]:
        """What iters write by, published or followed by a running case."""
        stages = (stage for one in self.versions.values() for stage in one.iter.stages)
        return self.used.media.union(medium.value for one in stages for medium in one.channels)

    def _netted(
        self,
        items: Iterable[DueInstallment],
        kept: Mapping[int, list[Kept]],
        netting: set[int],
    ) -> dict[int, Netted]:
        together: dict[tuple[int, str], list[OpenItem[int]]] = defaultdict(list)
        for item in items:
            shared = Shared(*item.shared) if item.client_id in netting else None
            if shared is not None and shared.status == InstallmentStatus.OPEN:
                due: date = raw_day(shared.due_date)
                due = max(due, self._agreed(item, kept).extended_to or due)
                one = OpenItem(item.id, due, item.residual)
                together[item.client_id, item.currency].append(one)
        found: dict[int, Netted] = {}
        for (_, currency), of_client in together.items():
            for tolerance in self._net_tolerances(currency):
                for debt, block in covered_debts(of_client, self.on, tolerance).items():
                    found[debt] = (*found.get(debt, ()), (tolerance, block))
        return found

    def _net_tolerances(self, currency: str) -> Sequence[int]:
        """Those of the iters that net credits, published or followed by a running case."""
        if currency not in self._nets:
            every = (*self.rules.iters, *self.versions.values())
            netting = (v.iter.tolerance for v in every if v.iter.net_credits)
            self._nets[currency] = sorted({at_most(one, currency) for one in netting})
        return self._nets[currency]

    def _agreed(self, item: DueInstallment, kept: Mapping[int, list[Kept]]) -> Agreed:
        mine = kept.get(item.client_id)
        if not mine:
            return NOTHING_AGREED
        tolerance = self._tolerance(item.currency)
        return agreed_for(mine, item.id, self.on, tolerance)

    def _tolerance(self, currency: str) -> int:
        """Promises are judged with the widest tolerance of the published iters."""
        if currency not in self._tolerances:
            found = (at_most(v.iter.tolerance, currency) for v in self.rules.iters)
            self._tolerances[currency] = max(found, default=0)
        return self._tolerances[currency]

    def _contacts(self, heard: Heard | None, case: RunningCase | None) -> Contacts:
        """What counts against a message about this case: not the one that it waits in."""
        if heard is None:
            return NONE_YET
        found = heard.contacts(self.on, None if case is None else case.step_id)
        return self.rules.policy.in_bands(found)

    def _own(
        self, item: DueInstallment, case: RunningCase | None, extras: ClientExtras
    ) -> OwnExtras:
        return OwnExtras(
            agreed=self._agreed(item, extras.agreements),
            netted=extras.netted.get(item.id, ()),
            contacts=self._contacts(extras.heard.get(item.client_id), case),
            replied_on=extras.replied.get(item.client_id),
            reaches=extras.reaches.get(item.client_id),
            placement=extras.placed.get(item.client_id, {}).get(item.id),
        )

    def _facts(
        self,
        residual: int,
        item: DueInstallment,
        kind: ClientClass,
        case: RunningCase | None,
        own: OwnExtras,
    ) -> Facts:
        row = Shared(*item.shared)
        return Facts(
            rules=self.rules,
            source=kind.source.name,
            client=kind.code,
            residual=residual,
            currency=row.currency,
            status=InstallmentStatus(row.status),
            document_kind=row.document_kind,
            payment_method=row.payment_method,
            due_date=raw_day(row.due_date),
            unpaid_on=raw_day(row.unpaid_on),
            presented_on=raw_day(row.presented_on),
            category=kind.category,
            area=row.area or kind.area,
            depot=row.depot or kind.depot,
            agent=row.agent or kind.agent,
            rating=kind.rating,
            seasonal=kind.seasonal,
            client_excluded=kind.excluded,
            iter_override=row.iter_override or kind.iter_override,
            media=kind.media,
            reaches=own.reaches,
            language=kind.language,
            calendar=kind.source.calendar,
            bank_grace_days=kind.source.bank_grace_days,
            agreed=own.agreed,
            netted=own.netted,
            contacts=own.contacts,
            replied_on=own.replied_on,
            source_trusted=kind.source.trusted,
            absent=bool(row.absent),
            finished=Finished(row.finished) if row.finished else None,
            reminded_on=raw_day(row.reminded_on),
            reminders=row.reminders,
            erp_hold=row.erp_hold,
            case=None if case is None else self.cases.facts(case),
            placement=own.placement,
        )


_client_and_id = attrgetter("client_id", "id")
