"""How a step ends that several of our own people are told of.

It is carried out by several messages, each with a step, a delivery and an end of its own. The stage
counts when each has left or failed for good, and at least one left: one wrong address must not hold
up what follows for the client, and shows by itself.
"""

from __future__ import annotations

from collections.abc import Collection

from incasso.domain.recovery.states import StepStatus

_LEFT = frozenset((StepStatus.DONE, StepStatus.COUNTED))
_UNDER_WAY = frozenset((StepStatus.PROPOSED, StepStatus.READY, StepStatus.WORKING))


def ended(notices: Collection[StepStatus]) -> StepStatus | None:
    """What a step comes to by its notices: `DONE`, `FAILED`, or None while one is under way."""
    if _UNDER_WAY.intersection(notices):
        return None
    return StepStatus.DONE if _LEFT.intersection(notices) else StepStatus.FAILED
