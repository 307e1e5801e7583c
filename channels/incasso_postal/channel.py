"""The channel "postal": a draft at the service, its price, and the one confirmation that costs."""

from __future__ import annotations

import hmac
from datetime import timedelta
from typing import Any, Final

import msgspec

from incasso.api import (
    CallbackRequest,
    CallContext,
    CheckReport,
    DeliveryState,
    DeliveryUpdate,
    ExternalId,
    Money,
    Origin,
    OutboundMessage,
    OutcomeUnknownError,
    PluginError,
    Prepared,
    Problem,
    Receipt,
    RejectedError,
    TemporaryError,
    hookimpl,
    text,
)
from incasso_postal.answers import CURRENCY, Posted
from incasso_postal.callbacks import announced
from incasso_postal.following import Following
from incasso_postal.memory import Memory, Remembered
from incasso_postal.papers import wanted_of
from incasso_postal.products import Product
from incasso_postal.request import HEADER, body, digest_of, prepared
from incasso_postal.service import AlreadyConfirmedError, Service
from incasso_postal.settings import PostalSettings

UNSURE: Final = timedelta(minutes=10)
"""So long after its confirmation was asked for a draft may still be confirmed on the way."""


class PostalChannel:
    """One account at the postal service."""

    def __init__(self, settings: PostalSettings) -> None:
        self._settings = settings
        self._service = Service(settings)

    @hookimpl
    def instance_check(self, ctx: CallContext) -> CheckReport:
        """Log in and read the lists that a search would need; nothing is made."""
        for product in dict.fromkeys(self._settings.products):
            ctx.step(product.value)
            self._service.check(product, ctx)
        sender = self._settings.sender
        facts: dict[str, str] = {
            text("sender"): ", ".join(
                (sender.ragione_sociale, self._settings.sender_address, sender.comune)
            ),
            text("letters"): self._settings.letter_product.value,
        }
        if self._settings.sandbox:
            facts[text("trial")] = text("nothing is printed and nothing is paid")
        who = self._settings.user or self._settings.sender_email
        return CheckReport(remote_identity=f"{who}@{self._settings.host}", facts=facts)

    @hookimpl
    def channel_prepare(self, message: OutboundMessage, ctx: CallContext) -> Prepared:
        """Check address and pages; the bytes are the pages themselves."""
        return prepared(message, self._settings)

    @hookimpl
    def channel_send(
        self, message: OutboundMessage, prepared: Prepared, ctx: CallContext
    ) -> Receipt:
        """Draft, price, confirmation. A draft of ours that is already there is confirmed instead
        of a second one, and a letter that was confirmed before gives its receipt."""
        product = self._settings.product(message.medium)
        request = body(message, prepared.content, product, self._settings)
        memory = Memory(ctx)
        draft = self._earlier(message.delivery, digest_of(request), memory, ctx)
        if draft is not None and draft[1].confirmed:
            return self._receipt(*draft, ctx)
        ref, posted = draft or self._drafted(message.delivery, product, request, memory, ctx)
        self._affordable(posted)
        if ctx.dry_run:
            return Receipt(ref=ref, at=ctx.now(), cost=_cost(posted), note=text("dry run: a draft"))
        letter = Remembered(ref=ref, digest=digest_of(request), began=ctx.now().isoformat())
        memory.keep(message.delivery, letter)
        receipt = self._confirmed(ref, posted, ctx)
        self._want_papers(message.delivery, letter, product, memory)
        return receipt

    @hookimpl
    def channel_find(self, delivery: str, ctx: CallContext) -> Receipt | None:
        """Whether the letter was confirmed. A draft is certainly not sent, and is used again."""
        known = Memory(ctx).of(delivery)
        if known is not None:
            posted = self._service.read(known.ref, ctx)
            if posted is not None:
                return self._receipt(known.ref, posted, ctx) if posted.confirmed else None
        for ref, posted in self._service.marked(self._settings.products, delivery, ctx):
            if posted.confirmed:
                return self._receipt(ref, posted, ctx)
        return None

    @hookimpl
    def channel_poll(
        self, refs: tuple[ExternalId, ...], ctx: CallContext
    ) -> tuple[DeliveryUpdate, ...]:
        """Numbers, tracking and papers."""
        return Following(self._service, ctx).news(refs)

    @hookimpl
    def channel_parse_callback(
        self, request: CallbackRequest, ctx: CallContext
    ) -> tuple[DeliveryUpdate, ...]:
        """The service signs nothing: its secret is checked, and what it says is only noted. The
        next collection asks the service itself."""
        expected = self._settings.callback_secret.reveal().encode()
        given = request.headers.get(HEADER, "").encode("utf-8", "replace")
        if not expected or not hmac.compare_digest(expected, given):
            wrong = Problem(
                code="secret", field=HEADER, message=text("the secret is wrong or missing")
            )
            raise RejectedError(wrong.message, code="secret", problems=(wrong,))
        return tuple(
            DeliveryUpdate(
                ref=each.mark,
                update_id=f"callback:{each.digest}",
                state=DeliveryState.SENT,
                at=request.received_at,
                note=text("the service announces news: the next collection asks for it"),
                origin=Origin(),
            )
            for each in announced(request.body)
        )

    def _earlier(
        self, delivery: str, digest: str, memory: Memory, ctx: CallContext
    ) -> tuple[str, Posted] | None:
        """What is left of an attempt before: the letter itself, or its draft."""
        known = memory.of(delivery)
        posted = self._service.read(known.ref, ctx) if known is not None else None
        if known is None or posted is None:
            return self._marked(delivery, ctx) if ctx.attempt > 1 else None
        if posted.confirmed or known.digest == digest:
            return known.ref, posted
        if known.began_at is not None and ctx.now() - known.began_at < UNSURE:
            words = text("an earlier draft with other pages may be confirmed yet")
            raise TemporaryError(words, retry_after=UNSURE)
        return None

    def _marked(self, delivery: str, ctx: CallContext) -> tuple[str, Posted] | None:
        """A letter that we forgot, e.g. with a restored database. Drafts without a memory are
        left alone: their pages may be other ones."""
        found = self._service.marked(self._settings.products, delivery, ctx)
        return next(((ref, posted) for ref, posted in found if posted.confirmed), None)

    def _drafted(
        self,
        delivery: str,
        product: Product,
        request: dict[str, Any],
        memory: Memory,
        ctx: CallContext,
    ) -> tuple[str, Posted]:
        posted = self._service.create(product, request, ctx)
        ref = product.ref(posted.number)
        memory.keep(delivery, Remembered(ref=ref, digest=digest_of(request)))
        return ref, posted

    def _affordable(self, posted: Posted) -> None:
        """A tariff that rose is above the limit for every letter: they wait until somebody has
        raised it, and none is lost."""
        most = self._settings.max_price
        if most is None or (posted.price is not None and posted.price <= most):
            return
        if posted.price is None:
            raise TemporaryError(
                text(
                    "the service does not tell the price, and max_price allows {most} EUR: take "
                    "max_price out of plugins.toml to send it nevertheless",
                    most=most,
                )
            )
        raise TemporaryError(
            text(
                "it costs {price} EUR and max_price allows {most}: raise max_price in "
                "plugins.toml, or let it go another way",
                price=posted.price,
                most=most,
            )
        )

    def _confirmed(self, ref: str, posted: Posted, ctx: CallContext) -> Receipt:
        try:
            done = self._service.confirm(ref, ctx)
        except AlreadyConfirmedError:
            found = self._service.read(ref, ctx)
            if found is None or not found.confirmed:
                raise RejectedError(
                    text("the service does not let the draft {ref} be confirmed", ref=ref)
                ) from None
            done = found
        if not done.confirmed:
            raise OutcomeUnknownError(text("the service does not say that it confirmed"), ref=ref)
        priced = done if done.price is not None else posted
        return self._receipt(ref, priced, ctx)

    def _want_papers(
        self, delivery: str, letter: Remembered, product: Product, memory: Memory
    ) -> None:
        """The letter has left: whatever happens here may not say otherwise."""
        wanted = msgspec.structs.replace(letter, papers=wanted_of(product))
        try:
            memory.keep(delivery, wanted)
        except PluginError:
            return

    def _receipt(self, ref: str, posted: Posted, ctx: CallContext) -> Receipt:
        return Receipt(
            ref=ref,
            at=ctx.now(),
            cost=_cost(posted),
            note=text("confirmed at the postal service: {ref}", ref=ref),
        )


def _cost(posted: Posted) -> Money | None:
    return None if posted.price is None else Money(amount=posted.price, currency=CURRENCY)
