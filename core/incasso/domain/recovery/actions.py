"""What a stage can do, and the traits of each action.

A new action is a member and a row of `TRAITS` here; one that the hub carries out itself is also
implemented in `services/sending/in_house.py`. All other code asks the traits.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import msgspec

from incasso.domain.recovery.states import CaseState


class Carrier(StrEnum):
    """What carries an action out."""

    MESSAGE = "message"
    """A message leaves through a channel."""
    PERSON = "person"
    """Somebody of the office does it and reports it."""
    HOUSE = "house"
    """The hub does it in its own database, or asks a person first."""


class ActionTraits(msgspec.Struct, frozen=True, kw_only=True):
    """The traits of one action."""

    carrier: Carrier
    to_client: bool = False
    """A message to the client itself: by the first of its media that reaches it."""
    conversation: bool = False
    """A conversation with the client: the contact policy limits its hours and counts it."""
    needs: tuple[str, ...] = ()
    """The keys of the iter file that a stage with this action must set."""
    proposed: bool = False
    """The hub only proposes it; a person carries it out."""
    moves_case_to: CaseState | None = None
    """The state of a case afterwards; null: it continues."""


class Action(StrEnum):
    """What a stage does."""

    SEND = "send"
    CALL = "call"
    VISIT = "visit"
    TASK = "task"
    NOTIFY = "notify"
    PARK = "park"
    PLACE = "place"
    BLOCK_ORDERS = "block_orders"
    CLOSE = "close"

    @property
    def traits(self) -> ActionTraits:
        """Its traits."""
        return TRAITS[self]

    @property
    def by_message(self) -> bool:
        """Whether a message leaves."""
        return self.traits.carrier is Carrier.MESSAGE

    @property
    def by_people(self) -> bool:
        """Whether somebody of the office does it."""
        return self.traits.carrier is Carrier.PERSON

    @property
    def in_house(self) -> bool:
        """Whether the hub does it without a message."""
        return self.traits.carrier is Carrier.HOUSE


TRAITS: Final[Mapping[Action, ActionTraits]] = MappingProxyType(
    {
        Action.SEND: ActionTraits(
            carrier=Carrier.MESSAGE, to_client=True, needs=("channels", "template")
        ),
        Action.CALL: ActionTraits(carrier=Carrier.PERSON, conversation=True),
        Action.VISIT: ActionTraits(carrier=Carrier.PERSON, conversation=True),
        Action.TASK: ActionTraits(carrier=Carrier.PERSON),
        Action.NOTIFY: ActionTraits(carrier=Carrier.MESSAGE, needs=("template", "to")),
        Action.PARK: ActionTraits(
            carrier=Carrier.HOUSE, needs=("container",), moves_case_to=CaseState.PARKED
        ),
        Action.PLACE: ActionTraits(carrier=Carrier.HOUSE, needs=("service",), proposed=True),
        Action.BLOCK_ORDERS: ActionTraits(carrier=Carrier.HOUSE),
        Action.CLOSE: ActionTraits(carrier=Carrier.HOUSE, moves_case_to=CaseState.CLOSED),
    }
)
"""One row per action."""

BY_MESSAGE: Final = tuple(action for action in Action if action.by_message)
BY_PEOPLE: Final = tuple(action for action in Action if action.by_people)
TO_CLIENT: Final = tuple(action for action in Action if action.traits.to_client)
IN_HOUSE: Final = tuple(action for action in Action if action.in_house)
CONVERSATIONS: Final = tuple(action.value for action in Action if action.traits.conversation)
"""Also the name under which the contact policy and a step's medium know them."""
