"""Decisions ready to be written: one for all installments that share its facts."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import date

import msgspec
from msgspec.structs import replace

from incasso.domain.recovery.contact_policy import Contacts
from incasso.domain.recovery.decision import Decision, Verdict, decide
from incasso.domain.recovery.facts import Facts
from incasso.domain.recovery.grouping import Group, group_of
from incasso.domain.recovery.looks import keep
from incasso.store.recovery.facts_cases import ShownOfCase
from incasso.store.recovery.planned_changes import Opening


class Outcome(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A decision, made once for all installments that share its facts, ready to be written."""

    decision: Decision
    group: Group | None
    together: int | None
    """The number of its group's key: cases of one client with the same share a step."""
    stage: str
    skipped: str
    shown: ShownOfCase
    opening: Opening
    seen: bytes
    """The facts and the decision as they are kept."""
    is_message: bool = False
    """It asks for a message to the client."""


def _outcome(
    decision: Decision, group: Group | None, together: int | None, facts: Facts, on: date
) -> Outcome:
    stage = decision.stage.key if decision.stage is not None else ""
    skipped = ",".join(decision.skipped)
    next_stage = "" if decision.blocked_by == "review" else stage
    shown = ShownOfCase(next_stage, decision.due, decision.blocked_by)
    opening = Opening(
        iter_version_id=decision.version.id if decision.version is not None else 0,
        unpaid=facts.unpaid,
        skipped=skipped,
        opened_on=on,
        stage=stage,
        shown=shown,
    )
    return Outcome(
        decision=decision,
        group=group,
        together=together,
        stage=stage,
        skipped=skipped,
        shown=shown,
        opening=opening,
        seen=keep(facts, decision),
        is_message=group is not None and group.is_message,
    )


class Outcomes:
    """One decision per distinct facts: the whole speed of planning."""

    def __init__(self, on: date) -> None:
        self.on = on
        self.known: dict[Facts, Outcome] = {}
        self.groups: dict[Hashable, Group] = {}
        self.keys: dict[Hashable, int] = {}
        self._after: dict[tuple[Facts, Contacts], Facts] = {}

    def forget(self) -> None:
        """Make room: the facts met so far are decided again if they come again."""
        self.known.clear()
        self._after.clear()

    def after(self, facts: Facts, contacts: Contacts) -> Facts:
        """The same facts once the client has heard that much; one object for equal ones."""
        key = (facts, contacts)
        if key not in self._after:
            self._after[key] = replace(facts, contacts=contacts)
        return self._after[key]

    def of(self, facts: Facts) -> Outcome:
        """The decision for these facts."""
        outcome = self.known.get(facts)
        if outcome is None:
            # What led there is for explain; ten thousand decisions with it would fill the memory.
            decision = replace(decide(facts, self.on), conditions=())
            group = self._group(decision, facts) if decision.verdict is Verdict.STEP else None
            together = None if group is None else self.number(group.key)
            outcome = _outcome(decision, group, together, facts, self.on)
            self.known[facts] = outcome
        return outcome

    def number(self, key: Hashable | None) -> int | None:
        """A number for a group's key, which is a long tuple: a page asks for it at every case."""
        return None if key is None else self.keys.setdefault(key, len(self.keys))

    def _group(self, decision: Decision, facts: Facts) -> Group:
        group = group_of(decision, facts, self.on)
        if group.key is None:
            return group
        # Equal keys share one Group, so that steps are found by its identity.
        return self.groups.setdefault((group.key, group.wording, group.rank), group)
