"""Hooks of the plugin package itself: its kinds, events, objections and words for letters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal

from incasso.contract.capabilities import PluginKind
from incasso.contract.hooks import hook
from incasso.contract.media import Medium
from incasso.contract.values import CurrencyCode, ExternalId, Value


class HubEvent(Value, frozen=True, kw_only=True):
    """Something that happened and is committed, e.g. `delivery.accepted`."""

    id: str
    kind: str
    at: datetime
    source: str = ""
    subject: str = ""
    facts: Mapping[str, str] = {}


class PlannedStep(Value, frozen=True, kw_only=True):
    """A step that is about to leave, as a plugin may see it."""

    id: str
    source: str
    client: ExternalId
    iter: str
    stage: str
    medium: Medium | None
    due_on: date
    installments: tuple[ExternalId, ...]
    total: Decimal
    currency: CurrencyCode


class Objection(Value, frozen=True, kw_only=True):
    """A reason not to carry out a step; a blocking one holds it for a person."""

    reason: str
    blocks: bool = True


class GeneralSpec:
    """Module-level hooks of a plugin package."""

    @hook(deadline_s=0.05, local=True)
    def hub_kinds(self) -> Iterable[PluginKind]:
        """Declare kinds. Called once after loading; no I/O."""
        raise NotImplementedError

    @hook(deadline_s=2, provisional=True)
    def hub_event(self, event: HubEvent) -> None:
        """Called after commit, at least once; be idempotent on event.id. Errors are only logged."""
        raise NotImplementedError

    @hook(deadline_s=2, provisional=True)
    def hub_step_objections(self, step: PlannedStep) -> Iterable[Objection]:
        """Reasons not to carry out a step. All are shown; any blocking one holds the step."""
        raise NotImplementedError

    @hook(deadline_s=2, provisional=True)
    def hub_placeholders(self, step: PlannedStep) -> Mapping[str, str]:
        """Extra words for templates; keys begin with the plugin's name and an underscore."""
        raise NotImplementedError
