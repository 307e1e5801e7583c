"""What people do to clients, installments, cases, steps and deliveries.

`perform(office, actor, act, on)` is the one way in; each area has the functions that carry its acts
out, found by the type of the act.
"""

from incasso.services.acts import (
    agreements,
    assignment,
    charges,
    client_contacts,
    consents,
    contacts,
    deliveries,
    editing,
    extensions,
    orders,
    release,
    replies,
    stages,
    steps,
    undoing,
)
from incasso.services.acts.doing import ActError, Doing, carry_out
from incasso.services.acts.perform import Outcome, perform

__all__ = [
    "ActError",
    "Doing",
    "Outcome",
    "agreements",
    "assignment",
    "carry_out",
    "charges",
    "client_contacts",
    "consents",
    "contacts",
    "deliveries",
    "editing",
    "extensions",
    "orders",
    "perform",
    "release",
    "replies",
    "stages",
    "steps",
    "undoing",
]
