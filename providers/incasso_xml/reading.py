"""A provider's file, read as a stream: its head, then each update by itself.

Every update is checked against the schema on its own, so that one wrong row costs nothing but
itself. What could do harm is refused before anything is read: DOCTYPE, entities, rows without end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

import msgspec
from lxml import etree

from incasso.api import (
    Page,
    PlacementUpdate,
    Problem,
    RejectedError,
    ReturnSheet,
    Unreadable,
    UpdateItem,
    text,
)
from incasso_xml.checking import problem_of
from incasso_xml.form import tag

_PAGE: Final = 500
_LARGEST_ROW: Final = 40 * 1024 * 1024
"""Bytes of one update with its documents."""
_TAIL: Final = 64 * 1024
_END: Final = re.compile(rb"<(?:[\w.-]+:)?end\s[^>]*?\bitems\s*=\s*[\"'](\d{1,9})[\"']")
_CLOSED: Final = re.compile(rb"</(?:[\w.-]+:)?exchange\s*>\s*(?:<!--.*?-->\s*)*\Z", re.DOTALL)
_ROWS: Final = frozenset({tag("update")})
_OTHER: Final = frozenset({tag("head"), tag("answers"), tag("end")})
_OPTIONS: Final = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


def identify(name: str, source: BinaryIO) -> ReturnSheet:
    """The head of a file. Raises RejectedError for what is no file of the exchange, or cut off."""
    try:
        root = _root(name, source)
    except (etree.XMLSyntaxError, _EndlessRowError) as error:
        raise _no_file(name, text("it cannot be read as XML: {why}", why=str(error))) from None
    said = dict(root.attrib)
    if (kind := said.get("kind", "")) != "updates":
        raise _no_file(name, text("its kind is “{kind}”, expected “updates”", kind=kind))
    version = said.get("version", "")
    if not version.startswith("1."):
        raise _no_file(
            name, text("it is version {version} of the exchange; this hub reads 1", version=version)
        )
    sequence = said.get("sequence", "")
    return ReturnSheet(
        lot=said.get("lot", "")[:32],
        sequence=int(sequence) if sequence.isascii() and sequence.isdigit() else None,
        version=version,
        digest=said.get("digest", "")[:128],
        rows=_count_at_the_end(name, source),
    )


def read(name: str, source: BinaryIO) -> Iterator[Page[UpdateItem]]:
    """The updates, in pages; `rows` counts them from 1. What is no update is told too."""
    items: list[UpdateItem] = []
    rows: list[int] = []
    for row, item in enumerate(_items(name, source), start=1):
        items.append(item)
        rows.append(row)
        if len(items) == _PAGE:
            yield Page(items=tuple(items), file=name, rows=tuple(rows))
            items, rows = [], []
    yield Page(items=tuple(items), file=name, rows=tuple(rows))


def _items(name: str, source: BinaryIO) -> Iterator[UpdateItem]:
    bounded, row = _Bounded(source), 0
    try:
        for _, element in etree.iterparse(bounded, ("end",), tag=[*_ROWS, tag("end")], **_OPTIONS):
            for strange in _strangers_before(element):
                row += 1
                yield strange_row(name, row, strange)
            if element.tag in _ROWS and element.getparent() is not None:
                row += 1
                bounded.restart()
                yield _item(name, row, element)
            elif element.tag == tag("end"):
                yield from _mismatch(name, row, element)
            element.clear(keep_tail=False)
    except (etree.XMLSyntaxError, _EndlessRowError) as error:
        yield _unreadable(name, row + 1, _broken(error))


def _item(name: str, row: int, element: Any) -> UpdateItem:
    if (wrong := problem_of(element)) is not None:
        return _unreadable(name, row, wrong, element)
    try:
        return msgspec.convert(_plain(element), PlacementUpdate, strict=False)
    except (msgspec.ValidationError, ValueError) as error:
        told = text("line {line}: {why}", line=element.sourceline or 0, why=str(error))
        return _unreadable(name, row, Problem(code="xml", message=told), element)


def _plain(element: Any) -> dict[str, Any]:
    """The fields of an update as plain texts, for msgspec to turn into values."""
    found: dict[str, Any] = {}
    for child in element:
        field = etree.QName(child).localname
        said = child.text or ""
        if field == "placement":
            found[field] = dict(child.attrib)
        elif field == "amount":
            found[field] = {"amount": said.strip(), "currency": child.get("currency")}
        elif field == "evidence":
            found.setdefault(field, []).append({**child.attrib, "content": "".join(said.split())})
        else:
            found[field] = said if field == "text" else said.strip()
    return found


def _strangers_before(element: Any) -> Iterator[Any]:
    """Elements between this one and the last that was read; all of them are let go."""
    parent = element.getparent()
    if parent is None or parent.getparent() is not None:
        return
    while (before := element.getprevious()) is not None:
        if before.tag not in _ROWS and before.tag not in _OTHER:
            yield before
        parent.remove(before)


def strange_row(name: str, row: int, element: Any) -> Unreadable:
    """An element that a file with updates does not hold."""
    told = text(
        "line {line}: “{field}” is nothing that a file with updates holds",
        line=element.sourceline or 0,
        field=etree.QName(element).localname,
    )
    return _unreadable(name, row, Problem(code="xml", message=told), element)


def _mismatch(name: str, row: int, end: Any) -> Iterator[Unreadable]:
    """What the end of the file says, if that is not what was read."""
    said = end.get("items", "")
    if said.isascii() and said.isdigit() and int(said) == row:
        return
    told = text(
        "the end of the file says {said} updates, and there are {count}", said=said, count=row
    )
    hint = text("nothing was left out that could be read; ask the sender for the whole file")
    yield _unreadable(name, row + 1, Problem(code="count", field="end", message=told, hint=hint))


def _root(name: str, source: BinaryIO) -> Any:
    """The outermost element, with nothing in it yet."""
    source.seek(0)
    for _, element in etree.iterparse(_Bounded(source), ("start",), **_OPTIONS):
        if element.getroottree().docinfo.internalDTD is not None:
            raise _no_file(name, text("it has a DOCTYPE, which no file of the exchange needs"))
        if element.tag != tag("exchange"):
            raise _no_file(name, text("it begins with “{tag}”", tag=str(element.tag)[:120]))
        return element
    raise _no_file(name, text("it is empty"))


def _count_at_the_end(name: str, source: BinaryIO) -> int:
    """How many updates the file says it has. A file that was cut off has no end."""
    source.seek(0, 2)
    source.seek(max(0, source.tell() - _TAIL))
    tail = source.read(_TAIL)
    source.seek(0)
    found = _END.findall(tail)
    if not found or not _CLOSED.search(tail):
        raise _no_file(name, text("its end is missing: it was cut off on the way"))
    return int(found[-1])


def _no_file(name: str, why: str) -> RejectedError:
    told = text("{name} is no file of the exchange: {why}", name=name, why=why)
    return RejectedError(told, code="form")


def _broken(error: Exception) -> Problem:
    told = text(
        "line {line}: the file breaks here and the rest cannot be read: {why}",
        line=getattr(error, "lineno", None) or 0,
        why=getattr(error, "msg", None) or str(error),
    )
    return Problem(
        code="xml",
        message=told,
        hint=text("what stands before it was read; the sender should write the file again"),
    )


def _unreadable(name: str, row: int, problem: Problem, element: Any = None) -> Unreadable:
    raw = "" if element is None else etree.tostring(element, encoding="unicode")[:2000]
    given = "" if element is None else element.findtext(tag("update_id")) or ""
    return Unreadable(external_id=given[:128], file=name, row=row, problems=(problem,), raw=raw)


class _EndlessRowError(Exception):
    """One update goes on for longer than any with its documents."""


class _Bounded:
    """A stream that ends with an error where one row never ends."""

    def __init__(self, source: BinaryIO) -> None:
        source.seek(0)
        self._source = source
        self._since = 0

    def restart(self) -> None:
        """A row is complete."""
        self._since = 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes. Raises _EndlessRowError."""
        found = self._source.read(size)
        self._since += len(found)
        if self._since > _LARGEST_ROW:
            raise _EndlessRowError
        return found
