"""What every fax is made of: a number that can be dialled and the finished pages."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import phonenumbers
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from incasso.api import (
    OutboundMessage,
    Prepared,
    Problem,
    Recipient,
    RejectedError,
    Text,
    counted,
    text,
)


def prepared(message: OutboundMessage, *, most_pages: int, ref: str) -> Prepared:
    """The pages that leave. Raises RejectedError naming the field."""
    fax_number(message.to)
    if message.letter is None or not message.letter.content:
        raise rejected("no_pages", "letter", text("there is no page to send"))
    content = message.letter.content
    pages = _pages(content)
    if pages > most_pages:
        words = text("{pages} pages are too many, {most} at most", pages=pages, most=most_pages)
        raise rejected("too_long", "letter", words)
    return Prepared(
        content=content,
        media_type="application/pdf",
        filename=f"{message.delivery}.pdf",
        parts=pages,
        ref=ref,
        warnings=tuple(_warnings(message)),
    )


def fax_number(to: Recipient) -> str:
    """The number as the world dials it: `+390211111111`. One without `+` is of the recipient's
    country. Raises RejectedError for what cannot be a number."""
    given = to.address.strip()
    try:
        number = phonenumbers.parse(given, to.country.strip().upper() or "IT")
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        words = (
            text("{given!r} is no fax number", given=given)
            if given
            else text("the client has no fax number")
        )
        raise rejected("bad_number", "to", words, bad_address=bool(given))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def rejected(code: str, field: str, words: Text, *, bad_address: bool = False) -> RejectedError:
    """What is wrong with a field of the message."""
    return RejectedError(
        words,
        code=code,
        problems=(Problem(code=code, message=words, field=field),),
        bad_address=bad_address,
    )


def _pages(content: bytes) -> int:
    """Raises RejectedError if it is no PDF that can be read."""
    try:
        return max(1, len(PdfReader(BytesIO(content)).pages))
    except (PyPdfError, ValueError, KeyError, RecursionError) as error:
        raise rejected("bad_pages", "letter", text("the pages cannot be read")) from error


def _warnings(message: OutboundMessage) -> Iterator[Problem]:
    if message.cc:
        words = text("no copies: a fax goes to one number")
        yield Problem(code="no_copies", field="cc", message=words)
    if message.attachments:
        words = counted(
            "a fax carries only pages: {n} file stays behind",
            "a fax carries only pages: {n} files stay behind",
            n=len(message.attachments),
        )
        yield Problem(code="no_files", field="attachments", message=words)
