"""Files that a person puts beside an act: a signed plan, a letter, a photograph."""

from __future__ import annotations

from typing import Final

import msgspec

LARGEST: Final = 10_000_000
"""Bytes of one file: what a scanned contract of some dozen pages takes."""

MOST: Final = 20
LONGEST_NAME: Final = 200


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """One file, whole."""

    name: str
    content: bytes
