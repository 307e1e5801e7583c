"""How a record looks as XML: one element a field, in the order of the record.

The names are those of the records of `incasso.api`, and empty fields are left away. Four kinds of
values have more than text: an amount names its currency, a placement both its names, a document its
file name, and a list is its element several times.
"""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Final

import msgspec
from lxml import etree

from incasso.api import Attachment, Money, PlacementRef

NAMESPACE: Final = "urn:incasso:exchange:1"
_SPACES: Final[dict[Any, str]] = {None: NAMESPACE}
_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot carry, not even escaped."""


def tag(name: str) -> str:
    """The name of an element in our namespace."""
    return f"{{{NAMESPACE}}}{name}"


def element(name: str, record: msgspec.Struct) -> Any:
    """A record as an element, its fields in it."""
    made = etree.Element(tag(name), nsmap=_SPACES)
    _fill(made, record)
    return made


def _fill(parent: Any, record: msgspec.Struct) -> None:
    for field, default in _fields(type(record)):
        value = getattr(record, field)
        if value == default or value is None or value == "" or value == ():
            continue
        for each in value if isinstance(value, tuple) else (value,):
            _add(parent, field, each)


def _add(parent: Any, field: str, value: Any) -> None:
    made = etree.SubElement(parent, tag(field))
    if isinstance(value, Money):
        made.set("currency", value.currency)
        made.text = _text(value.amount)
    elif isinstance(value, PlacementRef):
        for name in ("ours", "theirs"):
            if said := getattr(value, name):
                made.set(name, said)
    elif isinstance(value, Attachment):
        made.set("filename", _storable(value.filename))
        made.set("media_type", value.media_type)
        made.text = b64encode(value.content).decode("ascii")
    elif isinstance(value, msgspec.Struct):
        _fill(made, value)
    else:
        made.text = _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime | date):
        return value.isoformat()
    return _storable(str(value))


def _storable(said: str) -> str:
    """Without control characters: a question mark in a box says where one was."""
    return _NO_XML.sub("\ufffd", said)


@cache
def _fields(kind: type[msgspec.Struct]) -> tuple[tuple[str, Any], ...]:
    """The fields of a record with their defaults; those that are always written have none."""
    nothing = object()
    return tuple(
        (each.name, nothing if each.default is msgspec.NODEFAULT or _told(each) else each.default)
        for each in msgspec.structs.fields(kind)
    )


def _told(field: Any) -> bool:
    """Whether a field is written although it holds what it would hold anyway."""
    return isinstance(field.default, str) and bool(field.default)
