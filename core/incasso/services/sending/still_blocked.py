"""The final check before a message leaves: which cases are paid or blocked by now."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy import Connection

from incasso.domain.recovery.conditions import OF_CONTACTS, Condition
from incasso.domain.recovery.decision import blocks
from incasso.domain.recovery.facts import Facts
from incasso.locale.reasons import reason_text
from incasso.store.recovery.explaining import of_cases
from incasso.store.recovery.facts import FactsReader
from incasso.store.recovery.iters import read_rules


def blocked_now(
    connection: Connection, case_ids: Collection[int], on: date, *, language: str = "it"
) -> Mapping[int, str]:
    """The cases that must not leave on that day, each with the reason in words.

    The same decision as planning, on the facts as they are now. Whether the source can be trusted
    is left to the caller, who has just asked it; the contact policy only postpones (`caps.py`).
    """
    if not case_ids:
        return {}
    rules = read_rules(connection)
    reader = FactsReader(connection, rules, on, trusted=lambda *_: True)
    found = dict.fromkeys(case_ids, reason_text("case", language))  # closed, unless seen below
    known: dict[int, Condition | None] = {}  # by identity: installments alike share their facts
    for situation in reader.read(connection, of_cases(connection, case_ids)):
        if situation.case is None or situation.case.id not in found:
            continue
        facts = situation.facts
        if id(facts) not in known:
            known[id(facts)] = _first_block(facts, on)
        blocking = known[id(facts)]
        if blocking is not None:
            found[situation.case.id] = _reason(blocking, language)
        else:
            del found[situation.case.id]
    return found


def _first_block(facts: Facts, on: date) -> Condition | None:
    blocking = (each for each in blocks(facts, on) if each.name not in OF_CONTACTS)
    return next(blocking, None)


def _reason(condition: Condition, language: str) -> str:
    """The reason: how a closed installment was closed; else the name of the condition."""
    return reason_text(condition.value if condition.name == "open" else condition.name, language)
