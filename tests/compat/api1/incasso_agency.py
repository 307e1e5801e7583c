"""A provider written against api 1. Nobody edits it: it must work until api 3."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, BinaryIO

import msgspec

from incasso.api import (
    FULL,
    IMPOSSIBLE,
    Batch,
    CallbackRequest,
    CallContext,
    CheckReport,
    Cursor,
    Family,
    LotSheet,
    Money,
    Notice,
    OutcomeUnknownError,
    Page,
    PlacementDossier,
    PlacementRef,
    PlacementUpdate,
    PluginKind,
    ProviderCapability,
    Quote,
    RejectedError,
    Secret,
    Submitted,
    UpdateKind,
    Written,
    hookimpl,
    setting,
)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Where the agency is."""

    base_url: str = setting(help="Web address of the agency")
    token: Secret = setting(help="Its access token")


class Agency:
    """Hands lots to a web service that recognises a repeated key."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @hookimpl
    def instance_check(self, ctx: CallContext) -> CheckReport:
        """The account behind the token."""
        return CheckReport(remote_identity=str(self._ask(ctx, "GET", "/account")["id"]))

    @hookimpl
    def provider_quote(self, dossier: PlacementDossier, ctx: CallContext) -> Quote:
        """A fixed price."""
        return Quote(
            fixed=Money(amount=Decimal("20.00"), currency=dossier.total.currency),
            rate=Decimal("0.08"),
            valid_until=ctx.on + timedelta(days=15),
        )

    @hookimpl
    def provider_prepare_lot(
        self, batch: Batch, lot: LotSheet, dossiers: Iterator[PlacementDossier], sink: BinaryIO
    ) -> Written:
        """One request for the whole lot."""
        given = list(dossiers)
        names = [[each.placement, each.debtor.name] for each in given]
        sink.write(msgspec.json.encode({"key": batch.id, "rows": names}))
        return Written(
            filename=f"{batch.sequence}.json",
            media_type="application/json",
            items=len(given),
            rows=sum(len(each.credits) for each in given),
            sums=(Money(amount=sum((each.total.amount for each in given), Decimal(0))),),
        )

    @hookimpl
    def provider_prepare_notices(
        self, batch: Batch, notices: tuple[Notice, ...], sink: BinaryIO
    ) -> Written:
        """One request for all."""
        said = [[each.kind, each.placement.ours] for each in notices]
        sink.write(msgspec.json.encode({"key": batch.id, "said": said}))
        return Written(
            filename=f"{batch.sequence}.json", media_type="application/json", items=len(notices)
        )

    @hookimpl
    def provider_submit(self, batch: Batch, source: BinaryIO, ctx: CallContext) -> Submitted:
        """One request per key."""
        if ctx.dry_run:
            return Submitted(ref="dry-run", at=ctx.now())
        told = self._ask(ctx, "POST", "/cases", source.read())
        return Submitted(ref=told["id"], at=ctx.now())

    @hookimpl
    def provider_pull_updates(
        self, since: Cursor | None, ctx: CallContext
    ) -> Iterator[Page[PlacementUpdate]]:
        """What is new."""
        start = int(since or 0)
        rows = self._ask(ctx, "GET", "/news")["rows"][start:]
        yield Page(items=tuple(map(_update, rows)), cursor=str(start + len(rows)))

    @hookimpl
    def provider_find(self, batch: Batch, ctx: CallContext) -> Submitted | None:
        """Ask by key."""
        rows = self._ask(ctx, "GET", "/cases")["rows"]
        ids = [row["id"] for row in rows if row["key"] == batch.id]
        return Submitted(ref=ids[0], at=ctx.now()) if ids else None

    @hookimpl
    def provider_parse_callback(self, request: CallbackRequest) -> tuple[PlacementUpdate, ...]:
        """The body is signed with the token."""
        key = self._settings.token.reveal().encode()
        signature = hmac.new(key, request.body, "sha256").hexdigest()
        if not hmac.compare_digest(signature, request.headers.get("x-signature", "")):
            raise RejectedError("the signature is wrong")
        return tuple(map(_update, msgspec.json.decode(request.body)))

    def _ask(
        self, ctx: CallContext, method: str, path: str, content: bytes | None = None
    ) -> dict[str, Any]:
        effect = method == "POST"
        answer = ctx.http.request(
            method,
            self._settings.base_url + path,
            effect=effect,
            headers={"authorization": self._settings.token.reveal()},
            content=content,
        )
        try:
            value = answer.json()
        except ValueError:
            value = None
        if isinstance(value, dict):
            return value
        raise OutcomeUnknownError("no JSON") if effect else RejectedError("no JSON")


def _update(row: dict[str, Any]) -> PlacementUpdate:
    return PlacementUpdate(
        placement=PlacementRef(ours=row["case"]),
        update_id=row["id"],
        at=datetime.fromisoformat(row["at"]),
        kind=UpdateKind(row["what"]),
    )


@hookimpl
def hub_kinds() -> tuple[PluginKind, ...]:
    """One kind."""
    return (
        PluginKind(
            family=Family.PROVIDER,
            name="agency",
            summary="Hands credits to an agency over the web.",
            factory=Agency,
            settings=Settings,
            capabilities={
                each: IMPOSSIBLE
                if each in (ProviderCapability.FILES, ProviderCapability.REFUSALS)
                else FULL
                for each in ProviderCapability
            },
            api=1,
        ),
    )
