"""Take the XML out of a signed envelope (.p7m, CAdES). The signature itself is not checked."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as NotBase64
from typing import Final

from asn1crypto import cms

from incasso.contract.text import text
from incasso.fatturapa.records import FatturaError

MOST_BYTES: Final = 10 * 1024 * 1024
"""Of one file: twice what the exchange system takes (5 MB)."""

_MOST_ENVELOPES: Final = 3
"""Some offices sign what is signed already; more than four layers are refused."""
_MOST_CODINGS: Final = 4
"""Some programs write in base64 what is in base64 already."""

_ARMOUR: Final = re.compile(rb"-----[A-Z0-9 ]+-----")
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/=\s]+")
_BOMS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_SEQUENCE: Final = 0x30
"""The first byte of every ASN.1 message."""


def xml_of(content: bytes) -> bytes:
    """The XML of a file that is XML or has it signed inside, in DER, PEM or base64.

    Base64 may be there more than once, and without its padding. Raises FatturaError for anything
    else, and for more than `MOST_BYTES`.
    """
    if len(content) > MOST_BYTES:
        raise FatturaError(
            text(
                "the file has {n} bytes, more than {most_bytes}",
                n=len(content),
                most_bytes=MOST_BYTES,
            )
        )
    envelopes = codings = 0
    while not (content := content.lstrip(b" \t\r\n")).startswith((b"<", *_BOMS)):
        if _is_binary(content):
            envelopes += 1
            content = _opened(content)
        else:
            codings += 1
            content = _decoded(content)
        if envelopes > _MOST_ENVELOPES or codings > _MOST_CODINGS:
            raise FatturaError(
                text(
                    "the file is signed more than {most_envelopes} times",
                    most_envelopes=_MOST_ENVELOPES,
                )
            )
    return content


def _is_binary(content: bytes) -> bool:
    """Base64 may begin with the same byte, which is the figure 0."""
    return content[:1] == bytes([_SEQUENCE]) and not _BASE64.fullmatch(content)


def _decoded(content: bytes) -> bytes:
    """What stands in base64; some programs lose the signs that fill its end."""
    if not content:
        raise FatturaError(text("the file is empty"))
    bare = _ARMOUR.sub(b"", content)
    if not _BASE64.fullmatch(bare):
        raise FatturaError(text("the file is neither XML nor a signed envelope (p7m)"))
    signs = b"".join(bare.split()).rstrip(b"=")
    try:
        return b64decode(signs + b"=" * (-len(signs) % 4), validate=True)
    except NotBase64:
        raise FatturaError(text("the signed envelope (p7m) is damaged or cut off")) from None


def _opened(content: bytes) -> bytes:
    """What an envelope holds. The library raises many kinds of errors for damaged files."""
    try:
        envelope = cms.ContentInfo.load(content)
        if envelope["content_type"].native != "signed_data":
            raise FatturaError(text("the file is an envelope without a signature, or encrypted"))
        inside = envelope["content"]["encap_content_info"]["content"].native
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        raise FatturaError(text("the signed envelope (p7m) is damaged or cut off")) from None
    if not isinstance(inside, bytes) or not inside:
        raise FatturaError(text("the envelope holds only a signature: the invoice lies beside it"))
    return inside
