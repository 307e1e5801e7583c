"""Takes a page of reports in: each stored once, matched, and booked in the page's transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date

import msgspec
from sqlalchemy import Connection

from incasso.contract.exchange import PlacementUpdate, UpdateItem
from incasso.contract.ledger import Unreadable
from incasso.contract.text import TextValue, encodable
from incasso.domain.placement.checking import Found, Measure, check, is_past_mandate
from incasso.domain.placement.problems import ReturnProblem
from incasso.domain.placement.reports import APPLIED, Decision, Report
from incasso.domain.placement.states import UpdateStanding
from incasso.services.office.office import Office
from incasso.services.placement.evidence import Evidence
from incasso.services.placement.fates import FATES, Fate, Line, Moment, Origin, RowFate
from incasso.services.placement.matched import Match, Matcher
from incasso.services.placement.policy_watch import PolicyWatch
from incasso.services.placement.write_page import PageWriter, Taken
from incasso.store.placement import books, updates
from incasso.store.placement.updates import KnownUpdate
from incasso.store.recovery import agenda


def take_page(
    office: Office,
    connection: Connection,
    origin: Origin,
    page: Sequence[Line],
    evidence: Evidence,
    moment: Moment,
) -> list[RowFate]:
    """Take them in the caller's transaction; gives what became of each, in their order.

    A report that is known already changes nothing, however often it comes.
    """
    agenda.take_turn(connection)  # before the provider's, as acts do
    updates.take_turn(connection, origin.provider)
    return _Taking(office, connection, origin, page, evidence, moment).whole()


class _Taking:
    """One page under way."""

    def __init__(
        self,
        office: Office,
        connection: Connection,
        origin: Origin,
        page: Sequence[Line],
        evidence: Evidence,
        moment: Moment,
    ) -> None:
        self._page = page
        self._moment = moment
        self._evidence = evidence
        said = [item for _, item in page if isinstance(item, PlacementUpdate)]
        ids = {each.update_id for each in said}
        self._known = updates.known(connection, origin.provider, ids)
        new = [each for each in said if each.update_id not in self._known]
        matcher = Matcher(connection, origin.provider, new)
        self._matches = {id(each): matcher.match(each) for each in new}
        places = {each.placed.id for each in self._matches.values() if each.placed}
        self._books = books.read(connection, places)
        self._zone = office.config.timezone
        self._watch = PolicyWatch(office, connection, self._matches.values())
        self._writer = PageWriter(office, connection, origin, self._books, evidence, moment)

    def whole(self) -> list[RowFate]:
        """Every row, then what has to be written."""
        fates = [self.take(line, item) for line, item in self._page]
        self._writer.write()
        return [self._writer.final(each) for each in fates]

    def take(self, line: int | None, item: UpdateItem) -> RowFate:
        """One row."""
        if isinstance(item, Unreadable):
            return self._writer.unreadable(line, item)
        digest = _digest(item, self._evidence)
        if (known := self._known.get(item.update_id)) is not None:
            return self._again(line, item, digest, known)
        match = self._matches[id(item)]
        found, decision = self._decided(item, match)
        taken = Taken(
            line=line,
            update=item,
            on=self._day(item),
            digest=digest,
            match=match,
            amount=found.amount,
            decision=decision,
            breaks_policy=self._watch.breaks(item, match),
        )
        if decision.standing is UpdateStanding.REFUSED:
            assert decision.problem is not None  # a refusal has its code
            return self._writer.refused(taken, self._words(taken, found))
        # The same id further down this page is a repetition, or a mistake.
        self._known[item.update_id] = KnownUpdate(0, item.update_id, digest, decision.standing)
        self._writer.taken(taken, self._words(taken, found))
        return RowFate(
            line=line,
            update_id=item.update_id,
            fate=FATES[decision.standing],
            problem=decision.problem,
        )

    def _again(
        self, line: int | None, item: PlacementUpdate, digest: str, known: KnownUpdate
    ) -> RowFate:
        if known.digest == digest:
            return RowFate(line=line, update_id=item.update_id, fate=Fate.REPEATED)
        return self._writer.id_used_twice(line, item, digest)

    def _decided(self, item: PlacementUpdate, match: Match) -> tuple[Found, Decision]:
        """What is wrong with it, and what becomes of it."""
        if match.problem is not None:
            wrong = {"name": match.name, "lot": match.name}
            return Found(problem=match.problem, values=wrong), _refuse(match.problem)
        found = check(item, self._day(item), self._measure(match))
        if found.problem is not None:
            return found, _refuse(found.problem)
        if match.placed is None:
            return found, APPLIED  # about a whole lot
        decision = self._books[match.placed.id].take(self._report(item, match, found.amount))
        if decision == APPLIED and is_past_mandate(item, match.placed.until):
            decision = Decision(UpdateStanding.NOTED, ReturnProblem.PAST_MANDATE)
        return found, decision

    def _measure(self, match: Match) -> Measure:
        placed = match.placed
        return Measure(
            currency=placed.currency if placed else "",
            handed_on=placed.handed_on if placed else None,
            until=placed.until if placed else None,
            today=self._moment.on,
        )

    def _report(self, item: PlacementUpdate, match: Match, amount: int | None) -> Report:
        return Report(
            id=item.update_id,
            kind=item.kind,
            on=self._day(item),
            amount=amount,
            row=match.row,
            corrects=item.corrects,
            closing=item.closing,
        )

    def _day(self, item: PlacementUpdate) -> date:
        return item.on or item.at.astimezone(self._zone).date()

    def _words(self, taken: Taken, found: Found) -> Mapping[str, TextValue]:
        """What the sentences about it may need."""
        placed = taken.match.placed
        over = self._books[placed.id].over_on if placed else None
        return {
            "corrects": taken.update.corrects,
            "until": (placed.until or "") if placed else "",
            "over": str(over or ""),
            **found.values,
        }


def _refuse(problem: ReturnProblem) -> Decision:
    return Decision(UpdateStanding.REFUSED, problem)


_canonical = msgspec.json.Encoder(order="sorted", enc_hook=encodable).encode


def _digest(item: PlacementUpdate, evidence: Evidence) -> str:
    """Of the content: the same report sent again has the same one. Files count by their bytes."""
    plain = msgspec.structs.replace(item, evidence=())
    digest = hashlib.sha256(_canonical(plain))
    for each in evidence.of(item):
        digest.update(each.sha256.encode())
    return digest.hexdigest()
