"""The set-based lane of planning: a page of ordinary installments, decided and added up in a loop.

Why: planning weighs every installment with everything about its client (`planned_page`), some
40 µs each. About most there is nothing to weigh: no case yet, no agreement, no credit, no step that
waits, one message at most. These need a look-up of what their like was decided to, and a few
numbers.

Must equal: what `planned_page` makes of the same installments, row for row but for the numbers that
the rows get. Who is not ordinary, or turns out not to be, is left to it with everything of the same
client. `tests/recovery/test_two_lanes.py` holds it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

import msgspec

from incasso.domain.recovery.contact_policy import ContactPolicy
from incasso.domain.recovery.decision import Verdict
from incasso.domain.recovery.grouping import Group
from incasso.services.recovery.outcomes import Outcome, Outcomes
from incasso.services.recovery.plan_report import PlanReport, StepSort
from incasso.store.recovery.facts import FactsReader
from incasso.store.recovery.facts_clients import ClientClass, ClientView
from incasso.store.recovery.looks import PageOfLooks
from incasso.store.recovery.ordinary import ALIKE, CLIENT, CURRENCY, NUMBER, RESIDUAL, Row, whole
from incasso.store.recovery.planned_changes import NewStep
from incasso.store.recovery.write_opened import OpenedPage


class Way(msgspec.Struct, frozen=True, eq=False):
    """What becomes of installments that are alike, on this page."""

    place: int
    """Of what is kept to tell this day, among the page's."""
    opening: int | None
    """Of the case that opens, among the page's; null: none does."""
    group: Group | None
    """Of the step that it comes into."""
    pattern: int
    """Of that step, among the page's."""
    blocked_by: str
    next_on: date | None


class Band(NamedTuple):
    """Installments that differ in their residual only: the way of each band of amounts."""

    floors: Sequence[int]
    ways: list[Way | None]


@dataclass(kw_only=True)
class OrdinaryPage:
    """Collects what a page's ordinary installments change."""

    outcomes: Outcomes
    reader: FactsReader
    case_numbers: Iterator[int]
    step_numbers: Iterator[int]
    say: Callable[[str], str]
    """A task's reason in the office's words."""
    report: PlanReport
    policy: ContactPolicy
    looks: PageOfLooks
    places: dict[Outcome, int]
    """Of the outcomes in `looks.seen`, which both lanes fill."""
    opened: OpenedPage = field(default_factory=OpenedPage)
    _patterns: dict[tuple[int, Group], int] = field(default_factory=dict)
    _known: dict[ClientClass, dict[Row, Band]] = field(default_factory=dict)

    def take(
        self, rows: Sequence[Row], clients: Mapping[int, ClientView], others: Set[int]
    ) -> list[Row]:
        """Add the rows of all clients but `others`; gives back those that are left to be weighed.

        The rows come in client order.
        """
        left: list[Row] = []
        for number, of_client in groupby(rows, itemgetter(CLIENT)):
            mine = list(of_client)
            if number in others:
                left += mine
                continue
            client = clients[number]
            ways = self._ways(client, mine)
            if len(mine) > 1 and self._is_to_weigh(ways):
                left += mine
            else:
                self._carry_out(client, mine, ways)
        return left

    def _ways(self, client: ClientView, rows: Sequence[Row]) -> list[Way]:
        known = self._known.get(client.kind)
        if known is None:
            known = self._known[client.kind] = {}
        found = []
        for row in rows:
            alike = row[ALIKE:]
            band = known.get(alike)
            if band is None:
                floors = self.reader.bands(row[CURRENCY]).floors
                band = known[alike] = Band(floors, [None] * (len(floors) + 1))
            place = bisect_right(band.floors, row[RESIDUAL])
            way = band.ways[place]
            if way is None:
                way = band.ways[place] = self._way(client, row)
            found.append(way)
        return found

    def _is_to_weigh(self, ways: Sequence[Way]) -> bool:
        """Whether several messages come of it, which may be one or too many, or stages that share
        one step."""
        groups = [way.group for way in ways if way.group is not None]
        different = set(groups)
        if len(different) == 1 and groups[0].key is not None:
            return False
        shared = [group for group in different if group.key is not None]
        alone = [group for group in groups if group.key is None]
        messages = sum(group.is_message for group in (*shared, *alone))
        if messages > 1 and self.policy.weighs_messages:
            return True
        return len({group.key for group in shared}) < len(shared)

    def _way(self, client: ClientView, row: Row) -> Way:
        outcome = self.outcomes.of(self.reader.facts_of(whole(row, self.reader.used), client))
        decision = outcome.decision
        place = self.places.setdefault(outcome, len(self.places))
        if place == len(self.looks.seen):
            self.looks.seen.append(outcome.seen)
        opening = None
        if decision.opens:
            opening = len(self.opened.openings)
            self.opened.openings.append(outcome.opening)
            self.opened.sources.append(client.kind.source.id)
        group = outcome.group if decision.opens else None
        return Way(
            place=place,
            opening=opening,
            group=group,
            pattern=-1 if group is None else self._pattern(group, client.kind.source.id),
            blocked_by="" if decision.verdict is Verdict.REVIEW else decision.blocked_by,
            next_on=decision.next_on,
        )

    def _pattern(self, group: Group, source: int) -> int:
        found = self._patterns.setdefault((source, group), len(self._patterns))
        if found == len(self.opened.patterns):
            self.opened.patterns.append(self._new_step(group, source))
        return found

    def _new_step(self, group: Group, source: int) -> NewStep:
        wording = group.wording
        return NewStep(
            id=0,
            source_id=source,
            client_id=0,
            iter_version_id=wording.version_id,
            stage=wording.stage,
            action=wording.action,
            medium=wording.medium,
            mode=wording.mode,
            status=wording.status,
            due_on=self.report.on,
            total=0,
            currency=wording.currency,
            language=wording.language,
            template=wording.template,
            operator_id=None,
            reason=self.say(wording.reason) if wording.reason else "",
        )

    def _carry_out(self, client: ClientView, rows: Sequence[Row], ways: Sequence[Way]) -> None:
        """What comes of the installments of one client."""
        looks, opened, owner = self.looks, self.opened, client.id
        steps: dict[Hashable, int] = {}
        totals: dict[int, int] = {}
        patterns: dict[int, int] = {}
        for row, way in zip(rows, ways, strict=True):
            number, residual, inside = row[NUMBER], row[RESIDUAL], None
            if way.group is not None:
                key = way.group if way.group.key is not None else number
                inside = steps.get(key)
                if inside is None:
                    inside = steps[key] = next(self.step_numbers)
                    patterns[inside], totals[inside] = way.pattern, 0
                totals[inside] += residual
            if way.opening is not None:
                case = next(self.case_numbers)
                opened.cases.append((case, owner, number, inside, residual, way.opening))
            if way.blocked_by:
                self.report.blocked[way.blocked_by] += 1
            if way.next_on is not None:
                opened.looks.append((way.next_on, owner, number))
            looks.installments.append(number)
            looks.which.append(way.place)
            looks.steps.append(inside or 0)
        for step, total in totals.items():
            opened.steps.append((step, owner, client.operator_id, total, patterns[step]))

    def finished(self) -> OpenedPage:
        """Everything, counted in the report."""
        self.report.opened += len(self.opened.cases)
        for place, count in Counter(step[-1] for step in self.opened.steps).items():
            like = self.opened.patterns[place]
            self.report.steps[StepSort(like.action, like.medium, like.status)] += count
        return self.opened
