"""Words for background jobs: what each does, how far it is."""

from __future__ import annotations

from enum import Enum
from typing import Final

from incasso.contract.text import term
from incasso.locale.labels import Labels

JOB_STATES: Final[Labels] = {
    "waiting": term("job state", "waiting"),
    "running": term("job state", "running"),
    "done": term("job state", "done"),
    "failed": term("job state", "failed"),
}
JOB_TASKS: Final[Labels] = {
    "cycle": term("job", "whole run"),
    "sync": term("job", "read the ledger"),
    "collect": term("job", "collect receipts"),
    "exchange": term("job", "exchange with agencies"),
    "plan": term("job", "plan"),
    "house": term("job", "work in the office"),
    "dispatch": term("job", "send messages"),
    "orders": term("job", "order blocks"),
    "close": term("job", "close the run"),
}


def of_jobs() -> dict[type[Enum], Labels]:
    """The words of each enumeration."""
    from incasso.domain.office.jobs import JobState, Task

    return {JobState: JOB_STATES, Task: JOB_TASKS}
