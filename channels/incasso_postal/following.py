"""Asks what became of letters, as many as the time of one call allows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import islice
from typing import Final

import msgspec

from incasso.api import (
    CallContext,
    DeliveryState,
    DeliveryUpdate,
    PluginError,
    RejectedError,
    TemporaryError,
    text,
)
from incasso_postal.answers import Posted
from incasso_postal.memory import Memory, Remembered
from incasso_postal.papers import Papers, is_over, without
from incasso_postal.products import Product, product_in
from incasso_postal.service import Service
from incasso_postal.tracking import news_of

ENDED_AT_ONCE: Final = 20
"""Letters that have ended and whose papers are still to come, in one call."""
RESERVE: Final = timedelta(seconds=3)
WORTH_A_LIST: Final = 10
"""Letters of a product in one call from which on its list is asked for, which has all there are."""


class Following:
    """One poll."""

    def __init__(self, service: Service, ctx: CallContext) -> None:
        self._service = service
        self._ctx = ctx
        self._memory = Memory(ctx)
        self._papers = Papers(service, ctx)
        self._listed: dict[str, Posted] = {}
        self._known = {
            each.ref: (delivery, each)
            for delivery, each in self._memory.all().items()
            if each.papers and not self._given_up(delivery, each)
        }

    def news(self, refs: tuple[str, ...]) -> tuple[DeliveryUpdate, ...]:
        """What is known of these, and papers of letters that have ended.

        Many are read from the service's list, what is not in it letter by letter. Each call begins
        elsewhere, so that every letter has its turn although the time is short. Raises errors only
        if nothing was learned.
        """
        asked = [ref for ref in refs if self._is_worth_asking(ref)]
        self._read_lists(asked)
        ended = islice((ref for ref in self._known if ref not in refs), ENDED_AT_ONCE)
        found: list[DeliveryUpdate] = []
        for ref in (*self._turned(asked), *ended):
            if self._ctx.deadline - self._ctx.now() < RESERVE:
                break
            try:
                found += self._of(ref)
            except TemporaryError:
                if not found:
                    raise
                break
        return tuple(found)

    def _read_lists(self, refs: list[str]) -> None:
        """A list that does not come, or is too long for an answer, is done without."""
        of_each = Counter(product for ref in refs if (product := product_in(ref)) is not None)
        for product, count in of_each.items():
            if count >= WORTH_A_LIST:
                with suppress(TemporaryError, RejectedError):
                    self._listed |= self._service.listed(product, self._ctx)

    def _of(self, ref: str) -> Iterator[DeliveryUpdate]:
        product = product_in(ref)
        posted = self._listed.get(ref)
        if posted is None and product is not None:
            posted = self._service.read(ref, self._ctx)
        if posted is None or product is None:
            return
        yield from self._number(ref, posted)
        yield from self._events(product, ref, posted)
        yield from self._new_papers(ref, posted)

    def _number(self, ref: str, posted: Posted) -> Iterator[DeliveryUpdate]:
        if posted.tracking:
            yield DeliveryUpdate(
                ref=ref,
                update_id=f"{posted.number}:number:{posted.tracking}"[:512],
                state=DeliveryState.SENT,
                at=self._ctx.now(),
                note=text("number {number} of the post", number=posted.tracking),
                tracking=posted.tracking,
            )

    def _events(self, product: Product, ref: str, posted: Posted) -> Iterator[DeliveryUpdate]:
        events = posted.events
        if not events and posted.tracking:
            events = self._service.tracked(posted.tracking, self._ctx)
        for event in events:
            yield news_of(product, ref, posted, event)

    def _new_papers(self, ref: str, posted: Posted) -> Iterator[DeliveryUpdate]:
        known = self._known.get(ref)
        if known is None:
            return
        delivery, letter = known
        for sign, update in self._papers.of(letter, posted):
            yield update
            letter = without(letter, sign)
            self._note(delivery, letter)

    def _note(self, delivery: str, letter: Remembered) -> None:
        """A paper that cannot be noted is fetched once more: no harm."""
        with suppress(PluginError):
            if letter.papers:
                self._memory.keep(delivery, letter)
            else:
                self._memory.forget(delivery)

    def _given_up(self, delivery: str, letter: Remembered) -> bool:
        over = is_over(letter, self._ctx.now())
        if over:
            self._note(delivery, msgspec.structs.replace(letter, papers=""))
        return over

    def _is_worth_asking(self, ref: str) -> bool:
        """Of a letter without tracking only its acceptance is ever heard."""
        product = product_in(ref)
        return product is not None and (product.is_tracked or ref in self._known)

    def _turned(self, refs: list[str]) -> list[str]:
        if not refs:
            return refs
        first = int(self._ctx.now().timestamp() // 60 * 37) % len(refs)
        return refs[first:] + refs[:first]
