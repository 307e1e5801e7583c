"""Who may do what: groups of roles, and the stages that not everybody may let happen."""

from __future__ import annotations

from typing import Final

from incasso.domain.office.actor import Actor, ActorKind, Role
from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.states import CaseState

MANAGERS: Final = frozenset({Role.ADMINISTRATOR, Role.CREDIT_MANAGER})
"""Who answers for the credit office as a whole."""

LEGAL: Final = MANAGERS | {Role.LEGAL_OFFICE}
"""Who may hand a credit to the lawyers."""

IN_THE_OFFICE: Final = LEGAL | {Role.OPERATOR}
"""Who does the day's work."""

WITH_THE_CLIENT: Final = IN_THE_OFFICE | {Role.AGENT, Role.DEPOT}
"""Who hears what a client says: these may note it for their own clients."""

LAWYERS: Final = "legal"
WRITTEN_OFF: Final = "uncollectable"
_ACTIONS: Final = frozenset(Action)


def who_may_park(container: str) -> frozenset[Role]:
    """Parking with the lawyers or as uncollectable is more than setting aside."""
    if container == WRITTEN_OFF:
        return MANAGERS
    return LEGAL if container == LAWYERS else IN_THE_OFFICE


def who_may_let(action: str, container: str = "") -> frozenset[Role]:
    """Who may let a stage of this action happen: approve it, carry it out, enter a case there."""
    if action not in _ACTIONS:
        return IN_THE_OFFICE
    traits = Action(action).traits
    match traits.moves_case_to:
        case CaseState.CLOSED:
            return MANAGERS
        case CaseState.PARKED:
            return who_may_park(container)
    # What the hub only proposes hands a credit out of the house.
    return LEGAL if traits.proposed else IN_THE_OFFICE


def may(actor: Actor, roles: frozenset[Role]) -> bool:
    """Whether somebody may do what these roles may.

    The clock carries out what is decided already. Programs and plugins have no act of their own
    yet.
    """
    match actor.kind:
        case ActorKind.PERSON:
            return actor.role in roles
        case ActorKind.CLOCK:
            return True
    return False
