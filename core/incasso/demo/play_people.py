"""What the people of the demo do on an ordinary day: approve, call, note promises, mend."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

from incasso.demo.office import OPERATORS, RESPONSIBLE
from incasso.domain.acts.act import Act
from incasso.domain.acts.agreements import Dispute
from incasso.domain.acts.steps import Approve, Done
from incasso.domain.office.actor import Scope
from incasso.domain.recovery.iters import Mode
from incasso.domain.recovery.states import NOT_BEGUN, StepStatus
from incasso.services.acts import perform
from incasso.services.hub.hub import Hub
from incasso.services.office.actors import person_named
from incasso.store.lists.listing import Fields
from incasso.store.lists.reading import read_list
from incasso.store.lists.recovery import STEPS

CALLS_A_DAY = 6
"""Tasks that one operator finishes per day."""


def work(hub: Hub, dice: Random, on: date) -> int:
    """One day of work on the lists; returns how many things were done."""
    done = _approve(hub, dice, on)
    waiting = _listed(hub, status=NOT_BEGUN, mode=Mode.MANUAL, due_to=on)
    for step in waiting[: CALLS_A_DAY * len(OPERATORS)]:
        if _still_waits(hub, step, on):
            done += _attempt(hub, dice, step, on)
    return done


def _approve(hub: Hub, dice: Random, on: date) -> int:
    """The responsible reviews the proposed steps and approves most of them."""
    approved = 0
    for step in _listed(hub, status=(StepStatus.PROPOSED,), mode=Mode.APPROVE, due_to=on):
        if dice.random() < 0.8:
            _act(hub, RESPONSIBLE, Approve(subject=f"step:{step['id']}", why="Verificato"), on)
            approved += 1
    return approved


def _attempt(hub: Hub, dice: Random, step: dict[str, Any], on: date) -> int:
    """One call, visit or task, with the outcomes that a day brings."""
    subject, by = f"step:{step['id']}", step["operator"] or dice.choice(OPERATORS)
    fate = dice.random()
    if step["action"] == "task":
        if fate < 0.5:
            found = Done(
                subject=subject,
                outcome="Recapito trovato",
                email=f"amministrazione@cliente{step['id']}.example.it",
            )
            _act(hub, by, found, on)
        return int(fate < 0.5)
    if fate < 0.30:
        _act(hub, by, Done(subject=subject, outcome="Non risponde", not_reached=True), on)
        return 0
    if fate < 0.65:
        promised = on + timedelta(days=dice.choice((7, 10, 15)))
        _act(hub, by, Done(subject=subject, outcome="Pagherà a breve", promise=promised), on)
    elif fate < 0.75:
        _act(hub, by, Done(subject=subject, outcome="Contesta la merce"), on)
        contested = Dispute(
            subject=f"{step['source']}/{step['client']}",
            why="Merce non conforme",
            department="Qualità",
            until=on + timedelta(days=20),
        )
        _act(hub, by, contested, on)
    else:
        _act(hub, by, Done(subject=subject, outcome="Prende tempo"), on)
    return 1


def _still_waits(hub: Hub, step: dict[str, Any], on: date) -> bool:
    """Whether it is still to be done: a dispute or an address found today may have let it go."""
    client = f"{step['source']}/{step['client']}"
    left = _listed(hub, status=NOT_BEGUN, mode=Mode.MANUAL, due_to=on, client=client)
    return any(each["id"] == step["id"] for each in left)


def _act(hub: Hub, login: str, act: Act, on: date) -> None:
    perform(hub, person_named(hub, login), act, on)


def _listed(hub: Hub, **wanted: Any) -> list[Fields]:
    with hub.store.read() as connection:
        return list(read_list(connection, STEPS, Scope.everything(), **wanted))
