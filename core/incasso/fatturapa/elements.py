"""Elements found by their local names: suppliers write `p:`, `ns0:`, `b:` or no prefix at all."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final

from lxml import etree

from incasso.contract.text import text as sentence
from incasso.fatturapa.records import FatturaError

_MOST_DIGITS: Final = 21
"""Of a number in the format's schema."""

_DATE: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(Z|[+-]\d{2}:\d{2})?")


class Element:
    """One element; what is missing is empty, what is misspelt says where it stands."""

    __slots__ = ("_children", "_element")

    def __init__(self, element: etree._Element) -> None:
        self._element = element
        self._children: dict[str, list[Element]] | None = None

    @property
    def name(self) -> str:
        """Without prefix and namespace."""
        return _local(str(self._element.tag))

    def attribute(self, name: str) -> str:
        """An attribute; empty if missing."""
        return str(self._element.get(name) or "").strip()

    def all(self, path: str) -> list[Element]:
        """Every element along a path of local names, `A/B/C`."""
        found = [self]
        for step in path.split("/"):
            found = [child for parent in found for child in parent._named(step)]
        return found

    def _named(self, name: str) -> list[Element]:
        """The children are sorted by name once: an invoice may have hundreds of thousands."""
        if self._children is None:
            self._children = {}
            for child in self._element:
                if isinstance(child.tag, str):
                    self._children.setdefault(_local(child.tag), []).append(Element(child))
        return self._children.get(name, [])

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


def _local(tag: str) -> str:
    """`{uri}Name`, or `p:Name` where nobody says what p is."""
    return tag.rpartition("}")[2].rpartition(":")[2]
