"""The end of a run that was done in parts: alarms, and its line in the journal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from incasso.domain.office.actor import CLOCK
from incasso.domain.office.jobs import Job, JobState, Task
from incasso.services.hub.hub import Hub
from incasso.services.proof.anchoring import catch_up
from incasso.services.running.cycle import silent_sources
from incasso.store.jobs import rows
from incasso.store.jobs.rows import Ended
from incasso.store.ledger import totals
from incasso.store.proof import journal
from incasso.store.proof.journal import Event


def close(hub: Hub, job: Job) -> None:
    """Write what became of the cycle that this job ends: as `run` does for a cycle in one piece."""
    assert job.cycle_id is not None
    alarms = silent_sources(hub, job.on_date)
    with hub.store.write() as connection:
        parts = [one for one in rows.parts(connection, job.cycle_id) if one.task is not Task.CLOSE]
        alarms += [why for one in parts for why in one.facts.get("remarks", ())]
        facts = _facts(parts) | {"alarms": [str(alarm) for alarm in alarms]}
        good = not facts["failures"] and not facts["unprotected"]
        kind = "run.finished" if good else "run.failed"
        event = Event(kind=kind, actor=CLOCK.trace("run"), on=job.on_date, facts=facts)
        journal.record(connection, [event], at=hub.now())
        totals.roll(connection, job.on_date)
    catch_up(hub.store)


def _facts(parts: Iterable[Ended]) -> dict[str, Any]:
    parts = list(parts)
    return {
        "syncs": {one.about: one.facts.get("status", "failed") for one in _of(parts, Task.SYNC)},
        "failures": {
            f"{one.task} {one.about}".strip(): str(one.problem)
            for one in parts
            if one.problem and one.state is not JobState.DONE
        },
        "unprotected": sorted(
            {str(why) for one in parts for why in one.facts.get("unprotected", ())}
        ),
    }


def _of(parts: Iterable[Ended], task: Task) -> list[Ended]:
    return [one for one in parts if one.task is task]
