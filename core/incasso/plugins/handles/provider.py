"""An outside agency or lawyer as services see it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from incasso.contract.capabilities import ProviderCapability
from incasso.contract.provider import Amendment, PlacementDossier, PlacementUpdate, Quote
from incasso.contract.values import CallbackRequest, Cursor, ExternalId, Page, Receipt
from incasso.plugins.handles.base import Handle, short_key


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
