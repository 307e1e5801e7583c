"""The channel "interfax": a fax is one request with its pages; the service dials and retries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Final
from urllib.parse import urlsplit

import msgspec

from incasso.api import (
    Attachment,
    CallContext,
    CheckReport,
    DeliveryState,
    DeliveryUpdate,
    ExternalId,
    HttpResponse,
    OutboundMessage,
    OutcomeUnknownError,
    Prepared,
    Receipt,
    RejectedError,
    TemporaryError,
    hookimpl,
    text,
)
from incasso_fax.interfax.record import FaxRecord
from incasso_fax.interfax.settings import InterfaxSettings
from incasso_fax.pages import fax_number, prepared

_BALANCE: Final = "/accounts/self/ppcards/balance"
_SEARCH: Final = "/outbound/search"


class InterfaxChannel:
    """One account."""

    def __init__(self, settings: InterfaxSettings) -> None:
        self._settings = settings
        self._base = settings.address.rstrip("/")

    @hookimpl
    def instance_check(self, ctx: CallContext) -> CheckReport:
        """Ask for the credit that is left: it needs the login and changes nothing."""
        return CheckReport(
            remote_identity=f"{self._settings.user}@{urlsplit(self._base).hostname}",
            facts={text("credit left"): str(self._credit(ctx))},
        )

    @hookimpl
    def channel_prepare(self, message: OutboundMessage, ctx: CallContext) -> Prepared:
        """The pages that leave. The service gives its number only when it has them."""
        return prepared(message, most_pages=self._settings.most_pages, ref="")

    @hookimpl
    def channel_send(
        self, message: OutboundMessage, prepared: Prepared, ctx: CallContext
    ) -> Receipt:
        """Hand the pages over; in a dry run only the login is tried."""
        number = fax_number(message.to)
        if ctx.dry_run:
            self._credit(ctx)
            nothing = text("dry run: login accepted, nothing sent")
            return Receipt(ref=message.delivery, at=ctx.now(), note=nothing)
        answer = ctx.http.request(
            "POST",
            f"{self._base}/outbound/faxes",
            effect=True,
            params=self._asked(number, message),
            headers={"content-type": prepared.media_type},
            content=prepared.content,
            auth=(self._settings.user, self._settings.password),
        )
        place = answer.headers.get("location", "").rstrip("/").rpartition("/")[2]
        if not place.isdigit():
            raise OutcomeUnknownError(text("InterFAX took the fax and gave no number for it"))
        return Receipt(ref=place, at=ctx.now(), note=text("InterFAX has fax {ref}", ref=place))

    @hookimpl
    def channel_find(self, delivery: str, ctx: CallContext) -> Receipt | None:
        """Search by our reference. Never says "certainly not": a request may still be under way."""
        found = [
            each
            for each in self._search({"reference": delivery}, ctx)
            if each.reference in ("", delivery)
        ]
        if not found:
            raise OutcomeUnknownError(text("InterFAX lists no such fax, which proves nothing"))
        first = min(found, key=lambda each: each.id)
        return Receipt(ref=first.ref, at=first.began_at(ctx.now()), note=text("found by reference"))

    @hookimpl
    def channel_poll(
        self, refs: tuple[ExternalId, ...], ctx: CallContext
    ) -> tuple[DeliveryUpdate, ...]:
        """What became of these faxes, in one request, and the record of each that is done."""
        known = [ref for ref in refs if ref.isdigit()]
        if not known:
            return ()
        records = self._search({"ids": ",".join(known), "limit": str(len(known))}, ctx)
        return tuple(
            update for each in records if each.ref in known for update in self._news(each, ctx)
        )

    def _news(self, record: FaxRecord, ctx: CallContext) -> Iterator[DeliveryUpdate]:
        """One piece of news, and of a fax that arrived another with its pages."""
        if record.state is None:
            return
        done = record.state is not DeliveryState.DELAYED
        news = DeliveryUpdate(
            ref=record.ref,
            update_id=f"{record.ref}:{record.status}",
            state=record.state,
            at=record.ended_at(ctx.now()),
            permanent=done,
            note=record.note,
            evidence=self._record(record, ctx) if done else None,
            cost=record.cost(self._settings.currency),
        )
        yield news
        arrived = record.state is DeliveryState.DELIVERED and self._settings.keep_pages
        if arrived and (pages := self._image(record, ctx)) is not None:
            yield msgspec.structs.replace(news, update_id=f"{news.update_id}:pages", evidence=pages)

    def _record(self, record: FaxRecord, ctx: CallContext) -> Attachment:
        """The service's own words about the fax, byte for byte."""
        answer = self._get(f"/outbound/faxes/{record.id}", ctx)
        return Attachment(
            filename=f"interfax-{record.id}.json",
            media_type="application/json",
            content=answer.content,
        )

    def _image(self, record: FaxRecord, ctx: CallContext) -> Attachment | None:
        """The pages as they were sent; an account may be set up not to keep them."""
        try:
            answer = self._get(f"/outbound/faxes/{record.id}/image", ctx)
        except RejectedError:
            return None
        return Attachment(
            filename=f"interfax-{record.id}.tif", media_type="image/tiff", content=answer.content
        )

    def _asked(self, number: str, message: OutboundMessage) -> Mapping[str, str]:
        return {
            "faxNumber": number,
            "reference": message.delivery,
            "contact": message.to.name[:60],
            "pageSize": "a4",
            "retriesToPerform": str(self._settings.retries),
        }

    def _credit(self, ctx: CallContext) -> Decimal:
        """What the account may still spend, in its currency."""
        said = self._get(_BALANCE, ctx).content.decode("ascii", "replace").strip().strip('"')
        try:
            return Decimal(said)
        except InvalidOperation as error:
            what = text("InterFAX answered something else than the credit that is left")
            raise TemporaryError(what) from error

    def _search(self, wanted: Mapping[str, str], ctx: CallContext) -> list[FaxRecord]:
        answer = self._get(_SEARCH, ctx, wanted)
        try:
            return msgspec.json.decode(answer.content, type=list[FaxRecord], strict=False)
        except msgspec.DecodeError as error:
            raise TemporaryError(
                text("InterFAX answered something else than a list of faxes")
            ) from error

    def _get(
        self, path: str, ctx: CallContext, params: Mapping[str, str] | None = None
    ) -> HttpResponse:
        return ctx.http.request(
            "GET",
            self._base + path,
            params=params,
            auth=(self._settings.user, self._settings.password),
        )
