"""The set-based lane of planning: a page of ordinary installments, carried out column by column.

Why: planning weighs every installment with everything about its client (`planned_page`), some
40 µs each. About most there is nothing to weigh: no agreement, no credit, no step that waits, one
message at most, no case yet or one that waits for its next stage. These need a look-up of what
their like was decided to (`ways`), and a few numbers.

Must equal: what `planned_page` makes of the same installments, row for row but for the numbers that
the rows get. Who is not ordinary, or turns out not to be, is left to it with everything of the same
client. `tests/recovery/test_two_lanes.py` holds it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import compress, repeat

from incasso.domain.recovery.contact_policy import ContactPolicy
from incasso.services.recovery.outcomes import Outcome
from incasso.services.recovery.plan_report import PlanReport, StepSort
from incasso.services.recovery.ways import NO_STEP, Way, Ways
from incasso.store.recovery.facts_clients import ClientKinds
from incasso.store.recovery.looks import PageOfLooks
from incasso.store.recovery.opened_page import OpenedPage
from incasso.store.recovery.ordinary import Columns

NewNumbers = Callable[[int], Sequence[int]]
"""So many numbers for new rows."""

StepKey = tuple[int, int, int]
"""A new step: of a client, by its pattern; by installment, where each gets one of its own."""


@dataclass(kw_only=True)
class OrdinaryPage:
    """Collects what a page's ordinary installments change."""

    ways: Ways
    case_numbers: NewNumbers
    step_numbers: NewNumbers
    report: PlanReport
    policy: ContactPolicy
    looks: PageOfLooks
    places: dict[Outcome, int]
    """Of the outcomes in `looks.seen`, which both lanes fill."""
    operators: Mapping[int, int]
    """Who works a running case, if not whoever works its client."""
    opened: OpenedPage = field(default_factory=OpenedPage)

    def take(
        self,
        rows: Columns,
        shared: Sequence[str | None],
        clients: ClientKinds,
        others: Set[int],
    ) -> Set[int]:
        """Add the rows of a page, but for those of `others`; gives back which clients beside these
        have to be weighed all the same.

        `shared` is what their running cases share with their like, empty where none runs.
        """
        if others:
            mine = [owner not in others for owner in rows.clients]
            rows, shared = rows.only(mine), list(compress(shared, mine))
        ways = self._ways(rows, shared, clients)
        keys = _step_keys(rows, ways)
        more = self._to_weigh(rows, ways, keys)
        if more:
            mine = [owner not in more for owner in rows.clients]
            rows = rows.only(mine)
            ways, keys = list(compress(ways, mine)), list(compress(keys, mine))
        self._carry_out(rows, ways, keys, clients)
        return more

    def _ways(
        self, rows: Columns, shared: Sequence[str | None], clients: ClientKinds
    ) -> Sequence[Way]:
        kinds = map(clients.kinds.__getitem__, rows.clients)
        floors = map(self.ways.floors.__getitem__, rows.alike)  # type: ignore[arg-type]
        bands = map(bisect_right, floors, rows.residuals)
        alike = zip(kinds, rows.alike, shared, bands, strict=True)
        return list(map(self.ways.__getitem__, alike))  # type: ignore[arg-type]

    def _to_weigh(self, rows: Columns, ways: Sequence[Way], keys: Sequence[StepKey]) -> Set[int]:
        """Clients of whom something takes more than this lane has, or for whom several messages
        may be one or too many."""
        found: set[int] = set()
        if any(way.outcome is None for way in set(ways)):
            both = zip(rows.clients, ways, strict=True)
            found = {owner for owner, way in both if way.outcome is None}
        steps = Counter(owner for owner, pattern, _ in set(keys) if pattern != NO_STEP)
        if len(steps) == steps.total():
            return found
        several: dict[int, list[Way]] = defaultdict(list)
        for owner, way in zip(rows.clients, ways, strict=True):
            if steps[owner] > 1:
                several[owner].append(way)
        return found | {owner for owner, some in several.items() if self._are_to_weigh(some)}

    def _are_to_weigh(self, ways: Sequence[Way]) -> bool:
        """Whether several messages come of it, which may be one or too many, or stages that share
        one step."""
        groups = [way.group for way in ways if way.group is not None]
        shared = {group for group in groups if group.key is not None}
        alone = [group for group in groups if group.key is None]
        messages = sum(group.is_message for group in (*shared, *alone))
        if messages > 1 and self.policy.weighs_messages:
            return True
        return len({group.key for group in shared}) < len(shared)

    def _carry_out(
        self,
        rows: Columns,
        ways: Sequence[Way],
        keys: Sequence[StepKey],
        clients: ClientKinds,
    ) -> None:
        inside = self._make_steps(rows, keys, clients)
        met = Counter(ways)
        self._open_cases(rows, ways, inside, met)
        self._move_cases(rows, ways, inside, met)
        for way, count in met.items():
            if way.blocked_by:
                self.report.blocked[way.blocked_by] += count
        self._keep(rows, ways, inside, met)
        self.report.looked += len(ways)

    def _make_steps(
        self, rows: Columns, keys: Sequence[StepKey], clients: ClientKinds
    ) -> Sequence[int | None]:
        """The step that each goes into."""
        totals = dict.fromkeys(keys, 0)
        for key, residual in zip(keys, rows.residuals, strict=True):
            totals[key] += residual
        made = [key for key in totals if key[1] != NO_STEP]
        numbers = dict(zip(made, self.step_numbers(len(made)), strict=True))
        first_cases = dict(zip(reversed(keys), reversed(rows.cases), strict=True))
        self.opened.steps = [
            (
                number,
                key[0],
                self.operators.get(first_cases[key] or 0) or clients.operators.get(key[0]),
                totals[key],
                key[1],
            )
            for key, number in numbers.items()
        ]
        for pattern, count in Counter(key[1] for key in made).items():
            like = self.opened.patterns[pattern] = self.ways.patterns[pattern]
            self.report.steps[StepSort(like.action, like.medium, like.status)] += count
        return list(map(numbers.get, keys))

    def _open_cases(
        self,
        rows: Columns,
        ways: Sequence[Way],
        inside: Sequence[int | None],
        met: Collection[Way],
    ) -> None:
        opening = {way: (way.source, way.opens) for way in met if way.opens is not None}
        if len(opening) < len(met):
            chosen = [way in opening for way in ways]
            rows = rows.only(chosen)
            ways, inside = list(compress(ways, chosen)), list(compress(inside, chosen))
        numbers = self.case_numbers(len(ways))
        places = [way.number for way in ways]
        self.opened.openings = {way.number: one for way, one in opening.items()}
        columns = (numbers, rows.clients, rows.numbers, inside, rows.residuals, places)
        self.opened.cases = list(zip(*columns, strict=True))
        self.report.opened += len(ways)

    def _move_cases(
        self,
        rows: Columns,
        ways: Sequence[Way],
        inside: Sequence[int | None],
        met: Collection[Way],
    ) -> None:
        moving = {way: (way.source, way.moves) for way in met if way.moves is not None}
        if moving:
            all_columns = zip(rows.cases, inside, rows.residuals, ways, strict=True)
            self.opened.moved = [
                (case, step, residual, way.number)
                for case, step, residual, way in all_columns
                if case is not None and step is not None and way in moving
            ]
            self.opened.openings |= {way.number: one for way, one in moving.items()}

    def _keep(
        self,
        rows: Columns,
        ways: Sequence[Way],
        inside: Sequence[int | None],
        met: Collection[Way],
    ) -> None:
        """When to look again, and what this day looked like."""
        if any(way.next_on is not None for way in met):
            self.opened.looks = [
                (way.next_on, owner, number)
                for way, owner, number in zip(ways, rows.clients, rows.numbers, strict=True)
                if way.next_on is not None
            ]
        places = {way: self._place(way.outcome) for way in met if way.outcome is not None}
        self.looks.installments.extend(rows.numbers)
        self.looks.which.extend(map(places.__getitem__, ways))
        self.looks.steps.extend([step or 0 for step in inside])

    def _place(self, outcome: Outcome) -> int:
        place = self.places.setdefault(outcome, len(self.places))
        if place == len(self.looks.seen):
            self.looks.seen.append(outcome.seen)
        return place


def _step_keys(rows: Columns, ways: Sequence[Way]) -> Sequence[StepKey]:
    """The step that each would go into."""
    alone: Collection[int] | repeat[int] = repeat(0, len(ways))
    if any(way.alone for way in set(ways)):
        alone = [number if way.alone else 0 for way, number in zip(ways, rows.numbers, strict=True)]
    return list(zip(rows.clients, [way.pattern for way in ways], alone, strict=True))
