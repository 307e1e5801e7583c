"""What services hold in place of a plugin: typed methods, guarded calls, contract errors only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from incasso.contract.capabilities import (
    Capability,
    ChannelCapability,
    ConnectorCapability,
    Limits,
    PluginKind,
    ProviderCapability,
)
from incasso.contract.channel import DeliveryUpdate, OutboundMessage, Prepared
from incasso.contract.connector import (
    ClientItem,
    ControlTotals,
    DocumentRef,
    Gone,
    InstallmentItem,
    InstallmentRecord,
    Known,
    PersonRecord,
    WriteBack,
)
from incasso.contract.errors import UnsupportedError
from incasso.contract.provider import Amendment, PlacementDossier, PlacementUpdate, Quote
from incasso.contract.values import (
    Attachment,
    CallbackRequest,
    CheckReport,
    Cursor,
    ExternalId,
    Page,
    Receipt,
)
from incasso.runtime.guard import Circumstances, Guard
from incasso.runtime.health import Health
from incasso.runtime.rules import RULES
from incasso.runtime.states import InstanceView, State, refusal


class Handle:
    """One configured instance, whatever its family and whatever its state."""

    def __init__(self, health: Health, guard: Guard | None, kind: PluginKind | None) -> None:
        """Without a guard (broken, disabled, retired) every call is refused politely."""
        self._health = health
        self._guard = guard
        self.kind = kind
        self.limits = kind.limits if kind else Limits()

    @property
    def id(self) -> str:
        """The name of its table in plugins.toml."""
        return self._health.view.id

    @property
    def view(self) -> InstanceView:
        """Its state now."""
        return self._health.view

    @property
    def ready(self) -> bool:
        """Whether a call would be tried."""
        return self.view.state is State.READY

    @property
    def media(self) -> tuple[str, ...]:
        """Channels: the media it carries, in the order of the file."""
        return self.view.media

    def serves(self, source: str) -> bool:
        """Whether it works for this source."""
        return not self.view.sources or source in self.view.sources

    def can(self, capability: Capability) -> bool:
        """Whether the plugin declares it as usable."""
        declared = self.kind.capabilities.get(capability) if self.kind else None
        return declared is not None and declared.support.usable

    def check(self, on: date) -> CheckReport:
        """Prove the settings. Its outcome decides the state; raises what the check raised."""
        if self._guard is None:
            raise refusal(self.view)
        return self._guard.check(on)

    def pause(self, since: datetime, reason: str) -> None:
        """Wait for a check, as an earlier process did; what is not ready stays as it is."""
        if self._guard is not None and self.ready:
            self._health.pause(since, reason)

    def count(self, calls: Iterable[datetime]) -> None:
        """Count an earlier process's calls, oldest first, against the limits."""
        if self._guard is not None:
            self._guard.rate.remember(calls)

    def close(self) -> None:
        """Release what the plugin holds; harmless twice."""
        if self._guard is not None:
            guard, self._guard = self._guard, None
            guard.close()

    def _call(
        self,
        hook: str,
        on: date,
        given: Mapping[str, Any],
        *,
        needs: Capability | None = None,
        key: str = "",
        attempt: int = 1,
        dry_run: bool = False,
    ) -> Any:
        guard = self._allowed(needs)
        return guard.call(
            RULES[hook],
            given,
            Circumstances(on=on, key=short_key(key), attempt=attempt, dry_run=dry_run),
        )

    def _stream(
        self, hook: str, on: date, given: Mapping[str, Any], needs: Capability | None = None
    ) -> Iterator[Page[Any]]:
        guard = self._allowed(needs)
        if not guard.implements(hook):
            return iter(())
        return guard.stream(RULES[hook], given, on)

    def _allowed(self, needs: Capability | None) -> Guard:
        if self._guard is None:
            raise refusal(self.view)
        if needs is not None and not self.can(needs):
            raise UnsupportedError(f"{self.id} does not offer {needs}")
        return self._guard


class ConnectorHandle(Handle):
    """An ERP: its name is the source."""

    def pull_clients(self, since: Cursor | None, on: date) -> Iterator[Page[ClientItem]]:
        """Clients changed after the cursor, page by page."""
        return self._stream("erp_pull_clients", on, {"since": since})

    def pull_installments(
        self, since: Cursor | None, known: Known, on: date
    ) -> Iterator[Page[InstallmentItem]]:
        """Installments changed after the cursor, page by page."""
        return self._stream("erp_pull_installments", on, {"since": since, "known": known})

    def pull_agents(self, on: date) -> Iterator[Page[PersonRecord]]:
        """All sales agents. [PEOPLE]"""
        return self._stream("erp_pull_agents", on, {}, ConnectorCapability.PEOPLE)

    def pull_depots(self, on: date) -> Iterator[Page[PersonRecord]]:
        """All depots. [PEOPLE]"""
        return self._stream("erp_pull_depots", on, {}, ConnectorCapability.PEOPLE)

    def totals(self, on: date) -> ControlTotals:
        """The ERP's own control totals. [TOTALS]"""
        totals: ControlTotals = self._call("erp_totals", on, {}, needs=ConnectorCapability.TOTALS)
        return totals

    def refresh(
        self, ids: tuple[ExternalId, ...], on: date
    ) -> tuple[InstallmentRecord | Gone, ...]:
        """Today's truth about at most 200 installments. [REFRESH]"""
        records: tuple[InstallmentRecord | Gone, ...] = self._call(
            "erp_refresh_installments",
            on,
            {"external_ids": ids},
            needs=ConnectorCapability.REFRESH,
        )
        return records

    def fetch_document(self, ref: DocumentRef, on: date) -> Attachment:
        """The invoice as a file. [DOCUMENTS]"""
        document: Attachment = self._call(
            "erp_fetch_document", on, {"document": ref}, needs=ConnectorCapability.DOCUMENTS
        )
        return document

    def write_back(
        self, change: WriteBack, key: str, on: date, *, attempt: int = 1, dry_run: bool = False
    ) -> Receipt:
        """Leave a trace in the ERP; the same key twice leaves one. [WRITE_BACK]"""
        receipt: Receipt = self._call(
            "erp_write_back",
            on,
            {"change": change},
            needs=ConnectorCapability.WRITE_BACK,
            key=key,
            attempt=attempt,
            dry_run=dry_run,
        )
        return receipt


class ChannelHandle(Handle):
    """A way out for messages. Of `send`, only TemporaryError says that surely nothing left."""

    def prepare(self, message: OutboundMessage, on: date) -> Prepared:
        """The exact bytes that will leave. Raises RejectedError naming the field."""
        prepared: Prepared = self._call(
            "channel_prepare", on, {"message": message}, key=message.delivery
        )
        return prepared

    def send(
        self,
        message: OutboundMessage,
        prepared: Prepared,
        *,
        attempt: int,
        dry_run: bool,
        on: date,
    ) -> Receipt:
        """Hand over one message.

        OutcomeUnknownError and PluginCrashError: it may have left, never repeat it blindly.
        TemporaryError, RateLimitedError, AuthenticationError, ConfigurationError: nothing left.
        """
        receipt: Receipt = self._call(
            "channel_send",
            on,
            {"message": message, "prepared": prepared},
            key=message.delivery,
            attempt=attempt,
            dry_run=dry_run,
        )
        return receipt

    def find(self, delivery: str, on: date) -> Receipt | None:
        """Was it sent? None means certainly not. [FIND]"""
        receipt: Receipt | None = self._call(
            "channel_find",
            on,
            {"delivery": delivery},
            needs=ChannelCapability.FIND,
            key=delivery,
        )
        return receipt

    def poll(self, refs: tuple[ExternalId, ...], on: date) -> tuple[DeliveryUpdate, ...]:
        """What is known about at most 200 messages. [POLL]"""
        updates: tuple[DeliveryUpdate, ...] = self._call(
            "channel_poll", on, {"refs": refs}, needs=ChannelCapability.POLL
        )
        return updates

    def collect(self, since: Cursor | None, on: date) -> Iterator[Page[DeliveryUpdate]]:
        """Everything that came in after the cursor. [COLLECT]"""
        return self._stream("channel_collect", on, {"since": since}, ChannelCapability.COLLECT)

    def parse_callback(self, request: CallbackRequest, on: date) -> tuple[DeliveryUpdate, ...]:
        """News out of a web request. RejectedError if its signature is wrong. [CALLBACKS]"""
        updates: tuple[DeliveryUpdate, ...] = self._call(
            "channel_parse_callback",
            on,
            {"request": request},
            needs=ChannelCapability.CALLBACKS,
        )
        return updates


class ProviderHandle(Handle):
    """An outside agency or lawyer; errors of effects mean the same as for channels."""

    def quote(self, dossier: PlacementDossier, on: date) -> Quote:
        """A price before commitment. [QUOTE]"""
        quote: Quote = self._call(
            "provider_quote", on, {"dossier": dossier}, needs=ProviderCapability.QUOTE
        )
        return quote

    def submit(
        self, dossier: PlacementDossier, *, attempt: int, dry_run: bool, on: date
    ) -> Receipt:
        """Hand over one placement; its key is the placement's id."""
        receipt: Receipt = self._call(
            "provider_submit",
            on,
            {"dossier": dossier},
            key=dossier.placement,
            attempt=attempt,
            dry_run=dry_run,
        )
        return receipt

    def amend(
        self,
        placement: ExternalId,
        amendment: Amendment,
        key: str,
        on: date,
        *,
        attempt: int = 1,
        dry_run: bool = False,
    ) -> Receipt:
        """Tell a change. [AMEND]"""
        receipt: Receipt = self._call(
            "provider_amend",
            on,
            {"placement": placement, "amendment": amendment},
            needs=ProviderCapability.AMEND,
            key=key,
            attempt=attempt,
            dry_run=dry_run,
        )
        return receipt

    def recall(
        self,
        placement: ExternalId,
        reason: str,
        key: str,
        on: date,
        *,
        attempt: int = 1,
        dry_run: bool = False,
    ) -> Receipt:
        """Take a placement back; twice gives the same receipt. [RECALL]"""
        receipt: Receipt = self._call(
            "provider_recall",
            on,
            {"placement": placement, "reason": reason},
            needs=ProviderCapability.RECALL,
            key=key,
            attempt=attempt,
            dry_run=dry_run,
        )
        return receipt

    def pull_updates(self, since: Cursor | None, on: date) -> Iterator[Page[PlacementUpdate]]:
        """What happened to our placements after the cursor, oldest first."""
        return self._stream("provider_pull_updates", on, {"since": since})

    def find(self, idempotency_key: str, on: date) -> Receipt | None:
        """Is it there? None means certainly not. [FIND]"""
        receipt: Receipt | None = self._call(
            "provider_find",
            on,
            {"idempotency_key": short_key(idempotency_key)},
            needs=ProviderCapability.FIND,
            key=idempotency_key,
        )
        return receipt

    def parse_callback(self, request: CallbackRequest, on: date) -> tuple[PlacementUpdate, ...]:
        """News out of a web request. RejectedError if its signature is wrong. [CALLBACKS]"""
        updates: tuple[PlacementUpdate, ...] = self._call(
            "provider_parse_callback",
            on,
            {"request": request},
            needs=ProviderCapability.CALLBACKS,
        )
        return updates


def short_key(key: str) -> str:
    """A key as the contract promises it: ASCII, at most 64 characters, always the same."""
    if len(key) <= 64 and key.isascii():
        return key
    return sha256(key.encode()).hexdigest()
