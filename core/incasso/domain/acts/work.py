"""Permissions for work that is no act on a client: run the day, change rules, manage people."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from incasso.domain.acts.permission import IN_THE_OFFICE, LEGAL, MANAGERS
from incasso.domain.office.actor import Role


class Work(StrEnum):
    """A use case beside the acts."""

    SYNC = "sync"
    CONFIRM = "confirm"
    """Accept a read that the guard stopped."""
    COLLECT = "collect"
    PLAN = "plan"
    DISPATCH = "dispatch"
    RUN = "run"
    """A whole cycle."""
    RECOVER = "recover"
    """Account for what left, after a copy of the database was put back."""
    ITERS = "iters"
    TEXTS = "texts"
    ASSIGNMENT = "assignment"
    USERS = "users"
    TOKENS = "tokens"
    POST = "post"
    """Type the numbers of registered letters back."""
    PROVIDERS = "providers"
    """Publish agencies, lawyers and their price lists."""
    LOTS = "lots"
    """Compose, freeze and hand over lots; recall, extend, close and drop them."""
    LOT_APPROVAL = "lot_approval"
    EXCHANGE = "exchange"
    """Take in what providers send, and tell them what could not be taken."""
    OUTCOMES = "outcomes"
    """Change what becomes of credits that come back from a provider."""
    PLUGINS = "plugins"
    """Forget what is kept of an instance."""
    DOSSIER = "dossier"
    """Make the file of a client for a lawyer."""


_ADMINISTRATORS: Final = frozenset({Role.ADMINISTRATOR})

WHO_MAY: Final[Mapping[Work, frozenset[Role]]] = {
    Work.SYNC: IN_THE_OFFICE,
    Work.CONFIRM: MANAGERS,
    Work.COLLECT: IN_THE_OFFICE,
    Work.PLAN: IN_THE_OFFICE,
    Work.DISPATCH: IN_THE_OFFICE,
    Work.RUN: IN_THE_OFFICE,
    Work.RECOVER: MANAGERS,
    Work.ITERS: MANAGERS,
    Work.TEXTS: MANAGERS,
    Work.ASSIGNMENT: MANAGERS,
    Work.USERS: _ADMINISTRATORS,
    Work.TOKENS: _ADMINISTRATORS,
    Work.POST: IN_THE_OFFICE,
    Work.PROVIDERS: MANAGERS,
    Work.LOTS: LEGAL,
    Work.LOT_APPROVAL: MANAGERS,
    Work.EXCHANGE: IN_THE_OFFICE,
    Work.OUTCOMES: MANAGERS,
    Work.PLUGINS: _ADMINISTRATORS,
    Work.DOSSIER: IN_THE_OFFICE | {Role.LAWYER},
}
