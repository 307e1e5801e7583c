"""The pictures of a letterhead: one file each, kept as a drawing that letters print.

A drawing travels to the page as text, so a photograph is put into one (SVG with the file in it).
"""

from __future__ import annotations

import re
import struct
from base64 import b64encode
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

from incasso.contract.channel import InlineImage
from incasso.contract.text import Text, text

if TYPE_CHECKING:
    from typst import Compiler

LARGEST: Final = 1_000_000
"""Bytes of a picture's file: each letter carries it."""

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG: Final = b"\xff\xd8\xff"
_ELSEWHERE: Final = re.compile(
    r"""href\s*=\s*["'](?!\#|data:)|url\(\s*["']?(?!["']?\#)|@import|<!ENTITY|<script""",
    re.IGNORECASE,
)
_LETTERS: Final = re.compile(r"<(?:\w+:)?text\b", re.IGNORECASE)
_PIXELS_PER_POINT: Final = 2

# A compiler serves one call at a time.
_ONE_AT_A_TIME: Final = Lock()


class UnfitPictureError(ValueError):
    """A file that no letter can print; the message says why and what would be."""

    def __init__(self, why: Text) -> None:
        super().__init__(why)
        self.why = why


def drawing_of(content: bytes) -> str:
    """The file as a drawing, tried out once. Raises UnfitPictureError."""
    if len(content) > LARGEST:
        raise UnfitPictureError(
            text("it is larger than {most} kB: save it smaller", most=LARGEST // 1000)
        )
    found = _around(content) if content.startswith((_PNG, _JPEG)) else _checked(content)
    _tried(found)
    return found


@lru_cache(maxsize=32)
def logo_image(drawing: str) -> InlineImage:
    """The drawing as a picture for mails: on white, 44 pixels high, twice as fine."""
    content = _png(drawing)
    cid = f"logo-{sha256(content).hexdigest()[:16]}@incasso.invalid"
    return InlineImage(filename="logo.png", media_type="image/png", content=content, cid=cid)


def shown_size(image: InlineImage) -> tuple[int, int]:
    """Width and height in pixels as a mail shows it."""
    wide, high = struct.unpack(">II", image.content[16:24])
    return wide // _PIXELS_PER_POINT, high // _PIXELS_PER_POINT


def _checked(content: bytes) -> str:
    try:
        drawing = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        drawing = ""
    if "<svg" not in drawing:
        raise UnfitPictureError(text("it is neither SVG nor PNG nor JPEG: save it as one of them"))
    if _ELSEWHERE.search(drawing):
        raise UnfitPictureError(
            text(
                "it takes something from elsewhere (a link, a font, a script): save it as plain SVG"
            )
        )
    if _LETTERS.search(drawing):
        raise UnfitPictureError(
            text("letters in it come out in another type: turn them into paths, then save it again")
        )
    return drawing


def _around(content: bytes) -> str:
    """A photograph inside a drawing of its size."""
    kind, size = ("png", _png_size(content)) if content[:4] == _PNG[:4] else ("jpeg", None)
    wide, high = size or _jpeg_size(content)
    inside = b64encode(content).decode()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" '
        f'height="{high}"><image width="{wide}" height="{high}" '
        f'href="data:image/{kind};base64,{inside}"/></svg>'
    )


def _png_size(content: bytes) -> tuple[int, int]:
    if len(content) < 24:
        raise UnfitPictureError(_damaged())
    wide, high = struct.unpack(">II", content[16:24])
    return int(wide), int(high)


def _jpeg_size(content: bytes) -> tuple[int, int]:
    """Width and height from the frame's header (ISO/IEC 10918-1, B.2.2)."""
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        (size,) = struct.unpack(">H", content[at + 2 : at + 4])
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            high, wide = struct.unpack(">HH", content[at + 5 : at + 9])
            return int(wide), int(high)
        at += 2 + size
    raise UnfitPictureError(_damaged())


def _tried(drawing: str) -> None:
    """Typst leaves out what it cannot draw, without a word: a page that stays white shows it."""
    try:
        found = _png(drawing)
    except RuntimeError:
        raise UnfitPictureError(_damaged()) from None
    if found == _png(_BLANK.format(*struct.unpack(">II", found[16:24]))):
        raise UnfitPictureError(text("nothing of it can be drawn: save it again, as PNG"))


_BLANK: Final = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}"></svg>'


def _damaged() -> Text:
    return text("the file is damaged: save it again")


@lru_cache(maxsize=1)
def _compiler() -> Compiler:
    from typst import Compiler  # only where letterheads have pictures

    return Compiler(Path(__file__).with_name("layout") / "picture.typ")


def _png(drawing: str) -> bytes:
    with _ONE_AT_A_TIME:
        made = _compiler().compile(
            format="png", ppi=72.0 * _PIXELS_PER_POINT, sys_inputs={"picture": drawing}
        )
    assert isinstance(made, bytes)
    return made
