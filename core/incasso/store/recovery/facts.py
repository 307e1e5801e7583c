"""Read installments with everything a decision looks at; equal rows share one Facts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.ledger.states import InstallmentStatus
from incasso.domain.recovery.agreements import NOTHING_AGREED, Agreed, Blocking
from incasso.domain.recovery.contact_policy import NONE_YET, Contacts
from incasso.domain.recovery.facts import (
    CaseFacts,
    Facts,
    Rulebook,
    Version,
    amount_bands,
    at_most,
)
from incasso.domain.recovery.netting import covered_debts
from incasso.domain.recovery.states import AgreementStatus, Finished
from incasso.store.recovery import facts_around as around
from incasso.store.recovery.facts_cases import CaseReader, CaseRow
from incasso.store.recovery.facts_clients import (
    ClientReader,
    ClientView,
    RuleColumns,
    SourceView,
    read_sources,
    without_bad_addresses,
)
from incasso.store.recovery.iters import versions
from incasso.store.sql_ids import among, raw_day, raw_rows
from incasso.store.tables.ledger import installments

Trust = Callable[[str, date | None, datetime | None], bool]
"""Whether a source may be relied upon: its name, the day and instant of its last good sync."""

CREDITS = ("credit_note", "advance")


class Situation(NamedTuple):
    """One installment: who it is, and the facts it shares with all that are like it."""

    installment_id: int
    client: ClientView
    residual: int
    facts: Facts
    case: CaseRow | None


class ClientExtras(msgspec.Struct, frozen=True, kw_only=True):
    """What only some clients of a page have."""

    agreements: Mapping[int, list[around.Kept]]
    media: Mapping[int, frozenset[str]]
    contacts: Mapping[int, Contacts]
    netted: Mapping[int, Blocking]
    """By installment."""

    @property
    def special(self) -> frozenset[int]:
        """Clients whose facts are their own."""
        return frozenset((*self.agreements, *self.media, *self.contacts))


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
        eye = RuleColumns(rules)
        self.clients = ClientReader(self.sources, eye)
        self.cases = CaseReader(self.versions, lock=lock)
        self.settled: list[tuple[around.Kept, AgreementStatus]] = []
        """Promises and plans found kept or broken."""
        self.unnoted: list[around.Kept] = []
        self._bands: dict[str, Callable[[int], int]] = {}
        self._tolerances: dict[str, int] = {}
        table = installments
        self.query = sa.select(
            table.c.id,
            table.c.client_id,
            table.c.residual,
            table.c.currency,
            table.c.status,
            table.c.document_kind,
            table.c.payment_method,
            table.c.due_date,
            table.c.unpaid_on,
            table.c.presented_on,
            table.c.iter_override,
            table.c.absences > 0,
            table.c.finished,
            table.c.reminded_on,
            table.c.reminders,
            table.c.erp_hold,
            eye.column("area", table.c.area),
            eye.column("depot", table.c.depot),
            eye.column("agent", table.c.agent),
        )
        if lock:
            # A change made meanwhile asks for a review, which this page must not undo.
            self.query = self.query.with_for_update(of=table)

    def forget(self) -> None:
        """Make room: drop the facts that rows shared so far."""
        self.clients.classes.clear()

    def read(self, connection: Connection, where: sa.ColumnElement[bool]) -> list[Situation]:
        """The installments of a page, in client order; clients with credits come whole.

        A credit that opens, shrinks or closes changes what its client owes, so everything the
        client has open is looked at together.
        """
        rows = [*raw_rows(connection, self.query.where(where))]
        owners = {row[1] for row in rows}
        netting = around.clients_with_credits(connection, owners)
        netting |= {row[1] for row in rows if row[5] in CREDITS or row[2] < 0}
        if netting:
            rows = self._whole(connection, rows, netting)
        rows.sort(key=_client_and_id)
        return list(self._situations(connection, rows, owners, netting))

    def _whole(
        self, connection: Connection, rows: list[Any], clients: Collection[int]
    ) -> list[Any]:
        table = installments
        known = {row[0] for row in rows}
        query = self.query.where(
            among(connection, table.c.client_id, clients), table.c.status == InstallmentStatus.OPEN
        )
        return [*rows, *(row for row in raw_rows(connection, query) if row[0] not in known)]

    def _situations(
        self, connection: Connection, rows: list[Any], owners: set[int], netting: set[int]
    ) -> Iterator[Situation]:
        clients = self.clients.read(connection, owners)
        running = self.cases.read(connection, [row[0] for row in rows])
        extras = self._around(connection, rows, owners, netting)
        special, netted, bands = extras.special, extras.netted, self._bands
        singular = special or netted
        for row in rows:
            key, client_id, residual, currency = row[:4]
            client = clients[client_id]
            case = running.get(key)
            extra: Hashable = None
            if singular and (client_id in special or key in netted):
                extra = self._extra(row, extras)
            band = bands.get(currency) or self._band(currency)
            state = None if case is None else case.alike
            alike = (band(residual), row[3:], state, extra)
            known = client.kind.facts
            facts = known.get(alike)
            if facts is None:
                facts = known[alike] = self._facts(alike, row, client, case)
            yield Situation(key, client, residual, facts, case)

    def _band(self, currency: str) -> Callable[[int], int]:
        """How far a residual may be reduced without changing any decision."""
        if self.exact:
            return lambda residual: residual
        band = amount_bands(self.rules, self.versions.values(), currency)
        return self._bands.setdefault(currency, band)

    def _around(
        self, connection: Connection, rows: list[Any], owners: set[int], netting: set[int]
    ) -> ClientExtras:
        kept = around.read_agreements(connection, owners)
        for some in kept.values():
            self.unnoted += (one for one in some if one.new)
            self.settled += (
                found
                for one in some
                for found in around.verdicts([one], self.on, self._tolerance(one.currency))
            )
        texts_too = self.rules.policy.messages_per_week is not None
        texts_too = texts_too or self.rules.policy.messages_per_day is not None
        return ClientExtras(
            agreements=kept,
            media=without_bad_addresses(connection, owners),
            contacts=around.read_contacts(connection, owners, self.on, texts_too=texts_too),
            netted=self._netted(rows, kept, netting),
        )

    def _netted(
        self, rows: Iterable[Any], kept: Mapping[int, list[around.Kept]], netting: set[int]
    ) -> dict[int, Blocking]:
        by_client: dict[tuple[int, str], list[tuple[int, date, int]]] = defaultdict(list)
        for row in rows:
            if row[1] in netting and row[4] == InstallmentStatus.OPEN:
                agreed = self._agreed(row, kept)
                due = raw_day(row[7])
                due = max(due, agreed.extended_to or due)
                by_client[row[1], row[3]].append((row[0], due, row[2]))
        found: dict[int, Blocking] = {}
        for items in by_client.values():
            found |= covered_debts(items, self.on)
        return found

    def _agreed(self, row: Any, kept: Mapping[int, list[around.Kept]]) -> Agreed:
        mine = kept.get(row[1])
        if not mine:
            return NOTHING_AGREED
        return around.agreed_for(mine, row[0], row[3], self.on, self._tolerance(row[3]))

    def _tolerance(self, currency: str) -> int:
        """Promises are judged with the widest tolerance of the published iters."""
        if currency not in self._tolerances:
            found = (at_most(v.iter.tolerance, currency) for v in self.rules.iters)
            self._tolerances[currency] = max(found, default=0)
        return self._tolerances[currency]

    def _extra(self, row: Any, extras: ClientExtras) -> Hashable:
        return (
            self._agreed(row, extras.agreements),
            extras.netted.get(row[0]),
            extras.contacts.get(row[1], NONE_YET),
            extras.media.get(row[1]),
        )

    def _facts(self, alike: Any, values: Any, client: ClientView, case: CaseRow | None) -> Facts:
        row, kind = _Row(*values), client.kind
        agreed, netted, contacts, media = alike[3] or (NOTHING_AGREED, None, NONE_YET, None)
        case_facts: CaseFacts | None = None if case is None else self.cases.facts(case)
        return Facts(
            rules=self.rules,
            source=kind.source.name,
            client=kind.code,
            residual=alike[0],
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
            media=kind.media if media is None else media,
            language=kind.language,
            calendar=kind.source.calendar,
            bank_grace_days=kind.source.bank_grace_days,
            agreed=agreed,
            netted=netted,
            contacts=contacts,
            source_trusted=kind.source.trusted,
            absent=bool(row.absent),
            finished=Finished(row.finished) if row.finished else None,
            reminded_on=raw_day(row.reminded_on),
            reminders=row.reminders,
            erp_hold=row.erp_hold,
            case=case_facts,
        )


class _Row(NamedTuple):
    """An installment as read."""

    id: int
    client_id: int
    residual: int
    currency: str
    status: str
    document_kind: str
    payment_method: str
    due_date: Any
    unpaid_on: Any
    presented_on: Any
    iter_override: str | None
    absent: bool
    finished: str
    reminded_on: Any
    reminders: int
    erp_hold: str
    area: str
    depot: str
    agent: str


def _client_and_id(row: Any) -> tuple[int, int]:
    return row[1], row[0]
