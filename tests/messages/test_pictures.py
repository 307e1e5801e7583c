"""Pictures of a letterhead: what is taken, what is refused and why."""

from __future__ import annotations

import struct
import zlib

import pytest

from incasso.messages.pictures import UnfitPictureError, drawing_of, logo_image, shown_size
from tests.messages.pictures import SVG, png


def test_a_drawing_is_taken_as_it_is_and_shown_in_mails_as_a_picture() -> None:
    drawing = drawing_of(SVG)
    assert drawing.encode() == SVG
    image = logo_image(drawing)
    assert image.content.startswith(b"\x89PNG")
    assert shown_size(image) == (132, 44)  # 120 x 40, as high as mails show it


def test_a_photograph_keeps_its_proportions_and_its_pixels() -> None:
    drawing = drawing_of(png(60, 30))
    assert 'viewBox="0 0 60 30"' in drawing
    assert shown_size(logo_image(drawing)) == (88, 44)


def test_a_wide_logo_does_not_break_a_mail() -> None:
    wide, high = shown_size(logo_image(drawing_of(png(800, 20))))
    assert (wide, high) == (240, 6)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"GIF89a" + bytes(99), "neither SVG nor PNG nor JPEG"),
        (b"", "neither SVG nor PNG nor JPEG"),
        (b"<svg", "damaged"),
        (png(60, 30)[:60], "nothing of it can be drawn"),
        (b"\x89PNG\r\n\x1a\n", "damaged"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(40), "damaged"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>', "nothing of it"),
        (SVG.replace(b"<rect", b'<image href="http://example.it/x.png"/><rect'), "elsewhere"),
        (SVG.replace(b"<rect", b"<script>x</script><rect"), "elsewhere"),
        (SVG.replace(b"#b03020", b"url(file:///etc/passwd)"), "elsewhere"),
        (SVG.replace(b"<rect", b"<text>Acme</text><rect"), "turn them into paths"),
        (SVG + b" " * 1_000_000, "larger than 1000 kB"),
    ],
    ids=["gif", "empty", "cut svg", "cut png", "head of a png", "head of a jpeg", "nothing drawn",
         "link", "script", "style from a file", "letters", "large"],
)  # fmt: skip
def test_what_no_letter_can_print_is_refused_with_its_reason(content: bytes, why: str) -> None:
    with pytest.raises(UnfitPictureError, match=why):
        drawing_of(content)


def test_the_sample_is_a_whole_png() -> None:
    """Else the tests above would refuse the wrong thing."""
    content = png(60, 30)
    at = content.index(b"IDAT")
    (size,) = struct.unpack(">I", content[at - 4 : at])
    assert len(zlib.decompress(content[at + 4 : at + 4 + size])) == 30 * (1 + 3 * 60)
