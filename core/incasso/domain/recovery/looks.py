"""What a plan saw of an installment and what it decided, kept so that a past day can be told.

The rules themselves are not kept with every look: a page of looks names the versions that were
published, and those never change.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

import msgspec
from msgspec.structs import replace

from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.contact_policy import DEFAULT_POLICY, ContactPolicy
from incasso.domain.recovery.decision import Decision, Verdict
from incasso.domain.recovery.exclusions import NOTHING_EXCLUDED, Exclusions
from incasso.domain.recovery.facts import Facts, Rulebook, Version
from incasso.domain.recovery.iters import Iter, Mode
from incasso.domain.recovery.states import CloseReason

ACTING: Final = frozenset({Verdict.STEP, Verdict.REVIEW, Verdict.ADVANCE})


class KeptRules(msgspec.Struct, frozen=True, kw_only=True):
    """A rulebook by the ids of its published versions."""

    versions: tuple[int, ...] = ()
    exclusions: Exclusions = NOTHING_EXCLUDED
    policy: ContactPolicy = DEFAULT_POLICY


class Decided(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A decision without its conditions: those follow from the facts beside it."""

    verdict: Verdict
    version: int | None = None
    stage: str = ""
    due: date | None = None
    next_on: date | None = None
    closes: CloseReason | None = None
    opens: bool = False
    leaves: bool = False
    leaves_for: str = ""
    skipped: tuple[str, ...] = ()
    action: Action | None = None
    mode: Mode | None = None
    medium: str = ""
    reason: str = ""
    blocked_by: str = ""

    @property
    def acts(self) -> bool:
        """Whether the plan did something with it on that day."""
        return self.verdict in ACTING or self.closes is not None or self.opens or self.leaves


class Seen(msgspec.Struct, frozen=True):
    """The facts of a look and the decision on them."""

    facts: Facts
    decided: Decided


def decided(decision: Decision) -> Decided:
    """What is kept of a decision."""
    return Decided(
        verdict=decision.verdict,
        version=None if decision.version is None else decision.version.id,
        stage="" if decision.stage is None else decision.stage.key,
        due=decision.due,
        next_on=decision.next_on,
        closes=decision.closes,
        opens=decision.opens,
        leaves=decision.leaves,
        leaves_for=decision.leaves_for,
        skipped=decision.skipped,
        action=decision.action,
        mode=decision.mode,
        medium=decision.medium,
        reason=decision.reason,
        blocked_by=decision.blocked_by,
    )


def keep_rules(rules: Rulebook) -> KeptRules:
    """What is kept of a rulebook."""
    return KeptRules(
        versions=tuple(version.id for version in rules.iters),
        exclusions=rules.exclusions,
        policy=rules.policy,
    )


def rules_again(kept: KeptRules, versions: Mapping[int, Version]) -> Rulebook:
    """The rulebook of that day."""
    return Rulebook(
        iters=tuple(versions[one] for one in kept.versions),
        exclusions=kept.exclusions,
        policy=kept.policy,
    )


def keep(facts: Facts, decision: Decision) -> bytes:
    """One look as it is kept."""
    case = facts.case
    if case is not None:
        case = replace(case, version=_unnamed(case.version.id))
    bare = replace(facts, rules=_NO_RULES, case=case)
    return _ENCODER.encode(Seen(bare, decided(decision)))


def seen_again(kept: bytes, rules: Rulebook, versions: Mapping[int, Version]) -> Seen:
    """A kept look. Raises msgspec.ValidationError if a later version of the hub cannot read it."""
    seen = _DECODER.decode(kept)
    case = seen.facts.case
    if case is not None:
        case = replace(case, version=versions[case.version.id])
    return replace(seen, facts=replace(seen.facts, rules=rules, case=case))


def _unnamed(number: int) -> Version:
    """A version of which only the id is kept."""
    if number not in _UNNAMED:
        _UNNAMED[number] = Version(id=number, number=0, iter=Iter(key=""))
    return _UNNAMED[number]


_UNNAMED: Final[dict[int, Version]] = {}
_NO_RULES: Final = Rulebook()
_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(Seen)
