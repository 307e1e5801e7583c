"""What lists show of a client's waiting cases, right after an act changed their facts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection

from incasso.domain.recovery.decision import decide
from incasso.services.office.office import Office
from incasso.services.office.trust import trust_rule
from incasso.store.recovery import agenda, manual_changes
from incasso.store.recovery.facts import FactsReader, Situation
from incasso.store.recovery.iters import read_rules


class Standing(NamedTuple):
    """What a case waits for."""

    next_due_on: date | None
    blocked_by: str


def show_standing(office: Office, connection: Connection, client: int, on: date) -> None:
    """What the next plan will look at shows already what it will find.

    Only cases between two steps. Which stage comes next, and whether one closes, is left to the
    plan, which looks at the same installments with the same decision.
    """
    if not manual_changes.has_due_look(connection, client, on):
        return
    trusted = trust_rule(office, on, office.now())
    reader = FactsReader(connection, read_rules(connection), on, trusted=trusted)
    found = reader.read(connection, agenda.due_of_client(connection, client, on))
    for standing, cases in _changed(found, on).items():
        manual_changes.set_cases(connection, cases, **standing._asdict())


def _changed(found: Iterable[Situation], on: date) -> dict[Standing, list[int]]:
    changed: dict[Standing, list[int]] = defaultdict(list)
    for one in found:
        case = one.case
        if case is None or case.step_id is not None or case.shown.blocked_by == "review":
            continue
        decision = decide(one.facts, on)
        standing = Standing(decision.due, decision.blocked_by)
        if standing != (case.shown.next_due_on, case.shown.blocked_by) and not decision.closes:
            changed[standing].append(case.id)
    return changed
