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
_CUT: Final = re.compile(rb"[\xc2\xc3]")
"""Alone, it is rather half of a UTF-8 letter, where a field was cut at its length."""
_WORD: Final = re.compile(r"[^\W\d_]+")


class Parsed(NamedTuple):
    """The outermost element of a file."""

    root: Element
    reencoded: bool
    """The file says UTF-8 and has letters in Latin-1."""


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
    foreign = encoding in _UTF8 and bare == xml and not _is_utf8(xml)
    latin = _surely_latin(xml) if foreign else None
    if foreign and latin is None:
        raise FatturaError(
            sentence(
                "the XML cannot be read: it says UTF-8 and has letters in another encoding, the "
                "first in line {line}; have it exported again",
                line=_first_foreign_line(xml),
            )
        )
    root = _tree(xml if latin is None else latin)
    if root.getroottree().docinfo.internalDTD is not None:
        raise FatturaError(sentence("the XML has a DOCTYPE, which no invoice needs: refused"))
    return Parsed(Element(root), latin is not None)


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


def _is_utf8(xml: bytes) -> bool:
    try:
        xml.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _first_foreign_line(xml: bytes) -> int:
    """Where the first byte stands that is no UTF-8; counted from 1."""
    known = _TWO_OR_MORE.sub(lambda found: b"x" * len(found[0]), xml)
    start = next((at for at, byte in enumerate(known) if byte > 127), 0)
    return known.count(b"\n", 0, start) + 1


def _surely_latin(xml: bytes) -> bytes | None:
    """A file that should be UTF-8 and is Latin-1 without a doubt, as UTF-8; None if in doubt.

    All are letters of our neighbours' languages and the degree sign, and each fits the case of its
    word: the same bytes of MS-DOS or an old Macintosh would be other signs. Some programs put
    texts of two origins together, so letters that UTF-8 writes may stand beside them. Amounts,
    days and numbers are ASCII in any of them.
    """
    words, end = "", 0
    for found in _TWO_OR_MORE.finditer(xml):
        words += xml[end : found.start()].decode("latin-1") + found[0].decode("utf-8", "replace")
        end = found.end()
    if end and _CUT.search(_TWO_OR_MORE.sub(b"", xml)):
        return None
    words += xml[end:].decode("latin-1")
    if not {each for each in words if not each.isascii()} <= _LETTERS:
        return None
    sure = all(_fits(word) for word in _WORD.findall(words) if not word.isascii())
    return words.encode() if sure else None


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
    return " ".join(words.split())[:160] or sentence("it is empty")
