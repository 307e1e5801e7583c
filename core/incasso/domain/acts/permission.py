"""Permissions: groups of roles, and the stages that only some roles may carry out."""

from __future__ import annotations

from typing import Final

from incasso.domain.office.actor import Actor, ActorKind, Role
from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.states import CaseState

MANAGERS: Final = frozenset({Role.ADMINISTRATOR, Role.CREDIT_MANAGER})
"""The roles responsible for the credit office."""

LEGAL: Final = MANAGERS | {Role.LEGAL_OFFICE}
"""The roles that may hand a credit to the lawyers."""

IN_THE_OFFICE: Final = LEGAL | {Role.OPERATOR}
"""The roles of the daily work."""

WITH_THE_CLIENT: Final = IN_THE_OFFICE | {Role.AGENT, Role.DEPOT}
"""The roles that talk with clients and may record it for their own."""

LAWYERS: Final = "legal"
WRITTEN_OFF: Final = "uncollectable"
_ACTIONS: Final = frozenset(Action)


def who_may_park(container: str) -> frozenset[Role]:
    """Containers that need more rights: the lawyers and uncollectable credits."""
    if container == WRITTEN_OFF:
        return MANAGERS
    return LEGAL if container == LAWYERS else IN_THE_OFFICE


def who_may_let(action: str, container: str = "") -> frozenset[Role]:
    """The roles that may approve or carry out a stage of this action, or enter a case there."""
    if action not in _ACTIONS:
        return IN_THE_OFFICE
    traits = Action(action).traits
    match traits.moves_case_to:
        case CaseState.CLOSED:
            return MANAGERS
        case CaseState.PARKED:
            return who_may_park(container)
    # Actions that the hub only proposes give a credit to an outside party.
    return LEGAL if traits.proposed else IN_THE_OFFICE


def may(actor: Actor, roles: frozenset[Role]) -> bool:
    """Whether an actor has one of these roles.

    The clock may: it carries out what is already decided. Programs and plugins may not act yet.
    """
    match actor.kind:
        case ActorKind.PERSON:
            return actor.role in roles
        case ActorKind.CLOCK:
            return True
    return False
