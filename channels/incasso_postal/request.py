"""A message as the service takes it: the address in its fields, the pages inside the JSON."""

from __future__ import annotations

import logging
from base64 import b64encode
from hashlib import sha256
from io import BytesIO
from typing import Any, Final

import msgspec

from incasso.api import (
    Carries,
    OutboundMessage,
    Prepared,
    Problem,
    RejectedError,
    Text,
    text,
)
from incasso_postal.address import NO_NUMBER, BadAddressError, PostalAddress, address_of
from incasso_postal.products import Product
from incasso_postal.settings import PostalSettings

LARGEST: Final = 5_000_000
"""Bytes of the pages."""
MOST_PAGES: Final = 50
MOST_PAGES_DUPLEX: Final = 100
HEADER: Final = "x-incasso-secret"
"""By it the service repeats our secret."""


def prepared(message: OutboundMessage, settings: PostalSettings) -> Prepared:
    """The exact pages, or words, that will be printed. Raises RejectedError naming the field."""
    to = _address(message)
    warnings = _warnings(message, to)
    if not message.medium.carries(Carries.PAGES):
        if not message.text.strip():
            raise _refused("text", text("the text is empty"))
        return Prepared(
            content=message.text.encode("utf-8", "replace"),
            media_type="text/plain",
            filename=f"{message.delivery}.txt",
            warnings=warnings,
        )
    if message.letter is None or not message.letter.content:
        raise _refused("letter", text("a letter needs its finished page (PDF)"))
    content = message.letter.content
    return Prepared(
        content=content,
        media_type="application/pdf",
        filename=f"{message.delivery}.pdf",
        parts=_pages(content, settings),
        warnings=warnings,
    )


def body(
    message: OutboundMessage, content: bytes, product: Product, settings: PostalSettings
) -> dict[str, Any]:
    """The request that makes a draft of it."""
    is_text = product is Product.TELEGRAM
    pages = "data:application/pdf;base64," + b64encode(content).decode("ascii")
    return {
        "mittente": {**settings.sender.as_fields(), "email": settings.sender_email},
        "destinatari": [_address(message).as_fields()],
        "documento": content.decode("utf-8") if is_text else [pages],
        "opzioni": _options(product, settings),
        "callback": _callback(message.delivery, settings),
    }


def digest_of(request: dict[str, Any]) -> str:
    """What tells one request from another: a draft of another one is not confirmed instead."""
    return sha256(msgspec.json.encode(request)).hexdigest()[:16]


def _options(product: Product, settings: PostalSettings) -> dict[str, bool]:
    if product is Product.TELEGRAM:
        return {"autoconfirm": False}
    options = {
        "fronteretro": settings.duplex,
        "colori": settings.colour,
        "autoconfirm": False,
        "ricevuta": True,
    }
    return {**options, "ar": settings.return_receipt} if product is Product.REGISTERED else options


def _callback(delivery: str, settings: PostalSettings) -> dict[str, Any]:
    """Our mark, by which a draft is found again, and where to report, if anywhere."""
    if not settings.callback_url:
        return {"custom": delivery}
    return {
        "url": settings.callback_url,
        "method": "JSON",
        "custom": delivery,
        "headers": {HEADER: settings.callback_secret.reveal()},
    }


def _address(message: OutboundMessage) -> PostalAddress:
    try:
        return address_of(message.to)
    except BadAddressError as error:
        told = error.problem
        raise RejectedError(
            told.message, code="address", problems=(told,), bad_address=True
        ) from None


def _warnings(message: OutboundMessage, to: PostalAddress) -> tuple[Problem, ...]:
    told = []
    if to.civico == NO_NUMBER:
        words = text("the street has no house number: it is sent as {number}", number=NO_NUMBER)
        told.append(Problem(code="no_number", field="to.address", message=words))
    if message.cc:
        words = text("no copies: a letter goes to one recipient")
        told.append(Problem(code="no_copies", field="cc", message=words))
    return tuple(told)


def _pages(content: bytes, settings: PostalSettings) -> int:
    if len(content) > LARGEST:
        raise _refused(
            "letter",
            text(
                "{size} bytes are too many, {most} at most",
                size=str(len(content)),
                most=str(LARGEST),
            ),
        )
    count = _count(content)
    most = MOST_PAGES_DUPLEX if settings.duplex else MOST_PAGES
    if count > most:
        raise _refused(
            "letter",
            text("{count} pages are too many, {most} at most", count=str(count), most=str(most)),
        )
    return count


def _count(content: bytes) -> int:
    """The library raises many kinds of errors for damaged files; all mean the same here."""
    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it warns of what it can mend
    try:
        return len(PdfReader(BytesIO(content)).pages)
    except MemoryError:
        raise
    except Exception:
        raise _refused("letter", text("the page is no PDF that can be read")) from None


def _refused(field: str, words: Text) -> RejectedError:
    return RejectedError(
        words,
        code="unfit",
        problems=(Problem(code="unfit", message=words, field=field),),
    )
