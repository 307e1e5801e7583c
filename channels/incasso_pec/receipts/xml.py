"""XML of others, read without anything that reaches beyond it: no DTD, no entities, no network."""

from __future__ import annotations

from typing import Final

from lxml import etree

from incasso.api import text
from incasso_pec.receipts.notice import UnreadableError

MOST_BYTES: Final = 1024 * 1024
"""Real ones have some thousand bytes."""


def root_of(content: bytes) -> etree._Element:
    """The root element. Raises UnreadableError, also for a DOCTYPE: no receipt needs one."""
    if len(content) > MOST_BYTES:
        raise UnreadableError(text("its XML has {n} bytes", n=len(content)))
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content.strip(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableError(
            text("its XML cannot be read: {error}", error=str(error)[:200])
        ) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableError(text("its XML has a DOCTYPE, which no receipt needs"))
    return root


def words(element: etree._Element | None) -> str:
    """The text of an element on one line; empty without one."""
    return " ".join((element.text or "").split()) if element is not None else ""
