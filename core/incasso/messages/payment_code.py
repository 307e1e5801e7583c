"""The QR code of a bank transfer, from which a bank's app fills in its form (EPC069-12).

Version 002 of the guideline: UTF-8, error correction M, at most version 13 of QR codes.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from typing import Final

from incasso.contract.channel import InlineImage
from incasso.contract.values import Money
from incasso.messages.payment_reference import LONGEST
from incasso.messages.view import View

_LONGEST_NAME: Final = 70
_LONGEST_DATA: Final = 331
"""Bytes, as the guideline says."""
_MOST: Final = Decimal("999999999.99")

# Inside the European Economic Area the IBAN is enough, and a smaller code is read from farther.
_WITHOUT_BIC: Final = frozenset(
    [
        *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE"),
        *("IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"),
    ]
)

_PIXELS: Final = 6
"""Of a module. Mails show the picture at half its size, so that it is sharp on fine screens."""


def code_data(seen: View) -> str:
    """What the code of this message says; empty where the guideline has no code for it.

    That is: another currency than euro, nothing to pay, no valid IBAN, or a bank outside the
    European Economic Area without its BIC.
    """
    company, asked = seen.company, seen.asked
    iban = company.iban.replace(" ", "").upper()
    bic = "" if iban[:2] in _WITHOUT_BIC else company.bic.replace(" ", "").upper()
    if not (_payable(asked) and valid_iban(iban) and (bic or iban[:2] in _WITHOUT_BIC)):
        return ""
    name = company.name[:_LONGEST_NAME].strip()
    reference = seen.payment_reference[:LONGEST]
    head = ("BCD", "002", "1", "SCT", bic, name, iban, f"EUR{asked.amount:.2f}")
    data = "\n".join((*head, "", "", reference)).rstrip("\n")
    return data if name and len(data.encode()) <= _LONGEST_DATA else ""


@lru_cache(maxsize=64)
def valid_iban(iban: str) -> bool:
    """Whether its country, length and check digits are right."""
    from stdnum import iban as numbers  # only where messages are written

    return bool(numbers.is_valid(iban))


def code_svg(seen: View) -> str:
    """The code as a drawing, for paper; empty where there is none."""
    if not (data := code_data(seen)):
        return ""
    rows = _modules(data)
    bars = [
        f"M{run.start()} {top}h{run.end() - run.start()}v1H{run.start()}z"
        for top, row in enumerate(rows)
        for run in _DARK.finditer(row)
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {len(rows)} {len(rows)}">'
        f'<path d="{"".join(bars)}"/></svg>'
    )


def code_image(seen: View) -> InlineImage | None:
    """The code as a picture inside a mail: many mail programs drop drawings and `data:` links."""
    if not (data := code_data(seen)):
        return None
    content = png(_modules(data))
    cid = f"payment-{sha256(content).hexdigest()[:16]}@incasso.invalid"
    return InlineImage(filename="qr.png", media_type="image/png", content=content, cid=cid)


def shown_width(image: InlineImage) -> int:
    """Pixels, as the mail shows it."""
    (pixels,) = struct.unpack(">I", image.content[16:20])
    return int(pixels) // 2


def _payable(asked: Money) -> bool:
    return asked.currency == "EUR" and 0 < asked.amount <= _MOST


def _modules(data: str) -> list[str]:
    from incasso.messages.quick_code import modules  # it loads segno: only where a code is drawn

    return modules(data.encode())


def png(rows: Sequence[str]) -> bytes:
    """A picture in black and white, with one bit for a pixel."""
    side = len(rows) * _PIXELS
    wide = (side + 7) // 8
    spare = 8 * wide - side
    dots = "".join(rows).translate(_DOTS)
    # Each row of modules is one line, and "as above" (filter 2, no difference) for the others.
    again = (b"\2" + bytes(wide)) * (_PIXELS - 1)
    lines = [
        b"\0" + (int(dots[at : at + side], 2) << spare).to_bytes(wide, "big") + again
        for at in range(0, len(dots), side)
    ]
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    pixels = zlib.compress(b"".join(lines), 1)
    parts = ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join([_chunk(kind, content) for kind, content in parts])


_DOTS: Final = str.maketrans({"0": "1" * _PIXELS, "1": "0" * _PIXELS})
"""In a picture of one bit white is 1."""
_DARK: Final = re.compile("1+")


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + checksum
