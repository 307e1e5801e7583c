"""Reads an authority's answer (RFC 3161), also one whose certificates stand in another order.

DER wants the members of a set sorted, and rfc3161-client refuses a set that is not. Some
authorities send their chain as it hangs together. The certificates are not covered by the
signature, so they may be sorted for reading; what is kept on the disk is the answer as it came.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from rfc3161_client import TimeStampResponse

_CERTIFICATES: Final = 0xA0
"""The tag of SignedData.certificates (RFC 5652 §5.1), and of the content around it."""


def answer_of(content: bytes) -> TimeStampResponse:
    """The answer. Raises ValueError."""
    from rfc3161_client import decode_timestamp_response

    try:
        return decode_timestamp_response(content)
    except ValueError:
        return decode_timestamp_response(_sorted(content))


class _Part(NamedTuple):
    """One element of DER: its tag, where it begins, where its content does, and where it ends."""

    tag: int
    at: int
    inside: int
    end: int


def _sorted(content: bytes) -> bytes:
    """The same answer with its certificates in the order of DER; their bytes stay.

    TimeStampResp { status, ContentInfo { type, [0] SignedData { …, [0] certificates, … } } }.
    """
    answer, *_ = _parts(content, 0, len(content))
    _status, token = _parts(content, answer.inside, answer.end)
    _type, explicit = _parts(content, token.inside, token.end)
    signed, *_ = _parts(content, explicit.inside, explicit.end)
    for part in _parts(content, signed.inside, signed.end):
        if part.tag == _CERTIFICATES:
            each = [content[one.at : one.end] for one in _parts(content, part.inside, part.end)]
            return content[: part.inside] + b"".join(sorted(each)) + content[part.end :]
    return content


def _parts(content: bytes, at: int, end: int) -> Iterator[_Part]:
    """The elements that follow each other. Raises ValueError for what is cut off."""
    while at < end:
        if at + 2 > end:
            raise ValueError
        size, inside = content[at + 1], at + 2
        if size & 0x80:
            count = size & 0x7F
            size, inside = int.from_bytes(content[inside : inside + count]), inside + count
        if inside + size > end:
            raise ValueError
        yield _Part(content[at], at, inside, inside + size)
        at = inside + size
