"""An outside agency or lawyer as services see it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from incasso.contract.context import CallbackAnswer, CallbackRequest
from incasso.contract.ledger import Unreadable
from incasso.contract.provider import (
    Amendment,
    PlacementDossier,
    PlacementUpdate,
    ProviderSpec,
    Quote,
)
from incasso.contract.values import Cursor, ExternalId, Page, Receipt
from incasso.plugins.handles.base import Handle, short_key, with_answer


class ProviderHandle(Handle):
    """An outside agency or lawyer; errors of effects mean the same as for channels."""

    def quote(self, dossier: PlacementDossier, on: date) -> Quote:
        """The price, before anything is committed."""
        return self._call(ProviderSpec.provider_quote, on, dossier=dossier)

    def submit(
        self, dossier: PlacementDossier, *, attempt: int, dry_run: bool, on: date
    ) -> Receipt:
        """Hand over one placement; its key is the placement's id."""
        return self._call(
            ProviderSpec.provider_submit,
            on,
            key=dossier.placement,
            attempt=attempt,
            dry_run=dry_run,
            dossier=dossier,
        )

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
        """Reports a change to the provider."""
        return self._call(
            ProviderSpec.provider_amend,
            on,
            key=key,
            attempt=attempt,
            dry_run=dry_run,
            placement=placement,
            amendment=amendment,
        )

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
        """Take a placement back; twice gives the same receipt."""
        return self._call(
            ProviderSpec.provider_recall,
            on,
            key=key,
            attempt=attempt,
            dry_run=dry_run,
            placement=placement,
            reason=reason,
        )

    def pull_updates(
        self, since: Cursor | None, on: date
    ) -> Iterator[Page[PlacementUpdate | Unreadable]]:
        """What happened after the cursor, oldest first; wrong records are Unreadable."""
        return self._stream(ProviderSpec.provider_pull_updates, on, since=since)

    def find(self, idempotency_key: str, on: date) -> Receipt | None:
        """The receipt of a placement; None means that it certainly is not there."""
        key = short_key(idempotency_key)
        return self._call(ProviderSpec.provider_find, on, key=key, idempotency_key=key)

    def parse_callback(
        self, request: CallbackRequest, on: date
    ) -> CallbackAnswer[PlacementUpdate | Unreadable]:
        """Updates in a web request. Raises RejectedError if its signature is wrong."""
        return with_answer(self._call(ProviderSpec.provider_parse_callback, on, request=request))
