"""What the people of the demo do on an ordinary day: approve, call, note promises, mend."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

from incasso.demo.office import OPERATORS, RESPONSIBLE
from incasso.domain.office.actor import Scope
from incasso.services import acts
from incasso.services.running.hub import Hub
from incasso.store.lists import STEPS, Fields
from incasso.store.lists.reading import read_list

CALLS_A_DAY = 6
"""What one operator gets done beside everything else."""


def work(hub: Hub, dice: Random, on: date) -> int:
    """One day of work on what is on the lists; how many things were done."""
    done = _approve(hub, dice, on)
    waiting = _listed(hub, status=("ready", "proposed"), mode="manual", due_to=on)
    for step in waiting[: CALLS_A_DAY * len(OPERATORS)]:
        done += _attempt(hub, dice, step, on)
    return done


def _approve(hub: Hub, dice: Random, on: date) -> int:
    """The responsible reads what is to be approved, and lets most of it go."""
    approved = 0
    for step in _listed(hub, status=("proposed",), mode="approve", due_to=on):
        if dice.random() < 0.8:
            acts.approve(hub, f"step:{step['id']}", by=RESPONSIBLE, on=on, why="Verificato")
            approved += 1
    return approved


def _attempt(hub: Hub, dice: Random, step: dict[str, Any], on: date) -> int:
    """One call, visit or task, with the outcomes that a day brings."""
    subject, by = f"step:{step['id']}", step["operator"] or dice.choice(OPERATORS)
    fate = dice.random()
    if step["action"] == "task":
        if fate < 0.5:
            acts.done(hub, subject, by=by, on=on, outcome="Recapito verificato")
        return int(fate < 0.5)
    if fate < 0.30:
        acts.done(hub, subject, by=by, on=on, outcome="Non risponde", reached=False)
        return 0
    if fate < 0.65:
        promised = acts.PromiseMade(until=on + timedelta(days=dice.choice((7, 10, 15))))
        acts.done(hub, subject, by=by, on=on, outcome="Pagherà a breve", promised=promised)
    elif fate < 0.75:
        acts.done(hub, subject, by=by, on=on, outcome="Contesta la merce")
        acts.dispute(
            hub, f"{step['source']}/{step['client']}", by=by, on=on,
            why="Merce non conforme", department="Qualità", until=on + timedelta(days=20),
        )  # fmt: skip
    else:
        acts.done(hub, subject, by=by, on=on, outcome="Prende tempo")
    return 1


def _listed(hub: Hub, **wanted: Any) -> list[Fields]:
    with hub.store.read() as connection:
        return list(read_list(connection, STEPS, Scope.everything(), **wanted))
