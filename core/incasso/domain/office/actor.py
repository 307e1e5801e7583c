"""Actors: a person with a role and a scope, an integration, a plugin instance or the clock."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec


class Role(StrEnum):
    """The role of a person of the office or of a partner."""

    ADMINISTRATOR = "administrator"
    CREDIT_MANAGER = "credit_manager"
    OPERATOR = "operator"
    DEPOT = "depot"
    AGENT = "agent"
    LEGAL_OFFICE = "legal_office"
    LAWYER = "lawyer"
    PROVIDER = "provider"
    SALES = "sales"


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """Which clients somebody may see and act on.

    None does not restrict; an empty set leaves nothing. All given restrictions apply together: the
    agent of a client counts only within the sources named.
    """

    sources: frozenset[str] | None = None
    """Names of sources."""
    agents: frozenset[str] | None = None
    """Codes of agents, as the client has them."""
    depots: frozenset[str] | None = None
    """Codes of depots, as the client has them."""
    operator: str | None = None
    """Only clients whose operator has this login."""
    providers: frozenset[str] | None = None
    """Keys of providers. Somebody of theirs sees the lots handed to them, and nothing else."""

    @staticmethod
    def everything() -> Scope:
        """All clients of all sources."""
        return Scope()

    @property
    def is_everything(self) -> bool:
        """Whether it restricts nothing."""
        return self == Scope()


class ActorKind(StrEnum):
    """What kind of actor it is."""

    PERSON = "person"
    INTEGRATION = "integration"
    """A program with a token."""
    PLUGIN = "plugin"
    CLOCK = "clock"
    """The schedule: cron, or the hub's own worker."""


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """The caller of a use case."""

    kind: ActorKind
    name: str
    """The login, the token's name, the plugin instance, or `clock`."""
    role: Role | None = None
    """Only people have one."""
    scope: Scope = Scope()

    def trace(self, service: str) -> str:
        """The name for journal and history; for the clock, the name of the service."""
        return service if self.kind is ActorKind.CLOCK else self.name


CLOCK: Final = Actor(kind=ActorKind.CLOCK, name="clock")


def person(login: str, role: Role, scope: Scope | None = None) -> Actor:
    """An actor of the office; without a scope nothing is hidden from them."""
    return Actor(kind=ActorKind.PERSON, name=login, role=role, scope=scope or Scope.everything())
