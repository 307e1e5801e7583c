"""The words of an HTML mail, line by line, without what it quotes and what no reader sees."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Final

_UNSEEN: Final = frozenset({"head", "style", "script", "title", "template"})
_BREAKS: Final = frozenset({"br", "p", "div", "tr", "li", "table", "ul", "ol", "hr", "h1", "h2"})
_QUOTED: Final = ("gmail_quote", "yahoo_quoted", "moz-cite-prefix", "gmail_attr")
_REST: Final = ("divrplyfwdmsg", "appendonsend", "mail-editor-reference-message-container")
"""Where Outlook puts the message that is answered: everything from there on is quoted."""
_MOST: Final = 200_000


def words_of_html(html: str) -> str:
    """What a person reads in it. No HTML makes it raise, or take long: the standard library's own
    parser takes a minute for a million open comments."""
    from lxml import etree  # only some mails need it, and it is slow to load

    reader = _Reader()
    with suppress(etree.XMLSyntaxError, AssertionError, ValueError):
        parser = etree.HTMLParser(target=reader, recover=True, no_network=True)  # type: ignore[arg-type]
        etree.fromstring(html[:_MOST].replace("\0", ""), parser)
    lines = (" ".join(line.split()) for line in "".join(reader.pieces).split("\n"))
    return "\n".join(lines).strip("\n")


class _Reader:
    """What the parser tells, as it reads; it closes every element that it opened."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self._hidden = 0
        """How many open elements are inside one that is not shown, itself included."""
        self._over = False

    def start(self, tag: str, attrs: Mapping[str, str]) -> None:
        if attrs.get("id", "").lower() in _REST:
            self._over = True
        if self._hidden or tag in _UNSEEN or _is_quoted(tag, attrs):
            self._hidden += 1
        else:
            self._break(tag)

    def end(self, tag: str) -> None:
        if self._hidden:
            self._hidden -= 1
        elif tag != "br":
            self._break(tag)

    def data(self, data: str) -> None:
        if not (self._hidden or self._over):
            self.pieces.append(data.replace("\n", " "))

    def close(self) -> None:
        """Everything was told."""

    def _break(self, tag: str) -> None:
        if tag in _BREAKS:
            self.pieces.append("\n")


def _is_quoted(tag: str, attrs: Mapping[str, str]) -> bool:
    if tag == "blockquote" and attrs.get("type", "").lower() == "cite":
        return True
    return any(name in attrs.get("class", "").lower() for name in _QUOTED)
