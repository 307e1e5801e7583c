"""What becomes of ordinary installments that are alike: decided once in a plan, then looked up.

Why: a first day's hundred thousand installments come to some hundred decisions. A look-up that
takes no step of Python lets the set-based lane go through its columns at the speed of `map`.

Must equal: what `planned_page` makes of the same decision. `tests/recovery/test_two_lanes.py`
holds it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import msgspec
from msgspec.structs import replace

from incasso.domain.recovery.decision import Verdict
from incasso.domain.recovery.grouping import Group
from incasso.services.recovery.outcomes import Outcome, Outcomes
from incasso.store.recovery import ordinary, ordinary_cases
from incasso.store.recovery.facts import FactsReader
from incasso.store.recovery.facts_cases import RunningCase
from incasso.store.recovery.facts_clients import ClientClass
from incasso.store.recovery.planned_changes import NewStep, Opening

Kind = tuple[ClientClass, str, str, int]
"""Installments that are alike: the class of their client, what they share, what their running cases
share (empty: none runs), and the place of their residual among the bands of its currency."""

NO_STEP = -1


class Way(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What becomes of installments that are alike."""

    number: int
    """Among those of the plan."""
    source: int
    outcome: Outcome | None = None
    """Null: it takes the other lane to carry it out, for all of the client."""
    opens: Opening | None = None
    """The case that opens."""
    moves: Opening | None = None
    """What a running case shows from now on, in its next step."""
    group: Group | None = None
    pattern: int = NO_STEP
    """Of the step that it goes into, among those of the plan."""
    blocked_by: str = ""
    next_on: date | None = None

    @property
    def alone(self) -> bool:
        """Each installment gets a step of its own."""
        return self.group is not None and self.group.key is None


class Ways(dict[Kind, Way]):
    """All ways of a plan so far; one that is new is decided when it is looked up."""

    def __init__(self, outcomes: Outcomes, reader: FactsReader, say: Callable[[str], str]) -> None:
        """`say` puts a task's reason into the office's words."""
        super().__init__()
        self.floors = _Floors(reader)
        self.patterns: list[NewStep] = []
        """What steps have in common."""
        self.outcomes = outcomes
        self._reader, self._say = reader, say
        self._numbers: dict[tuple[int, Group], int] = {}
        self._made = 0

    def forget(self) -> None:
        """Make room: what was met so far is decided again if it comes again."""
        self.clear()
        self.floors.clear()
        self.outcomes.forget()

    def __missing__(self, kind: Kind) -> Way:
        """Decide it."""
        way = self[kind] = self._way(*kind)
        self._made += 1
        return way

    def _way(self, clients: ClientClass, alike: str, shared: str, band: int) -> Way:
        floors = self.floors[alike]
        item = ordinary.whole(alike, floors[band - 1] if floors else 0, self._reader.used)
        case = ordinary_cases.whole_case(shared) if shared else None
        if item is None or (shared and case is None):
            return self._to_weigh(clients)
        outcome = self.outcomes.of(self._reader.facts_of(item, clients, case))
        if case is not None:
            return self._going_on(clients, case, outcome)
        decision = outcome.decision
        return self._new_way(
            clients,
            outcome,
            opens=outcome.opening if decision.opens else None,
            group=outcome.group if decision.opens else None,
            blocked_by="" if decision.verdict is Verdict.REVIEW else decision.blocked_by,
        )

    def _going_on(self, clients: ClientClass, case: RunningCase, outcome: Outcome) -> Way:
        """A running case goes into its next step, or stays as it is; all else is left to the other
        lane."""
        decision = outcome.decision
        if decision.closes or decision.opens:
            return self._to_weigh(clients)
        if decision.verdict is Verdict.STEP:
            skipped = ",".join(filter(None, (case.skipped, outcome.skipped)))
            moves = replace(outcome.opening, skipped=skipped)
            return self._new_way(clients, outcome, moves=moves, group=outcome.group)
        if decision.verdict is Verdict.ADVANCE or case.shown != outcome.shown:
            return self._to_weigh(clients)
        return self._new_way(clients, outcome, blocked_by=decision.blocked_by)

    def _to_weigh(self, clients: ClientClass) -> Way:
        return Way(number=self._made, source=clients.source.id)

    def _new_way(
        self,
        clients: ClientClass,
        outcome: Outcome,
        *,
        opens: Opening | None = None,
        moves: Opening | None = None,
        group: Group | None = None,
        blocked_by: str = "",
    ) -> Way:
        return Way(
            number=self._made,
            source=clients.source.id,
            outcome=outcome,
            opens=opens,
            moves=moves,
            group=group,
            pattern=NO_STEP if group is None else self._pattern(group, clients.source.id),
            blocked_by=blocked_by,
            next_on=outcome.decision.next_on,
        )

    def _pattern(self, group: Group, source: int) -> int:
        found = self._numbers.setdefault((source, group), len(self._numbers))
        if found == len(self.patterns):
            self.patterns.append(self._new_step(group, source))
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
            due_on=self.outcomes.on,
            total=0,
            currency=wording.currency,
            language=wording.language,
            template=wording.template,
            operator_id=None,
            reason=self._say(wording.reason) if wording.reason else "",
        )


class _Floors(dict[str, Sequence[int]]):
    """The bands of residuals, by what installments share; none if that cannot be told."""

    def __init__(self, reader: FactsReader) -> None:
        super().__init__()
        self._reader = reader

    def __missing__(self, alike: str) -> Sequence[int]:
        """Look it up."""
        currency = ordinary.currency_of(alike)
        found = () if currency is None else self._reader.bands(currency).floors
        self[alike] = found
        return found
