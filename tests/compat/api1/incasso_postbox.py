"""A channel written against api 1. Nobody edits it: it must work until api 3."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from incasso.api import (
    FULL,
    IMPOSSIBLE,
    CallbackRequest,
    CallContext,
    ChannelCapability,
    CheckReport,
    Cursor,
    DeliveryState,
    DeliveryUpdate,
    Family,
    Limits,
    Money,
    OutboundMessage,
    OutcomeUnknownError,
    Page,
    PluginKind,
    Prepared,
    Problem,
    Receipt,
    RejectedError,
    Secret,
    hookimpl,
    setting,
)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Where the postbox is."""

    base_url: str = setting(help="Web address of the postbox")
    token: Secret = setting(help="Its access token")


class Postbox:
    """Hands messages to a web service that recognises a repeated key."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @hookimpl
    def instance_check(self, ctx: CallContext) -> CheckReport:
        """The account behind the token."""
        return CheckReport(remote_identity=str(self._ask(ctx, "GET", "/account")["id"]))

    @hookimpl
    def channel_prepare(self, message: OutboundMessage) -> Prepared:
        """The request as it leaves."""
        if not message.to.address.startswith("+"):
            raise _wrong("to.address", "a number begins with +", bad_address=True)
        if len(message.text) > 160:
            raise _wrong("text", "at most 160 characters")
        body = {"key": message.delivery, "to": message.to.address, "text": message.text}
        return Prepared(
            content=msgspec.json.encode(body),
            media_type="application/json",
            filename=f"{message.delivery}.json",
            cost=Money(amount=Decimal("0.05")),
        )

    @hookimpl
    def channel_send(self, prepared: Prepared, ctx: CallContext) -> Receipt:
        """One request."""
        if ctx.dry_run:
            return Receipt(ref="dry-run", at=ctx.now())
        told = self._ask(ctx, "POST", "/messages", prepared.content)
        return Receipt(ref=told["id"], at=ctx.now())

    @hookimpl
    def channel_find(self, delivery: str, ctx: CallContext) -> Receipt | None:
        """Ask by key."""
        rows = self._ask(ctx, "GET", "/messages")["rows"]
        ids = [row["id"] for row in rows if row["key"] == delivery]
        return Receipt(ref=ids[0], at=ctx.now()) if ids else None

    @hookimpl
    def channel_poll(self, refs: tuple[str, ...], ctx: CallContext) -> tuple[DeliveryUpdate, ...]:
        """Ask for these."""
        return tuple(each for each in self._news(ctx) if each.ref in refs)

    @hookimpl
    def channel_collect(
        self, since: Cursor | None, ctx: CallContext
    ) -> Iterator[Page[DeliveryUpdate]]:
        """Ask for all."""
        start = int(since or 0)
        items = self._news(ctx)[start:]
        yield Page(items=items, cursor=str(start + len(items)))

    @hookimpl
    def channel_parse_callback(self, request: CallbackRequest) -> tuple[DeliveryUpdate, ...]:
        """The body is signed with the token."""
        key = self._settings.token.reveal().encode()
        signature = hmac.new(key, request.body, "sha256").hexdigest()
        if not hmac.compare_digest(signature, request.headers.get("x-signature", "")):
            raise RejectedError("the signature is wrong")
        return tuple(_update(row) for row in msgspec.json.decode(request.body))

    def _news(self, ctx: CallContext) -> tuple[DeliveryUpdate, ...]:
        return tuple(_update(row) for row in self._ask(ctx, "GET", "/news")["rows"])

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


def _update(row: dict[str, Any]) -> DeliveryUpdate:
    return DeliveryUpdate(
        ref=row["id"],
        update_id=f"{row['id']}-{row['state']}",
        state=DeliveryState(row["state"]),
        at=datetime.fromisoformat(row["at"]),
    )


def _wrong(field: str, message: str, *, bad_address: bool = False) -> RejectedError:
    problem = Problem(code="message", field=field, message=message)
    return RejectedError(message, problems=(problem,), bad_address=bad_address)


@hookimpl
def hub_kinds() -> tuple[PluginKind, ...]:
    """One kind."""
    usable = (
        ChannelCapability.IDEMPOTENT,
        ChannelCapability.FIND,
        ChannelCapability.POLL,
        ChannelCapability.COLLECT,
        ChannelCapability.CALLBACKS,
        ChannelCapability.COST,
    )
    return (
        PluginKind(
            family=Family.CHANNEL,
            name="postbox",
            summary="Sends texts over the web.",
            factory=Postbox,
            settings=Settings,
            capabilities={
                each: FULL if each in usable else IMPOSSIBLE for each in ChannelCapability
            },
            limits=Limits(max_parallel=2, max_body_chars=160),
            media=("sms",),
            api=1,
        ),
    )
