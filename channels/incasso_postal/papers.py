"""The signed papers of a letter: the acceptance, and the image of what came back. They come later,
some of them after the letter has ended, so what is still wanted is remembered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

import msgspec

from incasso.api import (
    Attachment,
    CallContext,
    DeliveryState,
    DeliveryUpdate,
    Text,
    text,
)
from incasso_postal.answers import Posted
from incasso_postal.memory import ACCEPTANCE, SCAN, Remembered
from incasso_postal.products import Product, product_in
from incasso_postal.service import Service

LARGEST_PAPER: Final = 10 * 1024 * 1024
"""The contract's limit of a file that proves something."""
PATIENCE: Final = timedelta(days=90)
"""A return receipt travels for weeks."""
PATIENCE_UNTRACKED: Final = timedelta(days=3)


def wanted_of(product: Product) -> str:
    """Every paper twice: a crash may come between giving it and keeping it."""
    return ACCEPTANCE * 2 + (SCAN * 2 if product is Product.REGISTERED else "")


def is_over(letter: Remembered, now: datetime) -> bool:
    """Whether nothing more is expected of it."""
    product = product_in(letter.ref)
    began = letter.began_at
    if not letter.papers or product is None or began is None:
        return False
    return now - began > (PATIENCE if product.is_tracked else PATIENCE_UNTRACKED)


class Papers:
    """Fetches papers for one poll."""

    def __init__(self, service: Service, ctx: CallContext) -> None:
        self._service = service
        self._ctx = ctx

    def of(self, letter: Remembered, posted: Posted) -> Iterator[tuple[str, DeliveryUpdate]]:
        """The papers that are ready, each with its sign in `Remembered.papers`."""
        if ACCEPTANCE in letter.papers:
            path = f"/{letter.ref}/accettazione"
            note = text("acceptance of the post")
            yield from self._one(ACCEPTANCE, path, "accettazione", note, letter, posted)
        if SCAN in letter.papers and posted.archived:
            path = f"/{letter.ref}/destinatari/{posted.recipient}/archiviazione"
            note = text("signed image of what came back")
            yield from self._one(SCAN, path, "archiviazione", note, letter, posted)

    def _one(
        self, sign: str, path: str, name: str, note: Text, letter: Remembered, posted: Posted
    ) -> Iterator[tuple[str, DeliveryUpdate]]:
        content = self._service.paper(path, self._ctx)
        if content is None or len(content) > LARGEST_PAPER:
            return
        update = DeliveryUpdate(
            ref=letter.ref,
            update_id=f"{posted.number}:{name}",
            state=DeliveryState.SENT,
            at=self._ctx.now(),
            note=note,
            evidence=Attachment(
                filename=f"{name}-{posted.number}.pdf",
                media_type="application/pdf",
                content=content,
            ),
            tracking=posted.tracking,
        )
        yield sign, update


def without(letter: Remembered, sign: str) -> Remembered:
    """One fetch less of that paper is wanted."""
    return msgspec.structs.replace(letter, papers=letter.papers.replace(sign, "", 1))
