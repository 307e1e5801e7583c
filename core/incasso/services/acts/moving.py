"""Running cases moved to another iter: where they enter, and what a person has to confirm."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec

from incasso.contract.text import text
from incasso.domain.acts.assignment import ChooseIter
from incasso.domain.acts.permission import who_may_let, who_may_park
from incasso.domain.recovery.case_schedule import dates_of, gap_until
from incasso.domain.recovery.conditions import chosen_iter
from incasso.domain.recovery.facts import CaseFacts, Version
from incasso.domain.recovery.iters import Stage
from incasso.domain.recovery.severity import LAWYERS, Reached, lowest_entry, severity_of
from incasso.domain.recovery.timing import entry
from incasso.services.acts.doing import ActError, Doing, running
from incasso.store.lists.subjects import Target
from incasso.store.recovery import manual_changes
from incasso.store.recovery.explaining import these
from incasso.store.recovery.facts import FactsReader, Situation
from incasso.store.recovery.iters import read_rules
from incasso.store.recovery.reached import reached_by


class Entering(msgspec.Struct, frozen=True):
    """A case that enters an iter at a stage of its own, not where planning would begin."""

    case: int
    situation: Situation
    version: Version
    at: int
    """The position of the stage."""


def move_cases(doing: Doing, act: ChooseIter, targets: Sequence[Target]) -> int:
    """Close the running cases; planning opens new ones, unless one has to enter further on.

    How many. Raises ActError if one would be sent back and nobody confirms that.
    """
    cased = {one.installment_id for one in targets if one.case_id is not None}
    entering = [one for one in _looked_at(doing, act, cased) if one is not None]
    moved = doing.close_cases(running(targets))
    for one in entering:
        _open(doing, one)
    return moved


def _looked_at(doing: Doing, act: ChooseIter, ids: set[int]) -> list[Entering | None]:
    if not ids:
        return []
    connection = doing.connection
    rules = read_rules(connection)
    reader = FactsReader(connection, rules, doing.on, trusted=lambda *_: True, exact=True)
    found = reader.read(connection, these(connection, ids))
    reached = reached_by(connection, ids)
    return [
        _enters(doing, act, one, reached.get(one.installment_id, []))
        for one in found
        if one.installment_id in ids
    ]


def _enters(
    doing: Doing, act: ChooseIter, one: Situation, reached: Sequence[Reached]
) -> Entering | None:
    """Where its case enters, if not where planning would begin."""
    old, running_case = one.facts.case, one.case
    assert old is not None and running_case is not None
    fresh = msgspec.structs.replace(one.facts, case=None)
    version, _ = chosen_iter(fresh)
    if version is None:
        _need_confirmed_out(act, running_case.id, old)
        return None
    stages = version.iter.stages
    lowest = lowest_entry(version.iter, reached, parked=old.container)
    if act.stage:
        at = _position(act.stage, version)
        doing.need_role(who_may_let(stages[at].action, stages[at].container))
        if lowest is None or at < lowest:
            _need_confirmed(act, running_case.id, reached, stages[at], None)
        _need_confirmed_out(act, running_case.id, old)
        return Entering(running_case.id, one, version, at)
    begins = entry(version.iter, dates_of(fresh), doing.on).stage
    if lowest is None:
        raise ActError(
            text(
                "{iter} has no stage as grave as {stage}, which case:{case} has reached: "
                "say where it enters, `--stage KEY --confirm`.",
                iter=version.iter.key,
                stage=_gravest(reached),
                case=running_case.id,
            )
        )
    _need_confirmed_out(act, running_case.id, old)
    if begins is None or stages.index(begins) >= lowest:
        return None
    _need_confirmed(act, running_case.id, reached, begins, stages[lowest])
    return Entering(running_case.id, one, version, lowest)


def _need_confirmed(
    act: ChooseIter, case: int, reached: Sequence[Reached], softer: Stage, lowest: Stage | None
) -> None:
    if act.confirm:
        return
    went = _gravest(reached)
    if lowest is None:
        raise ActError(
            text(
                "case:{case} has reached {stage}; {softer} is milder: `--confirm` if it is meant.",
                case=case,
                stage=went,
                softer=softer.key,
            )
        )
    raise ActError(
        text(
            "case:{case} has reached {stage}; moved, it would begin again at {softer}. "
            "`--confirm` lets it enter at {lowest}, `--stage KEY --confirm` where you say.",
            case=case,
            stage=went,
            softer=softer.key,
            lowest=lowest.key,
        )
    )


def _need_confirmed_out(act: ChooseIter, case: int, old: CaseFacts) -> None:
    if old.container == LAWYERS and not act.confirm:
        raise _with_the_lawyers(case)


def need_confirmed_out(doing: Doing, targets: Sequence[Target], *, confirmed: bool) -> None:
    """A case leaves the lawyers' container only if a person confirms it who may put it there.

    Raises ActError, ActorError.
    """
    with_lawyers = [one.case_id for one in targets if one.case_container == LAWYERS]
    if not with_lawyers:
        return
    doing.need_role(who_may_park(LAWYERS))
    if not confirmed:
        raise _with_the_lawyers(with_lawyers[0])


def _with_the_lawyers(case: int | None) -> ActError:
    return ActError(
        text("case:{case} is with the lawyers: `--confirm` takes it out of there.", case=case)
    )


def _gravest(reached: Sequence[Reached]) -> str:
    return max(reached, key=lambda one: severity_of(one.stage)).stage.key if reached else LAWYERS


def _position(key: str, version: Version) -> int:
    keys = [stage.key for stage in version.iter.stages]
    if key not in keys:
        raise ActError(
            text(
                "{iter} has no stage {stage}: choose from {stages}.",
                iter=version.iter.key,
                stage=key,
                stages=keys,
            )
        )
    return keys.index(key)


def _open(doing: Doing, one: Entering) -> None:
    """The new case, at its stage, at least the least distance after what counted last."""
    stages = one.version.iter.stages
    facts, old = one.situation.facts, one.situation.facts.case
    assert old is not None
    free = gap_until(one.version.iter, dates_of(facts), old.counted_on)
    new = manual_changes.new_case(
        doing.connection,
        after=one.case,
        version=one.version.id,
        unpaid=facts.unpaid,
        skipped=",".join(stage.key for stage in stages[: one.at]),
        stage=stages[one.at].key,
        due=max(doing.on, free or date.min),
        on=doing.on,
    )
    doing.open_case(new)
    doing.note([new], "entered", stages[one.at].key)
