"""Whose it is and where it lies: operator, responsible, container, iter, who is left in peace."""

from __future__ import annotations

import re
from datetime import date

from incasso.services.acts.act import Act, ActError, acting, need_why, running
from incasso.services.acts.stages import cases_of, waiting_step
from incasso.services.running.hub import Hub
from incasso.store.office import people
from incasso.store.recovery import agreements, manual_changes
from incasso.store.recovery.iters import read_rules

CONTAINERS = {
    "legal": "legal",
    "legale": "legal",
    "uncollectable": "uncollectable",
    "inesigibile": "uncollectable",
    "not_scheduled": "not_scheduled",
    "non_schedulato": "not_scheduled",
    "cod": "cod",
    "contrassegno": "cod",
    "management": "management",
    "direzione": "management",
}
"""Every office has these parking areas; it may name its own beside them."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def park(hub: Hub, subject: str, *, by: str, on: date, why: str, container: str) -> str:
    """Set running cases aside in a container; `release` takes them out again.

    Raises ActError if nothing runs, or the container's name is not possible.
    """
    need_why(why, "park")
    name = container.strip().lower().replace(" ", "_").replace("-", "_")
    name = CONTAINERS.get(name, name)
    if not _NAME.fullmatch(name):
        raise ActError(f"“{container}” is no name for a container: letters, digits and _ only.")
    with acting(hub, subject, by=by, on=on, why=why) as act:
        targets = act.open_targets()
        cases = running(targets)
        if not cases:
            raise ActError(f"No running case on {act.subject}: hold it instead of parking it.")
        act.touch(targets, "parked", leave_steps=True)
        manual_changes.set_cases(act.connection, cases, state="parked", container=name)
        act.tell("case.parked", container=name, cases=cases)
        return f"Parked in {name}, {len(cases)} case(s): {act.subject}."


def assign(
    hub: Hub,
    subject: str,
    *,
    by: str,
    on: date,
    why: str = "",
    to: str | None = None,
    responsible: str | None = None,
) -> str:
    """Give a client, case or step to an operator, a client or case to a responsible.

    A client's running cases and waiting steps go with it. Raises ActError for unknown logins.
    """
    with acting(hub, subject, by=by, on=on, why=why) as act:
        new = {
            "operator_id": _login(act, to),
            "responsible_id": _login(act, responsible),
        }
        values = {name: value for name, value in new.items() if value is not None}
        if not values:
            raise ActError("Say to whom: `--to LOGIN` or `--responsible LOGIN`.")
        if act.subject.kind == "client":
            people.give_client(act.connection, act.subject.id, **values)
        elif act.subject.kind == "step":
            if "operator_id" not in values:
                raise ActError("A step has an operator, no responsible: name its case.")
            manual_changes.set_step(
                act.connection, waiting_step(act).id, operator_id=new["operator_id"]
            )
        else:
            cases = cases_of(act)
            manual_changes.set_cases(act.connection, cases, **values)
            act.note(cases, "assigned")
        act.tell("assigned", operator=to, responsible=responsible)
        return f"Given to {to or responsible}: {act.subject}."


def exclude(hub: Hub, subject: str, *, by: str, on: date, why: str, excluded: bool = True) -> str:
    """Leave a client in peace altogether, or count it in again. Raises ActError."""
    if excluded:
        need_why(why, "exclude a client")
    with acting(hub, subject, by=by, on=on, why=why) as act:
        if act.subject.kind != "client":
            raise ActError(f"Only clients are excluded: `client {act.subject.client}`, or hold it.")
        people.give_client(act.connection, act.subject.id, office_excluded=excluded)
        word = "excluded" if excluded else "included"
        act.touch(act.targets(), word, leave_steps=excluded)
        act.tell(f"client.{word}")
        return f"{word.capitalize()}: {act.subject}."


def choose_iter(
    hub: Hub,
    subject: str,
    *,
    by: str,
    on: date,
    why: str = "",
    iter: str | None,
    move_running: bool = False,
) -> str:
    """Decide the iter of a client or installment; None goes back to the rules.

    Running cases stay where they are unless `move_running`: then they close and the new iter
    begins. Raises ActError for an iter that is not published.
    """
    with acting(hub, subject, by=by, on=on, why=why) as act:
        if act.subject.kind in ("case", "step"):
            raise ActError("An iter is chosen for a client or an installment: name one of them.")
        if iter is not None:
            _need_published(act, iter)
        if act.subject.kind == "client":
            people.give_client(act.connection, act.subject.id, iter_override=iter)
        else:
            manual_changes.set_installment(act.connection, act.subject.id, iter_override=iter)
        targets = act.targets()
        act.touch(targets, "iter chosen", leave_steps=move_running)
        moved = (
            manual_changes.close_cases(act.connection, running(targets), on) if move_running else 0
        )
        agreements.look_again(act.connection, [t.installment_id for t in targets], on)
        act.tell("iter.chosen", iter=iter, moved=moved)
        return f"Iter {iter or 'by the rules'}, {moved} case(s) moved: {act.subject}."


def _login(act: Act, login: str | None) -> int | None:
    if login is None:
        return None
    found = people.id_of(act.connection, login)
    if found is None:
        raise ActError(f"Nobody active is called {login}: `incasso users list` shows who is.")
    return found


def _need_published(act: Act, iter: str) -> None:
    keys = [version.iter.key for version in read_rules(act.connection).iters]
    if iter not in keys:
        names = ", ".join(keys) or "none yet: `incasso iters import FILE`"
        raise ActError(f"No iter {iter} is published: choose from {names}.")
