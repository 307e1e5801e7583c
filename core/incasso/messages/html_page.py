"""Write the paragraphs as the HTML page of a mail, with the pictures that it shows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

import nh3
from jinja2 import Environment, StrictUndefined
from jinja2 import Template as Compiled
from markupsafe import Markup

from incasso.contract.channel import InlineImage
from incasso.contract.media import AddressForm
from incasso.messages.html_rows import coming_html, layout, rows_html, styled
from incasso.messages.letterhead import foot_lines
from incasso.messages.mail import identity_lines, payment_lines, signature_lines
from incasso.messages.payment_code import code_image, shown_width
from incasso.messages.pictures import logo_image, shown_size
from incasso.messages.view import View
from incasso.messages.words import (
    PAYMENT,
    SIGNATURE,
    STATEMENT,
    TABLE,
    Paragraph,
    as_html,
)

_KINDS: Final = {
    "": "",
    TABLE: "table",
    PAYMENT: "payment",
    SIGNATURE: "signature",
    STATEMENT: "statement",
}
_BLOCK: Final = re.compile(f"([{TABLE}{PAYMENT}{SIGNATURE}{STATEMENT}])")
_ATTRIBUTES: Final = {
    tag: {*nh3.ALLOWED_ATTRIBUTES.get(tag, ()), "style"} for tag in nh3.ALLOWED_TAGS
}


class HtmlPage(NamedTuple):
    """A page, and the pictures that travel with it: none is fetched from anywhere."""

    html: str
    images: tuple[InlineImage, ...]


def html_page(subject: str, body: Sequence[Paragraph], own_html: str, seen: View) -> HtmlPage:
    """The page of the mail; `own_html` replaces the paragraphs where an office wrote its own."""
    pieces = _own_pieces(own_html) if own_html else _pieces(body)
    by_mail = seen.medium is None or seen.medium.traits.form is AddressForm.MAIL
    code = code_image(seen) if by_mail and _says_where_to_pay(pieces) else None
    head = seen.letterhead
    logo = logo_image(head.logo) if by_mail and head.logo and head.logo_in_mails else None
    html = _page().render(
        subject=subject,
        body=pieces,
        seen=seen,
        labels=seen.language.labels,
        rows=rows_html(seen.table, seen.language),
        coming=coming_html(seen.table),
        payment=payment_lines(seen),
        code=code,
        code_width=shown_width(code) if code else 0,
        logo=logo,
        logo_size=shown_size(logo) if logo else (0, 0),
        signature=signature_lines(seen),
        identity=identity_lines(seen),
        foot=foot_lines(head, "", "", seen.language),
    )
    return HtmlPage(html, tuple([each for each in (logo, code) if each is not None]))


def _says_where_to_pay(pieces: Sequence[tuple[str, Markup]]) -> bool:
    return any(kind == "payment" for kind, _ in pieces)


@lru_cache(maxsize=1)
def _page() -> Compiled:
    """Our own page, not the office's: trusted, so not sandboxed; everything is escaped."""
    source = styled(layout("mail.html.j2"))
    made = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return made.from_string(source)


def _pieces(body: Sequence[Paragraph]) -> list[tuple[str, Markup]]:
    """The body as (kind, escaped words); the page knows how each kind looks."""
    return [
        (_KINDS[each.block] or ("item" if each.item else "words"), as_html(each.words))
        for each in body
    ]


def _own_pieces(own_html: str) -> list[tuple[str, Markup]]:
    """An office's own HTML between the blocks, without scripts, forms and frames."""
    safe = nh3.clean(own_html, attributes=_ATTRIBUTES)
    return [
        (_KINDS.get(piece, "own"), as_html(Markup(piece)))
        for piece in _BLOCK.split(safe)
        if piece.strip()
    ]
