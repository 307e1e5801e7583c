"""A careful look into XML of others: no DOCTYPE, no entities, no network, bounded size.

Elements are found by their local names: suppliers write `p:`, `ns0:`, `b:` or no prefix at all.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final

from lxml import etree

from incasso.contract.text import text as sentence
from incasso.fatturapa.records import FatturaError

_FORBIDDEN: Final = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_ENCODING: Final = re.compile(rb"^[^>]{0,200}?encoding\s*=\s*[\"']([^\"']*)[\"']")
_ENCODINGS: Final = frozenset(
    "utf-8 utf8 utf-16 utf-16le utf-16be us-ascii ascii "
    "iso-8859-1 iso-8859-15 latin1 windows-1252 cp1252".split()
)
_MOST_DIGITS: Final = 21
"""Of a number in the format's schema."""

_DATE: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(Z|[+-]\d{2}:\d{2})?")


def root_of(xml: bytes) -> Element:
    """The outermost element. Raises FatturaError for what is unsafe, cut off or no XML."""
    bare = xml.replace(b"\0", b"")  # UTF-16 hides nothing
    if _FORBIDDEN.search(bare):
        raise FatturaError(
            sentence("the XML has a DOCTYPE or ENTITY, which no invoice needs: refused")
        )
    declared = _ENCODING.match(bare)
    if declared and declared[1].decode("ascii", "replace").lower() not in _ENCODINGS:
        raise FatturaError(
            sentence("the XML is in an encoding that no invoice uses: it should be UTF-8")
        )
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=False,
    )
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise FatturaError(sentence("the XML cannot be read: {why}", why=_short(error))) from None
    if root is None or root.getroottree().docinfo.internalDTD is not None:
        raise FatturaError(sentence("the XML has a DOCTYPE, which no invoice needs: refused"))
    return Element(root)


class Element:
    """One element; what is missing is empty, what is misspelt says where it stands."""

    def __init__(self, element: etree._Element) -> None:
        self._element = element

    @property
    def name(self) -> str:
        """Without prefix and namespace."""
        return str(self._element.tag).rpartition("}")[2]

    def attribute(self, name: str) -> str:
        """An attribute; empty if missing."""
        return str(self._element.get(name) or "").strip()

    def all(self, path: str) -> list[Element]:
        """Every element along a path of local names, `A/B/C`."""
        found = [self._element]
        for step in path.split("/"):
            found = [
                child
                for parent in found
                for child in parent
                if isinstance(child.tag, str) and child.tag.rpartition("}")[2] == step
            ]
        return [Element(each) for each in found]

    def first(self, path: str) -> Element | None:
        """The first of them."""
        return next(iter(self.all(path)), None)

    def raw(self, path: str) -> str:
        """The text of the first, as it stands."""
        found = self.first(path)
        return (found._element.text or "") if found else ""

    def text(self, path: str) -> str:
        """The text of the first on one line; empty if missing."""
        return " ".join(self.raw(path).split())

    def texts(self, path: str) -> tuple[str, ...]:
        """The texts of all that say something, each once."""
        words = [" ".join((each._element.text or "").split()) for each in self.all(path)]
        return tuple(dict.fromkeys(word for word in words if word))

    def amount(self, path: str) -> Decimal | None:
        """A number, exactly as written; None if missing."""
        word = self.text(path)
        if not word:
            return None
        try:
            number = Decimal(word)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or len(word) > _MOST_DIGITS or "e" in word.lower():
            raise FatturaError(
                sentence("{path}: {word!r} is no amount", path=str(path), word=word[:40])
            )
        return number

    def needed_amount(self, path: str) -> Decimal:
        """A number that must be there."""
        found = self.amount(path)
        if found is None:
            raise FatturaError(sentence("{path} is missing", path=str(path)))
        return found

    def day(self, path: str) -> date | None:
        """A date; None if missing. A time zone behind it does not make it another day."""
        word = self.text(path)
        if not word:
            return None
        written = _DATE.fullmatch(word)
        try:
            return date.fromisoformat(written[1] if written else word[:0])
        except ValueError:
            raise FatturaError(
                sentence("{path}: {word!r} is no date", path=str(path), word=word[:40])
            ) from None

    def days(self, path: str) -> timedelta | None:
        """A number of days; None if missing."""
        word = self.text(path)
        if not word:
            return None
        if not re.fullmatch(r"\d{1,3}", word, re.ASCII):
            raise FatturaError(
                sentence("{path}: {word!r} is no number of days", path=str(path), word=word[:40])
            )
        return timedelta(days=int(word))


def _short(error: Exception) -> str:
    """The parser's words, without the file name it invents."""
    words = re.sub(r"\(<string>, line \d+\)", "", str(error))
    return " ".join(words.split())[:160] or "it is empty"
