"""A stage that a person adds to a case: from when on it may come, and who must approve it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

import msgspec

from incasso.domain.recovery.iters import Anchor, Mode, Stage

REMINDER_TEXT: Final = "promemoria"
"""The text that comes with the hub and is made for before the due date."""


def timed(stage: Stage, day: date, due: date, iter_stages: Iterable[Stage]) -> Stage:
    """The stage as one that is counted from the effective due date (rules 3 and 6).

    A message for a day up to that date is a reminder of it if its text is made for that: one that
    comes with the hub, or one of a reminder among `iter_stages`. Every other message waits until
    the date has passed. A call, visit or task comes on the day that the person chose.
    """
    if not stage.action.traits.to_client:
        return _from_due(stage, min((day - due).days, 0))
    made_for_it = {one.template for one in iter_stages if one.before_due} | {REMINDER_TEXT}
    if day <= due and stage.template in made_for_it:
        return _from_due(stage, min((day - due).days, -1))
    return _from_due(stage, 1)


def needs_approval(stage: Stage, known: Iterable[Stage]) -> bool:
    """Whether somebody else must approve what a person adds: a formal notice by its media, or by
    a text that one of the `known` stages sends only when approved."""
    if not stage.action.traits.to_client:
        return False
    approved = (one for one in known if one.mode is Mode.APPROVE)
    return stage.is_formal or any(
        stage.template in (one.template, one.first_contact) for one in approved
    )


def _from_due(stage: Stage, days: int) -> Stage:
    return msgspec.structs.replace(stage, anchor=Anchor.DUE_DATE, days=days)
