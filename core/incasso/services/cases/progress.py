"""What carrying out a step means for its cases: they go on, drop out, or look for another way.

All work inside the caller's transaction, in bulk or one step at a time.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import Connection

from incasso.services.cases import told
from incasso.store.recovery import case_progress


def count_steps(connection: Connection, step_ids: Collection[int], on: date) -> int:
    """The stages of these steps count on that day (rule 5): their cases go on.

    Returns how many cases went on; counting a step twice changes nothing the second time.
    """
    if not step_ids:
        return 0
    went_on = case_progress.count(connection, step_ids, on)
    told.settle(connection, step_ids, on)
    return went_on


def release_cases(connection: Connection, case_ids: Collection[int], on: date, why: str) -> int:
    """These cases leave a step that has not left (rule 8); an empty step is cancelled.

    Returns how many steps were cancelled. Planning looks at the cases again on that day.
    """
    return case_progress.release(connection, case_ids, on, why) if case_ids else 0


def park_cases(connection: Connection, case_ids: Collection[int], container: str) -> None:
    """Put these cases into a container, where planning leaves them alone."""
    if case_ids:
        case_progress.park(connection, case_ids, container)


def fail_steps(connection: Connection, step_ids: Collection[int], on: date, why: str) -> None:
    """These steps came to nothing: the next plan finds the next medium, or a person.

    A failed or bounced message never counts as sent, whatever the stage's `otherwise` says.
    """
    if step_ids:
        case_progress.fail(connection, step_ids, on, why)
        told.settle(connection, step_ids, on)
