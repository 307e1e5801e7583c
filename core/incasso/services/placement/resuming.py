"""Cases that waited for a provider go on, as the office's table of outcomes says."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from incasso.domain.placement.names import placement_name
from incasso.domain.placement.outcomes import PlacementOutcome, Then, outcome_of
from incasso.domain.placement.reports import Ended
from incasso.domain.recovery.states import CaseState
from incasso.services.cases.progress import park_cases
from incasso.services.placement.fates import Moment
from incasso.store.placement import handing, outcomes, standing
from incasso.store.placement.matching import Placed
from incasso.store.recovery import agreements, manual_changes
from incasso.store.recovery.iters import versions


def resume(connection: Connection, placed: Placed, ended: Ended, moment: Moment) -> str:
    """Let the cases of rows that came back go on; gives where they go, for the journal.

    The ledger is untouched: what is open there is what they go on with.
    """
    rule = outcome_of(outcomes.rules(connection), ended.state, ended.closing)
    waiting = [
        each.case_id
        for each in standing.back(connection, ended.rows)
        if each.case_id is not None and each.case_state is CaseState.PLACED
    ]
    handing.resume_house(connection, handing.these_rows(ended.rows), moment.on)
    _move(connection, waiting, rule)
    standing.propose(connection, placed.id, rule.propose, needs_report=rule.report)
    agreements.note_on_cases(
        connection,
        waiting,
        on=moment.on,
        what="returned",
        who="",
        why=f"{placement_name(placed.id)} {ended.closing or ended.state}",
    )
    return rule.then.value


def _move(connection: Connection, cases: Sequence[int], rule: PlacementOutcome) -> None:
    if rule.then is Then.PARK:
        park_cases(connection, cases, rule.container)
    elif rule.then is Then.STAGE:
        _enter(connection, cases, rule.stage)


def _enter(connection: Connection, cases: Sequence[int], stage: str) -> None:
    """At that stage, where the case's own iter has it; the others go on where they were."""
    for number in cases:
        case = manual_changes.case(connection, number)
        version = versions(connection, [case.iter_version_id])[case.iter_version_id]
        if case.private_stages is None and stage in {one.key for one in version.iter.stages}:
            manual_changes.set_cases(
                connection, [number], next_stage=stage, state=CaseState.OPEN, container=""
            )
