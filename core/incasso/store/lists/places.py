"""The place where a page of a list ends, as a text that the next page is asked for with.

It holds the values by which the list is sorted, so the thousandth page is found like the first. It
opens nothing: what may be read is asked again for every page.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

import msgspec

from incasso.contract.errors import IncassoError
from incasso.contract.text import text

_MARK: Final = 6
"""Bytes that tell a whole place of this list from a cut one, and from one of another list."""
_LONGEST: Final = 4000


class PlaceError(IncassoError):
    """What was given is no place of this list in this order."""


def written(order: str, values: Sequence[object]) -> str:
    """The place with these values; `order` names list and order."""
    content = msgspec.json.encode(values)
    return base64.urlsafe_b64encode(_mark(order, content) + content).decode().rstrip("=")


def read(order: str, place: str, kinds: Sequence[type]) -> list[object]:
    """Its values, of these types. Raises PlaceError."""
    try:
        if len(place) > _LONGEST:
            raise ValueError
        whole = base64.b64decode(place + "=" * (-len(place) % 4), b"-_", validate=True)
        content = whole[_MARK:]
        if whole[:_MARK] != _mark(order, content):
            raise ValueError
        values = msgspec.json.decode(content, type=list[object])
        return [msgspec.convert(value, kind) for value, kind in zip(values, kinds, strict=True)]
    except (ValueError, binascii.Error, msgspec.MsgspecError) as error:
        raise PlaceError(
            text(
                "{place!r} is no place in this list: it was cut, or belongs to another list or "
                "order; begin with the first page",
                place=place[:80],
            )
        ) from error


def _mark(order: str, content: bytes) -> bytes:
    return blake2b(content, digest_size=_MARK, key=order.encode()[:64]).digest()
