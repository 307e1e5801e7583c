"""The provider "rest": lots to an agency's own REST service, and what happened back from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, BinaryIO
from urllib.parse import urlsplit

from incasso.api import (
    Batch,
    Between,
    CallContext,
    CheckReport,
    ConfigurationError,
    Cursor,
    LotSheet,
    Page,
    PlacementDossier,
    RejectedError,
    Secret,
    Submitted,
    UpdateItem,
    Written,
    hookimpl,
    setting,
    text,
    wrong_key,
)
from incasso_webservice import mapping, news, writing
from incasso_webservice.placing import Placing
from incasso_webservice.service import Service, found_text, read


@dataclass(frozen=True, kw_only=True)
class RestSettings:
    """Where the service is, and how it is spoken to."""

    base_url: str = setting(help="Address of the service, e.g. https://api.alfa.example/v2")
    mapping: Path = setting(help="A file that says how the service is spoken to")
    secret: Secret = setting(help="The API key, password or client secret")
    user: str = setting(help="User of a password, or client id", default="")
    timeout_s: Annotated[int, Between(1, 40)] = setting(
        help="Longest wait for one answer", unit="seconds", default=30
    )

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
            told = text("{url!r} is no plain web address", url=self.base_url.partition("?")[0])
            cure = text("write https://, the host and the path, no more")
            raise ConfigurationError((wrong_key("base_url", told, cure),))


class RestProvider:
    """One agency's service."""

    def __init__(self, settings: RestSettings) -> None:
        self._mapping = mapping.load(settings.mapping)
        self._url = settings.base_url
        self._service = Service(
            settings.base_url,
            self._mapping.access,
            settings.user,
            settings.secret,
            settings.timeout_s,
        )
        self._placing = Placing(self._service, self._mapping)

    @hookimpl
    def instance_check(self, ctx: CallContext) -> CheckReport:
        """Ask for our account."""
        check = self._mapping.check
        account = found_text(read(self._service.get(ctx, check.path)), check.identity)
        if not account:
            told = text("the service's answer has no “{place}”", place=check.identity)
            raise RejectedError(told, code="mapping")
        return CheckReport(
            remote_identity=f"{account}@{self._url}", facts={text("server"): self._url}
        )

    @hookimpl
    def provider_prepare_lot(
        self, batch: Batch, lot: LotSheet, dossiers: Iterator[PlacementDossier], sink: BinaryIO
    ) -> Written:
        """The requests, one a line."""
        return writing.write_lot(self._mapping.place, batch, lot, dossiers, sink)

    @hookimpl
    def provider_submit(self, batch: Batch, source: BinaryIO, ctx: CallContext) -> Submitted:
        """Request by request; a break costs none of them twice."""
        if ctx.dry_run:
            nothing = text("dry run: the requests are written, nothing left")
            return Submitted(ref=batch.id, at=ctx.now(), note=nothing)
        return self._placing.submit(batch, source, ctx)

    @hookimpl
    def provider_find(self, batch: Batch, ctx: CallContext) -> Submitted | None:
        """By what is remembered; the service is asked where an answer was lost."""
        return self._placing.find(batch, ctx)

    @hookimpl
    def provider_pull_updates(
        self, since: Cursor | None, ctx: CallContext
    ) -> Iterator[Page[UpdateItem]]:
        """Everything after the cursor."""
        return news.pull(self._service, self._mapping.updates, since, ctx)
