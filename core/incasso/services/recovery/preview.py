"""What publishing an iter file would bring, before it is published; nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import msgspec
from sqlalchemy import Connection

from incasso.domain.ledger.states import InstallmentStatus
from incasso.domain.recovery.decision import decide
from incasso.domain.recovery.entering import (
    ColdStart,
    Place,
    Running,
    cold_start,
    is_lost,
    place_of,
    running_case,
)
from incasso.domain.recovery.facts import Facts, Rulebook, Version
from incasso.domain.recovery.iter_file import IterFile
from incasso.services.office.office import Office
from incasso.store.recovery import planning
from incasso.store.recovery.facts import FactsReader, Situation
from incasso.store.recovery.iters import read_rules

MOST_NAMED = 5
MOST_KNOWN = 20_000


@dataclass(kw_only=True)
class Group:
    """Installments to be looked at before publishing, and the first few of their clients."""

    installments: int = 0
    clients: int = 0
    first: list[int] = field(default_factory=list)
    """Ids of clients."""
    names: tuple[str, ...] = ()
    """Of these, as SOURCE/CODE."""
    _last: int | None = None

    def add(self, client: int) -> None:
        """One installment more; those of a client come together."""
        self.installments += 1
        if client != self._last:
            self._last = client
            self.clients += 1
            if len(self.first) < MOST_NAMED:
                self.first.append(client)


@dataclass(kw_only=True)
class Preview:
    """What publishing brings to the open installments on a day, if every ledger is read."""

    on: date
    installments: int = 0
    """Everything open that clients owe."""
    running: int = 0
    """Of these, those with a running case, which keeps its version."""
    places: Counter[Place] = field(default_factory=Counter)
    """Those without: where they enter, or why nowhere."""
    lost: Group = field(default_factory=Group)
    """Without a case: an iter takes them until now, none would."""
    stopped: Group = field(default_factory=Group)
    """With a case, which the new exclusions would stop."""
    unwanted: Group = field(default_factory=Group)
    """With a case, whose installment no iter would take any more."""
    cold_starts: dict[ColdStart, Group] = field(default_factory=dict)
    """The first message to these clients would be a later one."""

    def groups(self) -> list[Group]:
        """Everything that names clients."""
        return [self.lost, self.stopped, self.unwanted, *self.cold_starts.values()]


class Fate(msgspec.Struct, frozen=True):
    """What becomes of installments that are alike: of those without a case, or with one."""

    place: Place | None = None
    lost: bool = False
    cold: ColdStart | None = None
    running: Running | None = None


def preview(office: Office, read: IterFile, on: date) -> Preview:
    """Decide on every open installment as if the file had been published; pages, one reading.

    Two readers of the same ledger, one with the rules in force and one with the new ones, so that
    what differs is due to the file alone.
    """
    found, fates = Preview(on=on), dict[tuple[Facts, Facts], Fate]()
    with office.store.read() as connection:
        before = read_rules(connection)
        readers = [_reader(connection, one, on) for one in (before, rules_with(before, read))]
        for page in planning.debt_pages(connection):
            debts = planning.debts_of(connection, page)
            old, new = (reader.read(connection, debts) for reader in readers)
            # A sync that ends between the two readings may bring or take some.
            under_new = {one.installment_id: one for one in new}
            for one in old:
                other = under_new.get(one.installment_id)
                if other is not None and _is_debt(one.facts) and _is_debt(other.facts):
                    _count(found, fates, one, other)
            if len(fates) > MOST_KNOWN:
                fates.clear()
                for reader in readers:
                    reader.forget()
        _name(connection, found)
    return found


def rules_with(before: Rulebook, read: IterFile) -> Rulebook:
    """The rules in force after the file was published."""
    published = {version.iter.key: version for version in before.iters}
    for place, one in enumerate(read.iters, 1):
        known = published.get(one.key)
        if known is None or known.iter != one:
            number = 1 if known is None else known.number + 1
            published[one.key] = Version(id=-place, number=number, iter=one)
    return Rulebook(
        iters=tuple(sorted(published.values(), key=lambda v: (v.iter.priority, v.iter.key))),
        exclusions=before.exclusions if read.exclusions is None else read.exclusions,
        policy=before.policy if read.policy is None else read.policy,
    )


def _reader(connection: Connection, rules: Rulebook, on: date) -> FactsReader:
    return FactsReader(connection, rules, on, trusted=lambda *_: True)


def _is_debt(facts: Facts) -> bool:
    """Credits of a client come along with its debts."""
    credit = facts.document_kind in ("credit_note", "advance")
    return facts.status is InstallmentStatus.OPEN and facts.residual > 0 and not credit


def _count(
    found: Preview, fates: dict[tuple[Facts, Facts], Fate], old: Situation, new: Situation
) -> None:
    pair = (old.facts, new.facts)
    fate = fates.get(pair)
    if fate is None:
        fate = fates[pair] = _fate(*pair, found.on)
    client = new.client.id
    found.installments += 1
    if fate.running is not None:
        found.running += 1
        if fate.running.stopped:
            found.stopped.add(client)
        elif fate.running.unwanted:
            found.unwanted.add(client)
    if fate.place is not None:
        found.places[fate.place] += 1
    if fate.lost:
        found.lost.add(client)
    if fate.cold is not None:
        found.cold_starts.setdefault(fate.cold, Group()).add(client)


def _fate(before: Facts, after: Facts, on: date) -> Fate:
    if after.case is not None:
        return Fate(running=running_case(before, after))
    decision = decide(after, on)
    place = place_of(after, decision)
    return Fate(place=place, lost=is_lost(before, place, on), cold=cold_start(decision))


def _name(connection: Connection, found: Preview) -> None:
    ids = {one for group in found.groups() for one in group.first}
    names: Mapping[int, str] = planning.client_names(connection, ids)
    for group in found.groups():
        group.names = tuple(names[one] for one in group.first)
