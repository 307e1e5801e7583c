"""Bytes of others as an XML tree: no DOCTYPE, no entities, no network, bounded size.

What the exchange system takes is taken: odd namespace URIs, and Latin-1 bytes in a file that says
UTF-8 where it is certain which letters they are.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from lxml import etree

from incasso.contract.text import text as sentence
from incasso.fatturapa.elements import Element
from incasso.fatturapa.records import FatturaError

_FORBIDDEN: Final = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_ENCODING: Final = re.compile(rb"^[^>]{0,200}?encoding\s*=\s*[\"']([^\"']*)[\"']")
_UTF8: Final = frozenset({"", "utf-8", "utf8"})
_ENCODINGS: Final = _UTF8 | frozenset(
    "utf-16 utf-16le utf-16be us-ascii ascii "
    "iso-8859-1 iso-8859-15 latin1 windows-1252 cp1252".split()
)
_MOST_TAGS: Final = 1_000_000
"""Opening and closing ones; a real invoice of 10 MB has fewer."""
_LOGGED: Final = 90
"""The parser's log keeps about a hundred lines: a longer one may hide the worst."""

_TWO_OR_MORE: Final = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
"""A letter as UTF-8 writes it."""
_LETTERS: Final = frozenset("àèéìòùâêîôûäöüßçÀÈÉÌÒÙÂÊÎÔÛÄÖÜÇ°")
_WORD: Final = re.compile(r"[^\W\d_]+")


class Parsed(NamedTuple):
    """The outermost element of a file."""

    root: Element
    reencoded: bool
    """The file says UTF-8 and is Latin-1."""


def parsed(xml: bytes) -> Parsed:
    """The tree. Raises FatturaError for what is unsafe, too large, cut off or no XML."""
    bare = xml.replace(b"\0", b"")  # UTF-16 hides nothing
    if _FORBIDDEN.search(bare):
        raise FatturaError(
            sentence("the XML has a DOCTYPE or ENTITY, which no invoice needs: refused")
        )
    if bare.count(b"<") > _MOST_TAGS:
        raise FatturaError(
            sentence("the XML has more than {n} tags, which no invoice has", n=_MOST_TAGS)
        )
    declared = _ENCODING.match(bare)
    encoding = declared[1].decode("ascii", "replace").lower() if declared else ""
    if encoding not in _ENCODINGS:
        raise FatturaError(
            sentence("the XML is in an encoding that no invoice uses: it should be UTF-8")
        )
    latin = encoding in _UTF8 and bare == xml and _is_surely_latin(xml)
    root = _tree(xml.decode("latin-1").encode() if latin else xml)
    if root.getroottree().docinfo.internalDTD is not None:
        raise FatturaError(sentence("the XML has a DOCTYPE, which no invoice needs: refused"))
    return Parsed(Element(root), latin)


def _tree(xml: bytes) -> etree._Element:
    strict, tolerant = _parser(recover=False), _parser(recover=True)
    try:
        return etree.fromstring(xml, strict)
    except (etree.XMLSyntaxError, ValueError) as error:
        refused = FatturaError(sentence("the XML cannot be read: {why}", why=_short(error)))
    if _only_namespaces(strict):
        root = etree.fromstring(xml, tolerant)
        if root is not None and _only_namespaces(tolerant):
            return root
    raise refused


def _parser(*, recover: bool) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=recover,
    )


def _only_namespaces(parser: etree.XMLParser) -> bool:
    """Whether nothing is wrong but names of namespaces, which nobody looks up."""
    log = parser.error_log
    if any(each.type_name == "ERR_NO_MEMORY" for each in log):
        raise MemoryError
    return 0 < len(log) < _LOGGED and all(each.domain_name == "NAMESPACE" for each in log)


def _is_surely_latin(xml: bytes) -> bool:
    """Whether a file that should be UTF-8 is Latin-1 without a doubt.

    No letter is written as UTF-8 writes it, all are letters of our neighbours' languages and the
    degree sign, and each fits the case of its word: the same bytes of MS-DOS or an old Macintosh
    would be other signs. Amounts, days and numbers are ASCII in any of them.
    """
    try:
        xml.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return False
    if _TWO_OR_MORE.search(xml):
        return False
    words = xml.decode("latin-1")
    if not {each for each in words if not each.isascii()} <= _LETTERS:
        return False
    return all(_fits(word) for word in _WORD.findall(words) if not word.isascii())


def _fits(word: str) -> bool:
    """Whether its accented letters have the case of the others: perché, PERCHÉ, École."""
    plain = "".join(each for each in word if each.isascii())
    if len(plain) < 2:
        return True
    if plain.isupper():
        return word.replace("ß", "").isupper()
    return all(each.isascii() or each.islower() for each in word[1:])


def _short(error: Exception) -> str:
    """The parser's words, without the file name it invents."""
    words = re.sub(r"\(<string>, line \d+\)", "", str(error))
    return " ".join(words.split())[:160] or "it is empty"
