"""Every way in which a secret may come back: as it is, escaped, in hexadecimal, in base64.

A mail server that echoes a refused login says base64 of "\\0user\\0password"; a web server says the
address it was asked, percent-encoded; a JSON body escapes quotes. So the secret is looked for in
each form, and of base64 the whole run goes, because the letters beside the secret hold parts of it.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from html.entities import codepoint2name
from typing import Final

STARS: Final = "********"
_SHORTEST: Final = 4  # masking a shorter secret would hit ordinary words
_FOLD: Final = r"(?:=?\r?\n[ \t]?)?"
"""A line break within: of quoted-printable (`=` and a break), of a folded header or a long line."""
_BETWEEN_BYTES: Final = r"(?:\\x|0x|[%=:\s-])?"
_BASE64: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=")
_JSON: Final = {"\n": "n", "\r": "r", "\t": "t", "\b": "b", "\f": "f"}


class SecretForms:
    """Finds the given secrets in a text, however they are written."""

    def __init__(self, secrets: Iterable[str]) -> None:
        known = sorted(
            {each for each in secrets if len(each) >= _SHORTEST},
            key=lambda each: (-len(each), each),
        )
        self._plain = _any_of(form for each in known for form in _written(each))
        self._base64 = _any_of(form for each in known for form in _in_base64(each))

    def starred(self, words: str) -> str:
        """The text with eight stars in the place of each secret; the same object if it has none."""
        found = self._base64.search(words) if self._base64 else None
        while found is not None and self._base64:
            start, end = _run(words, *found.span())
            words = words[:start] + STARS + words[end:]
            found = self._base64.search(words, start + len(STARS))
        if self._plain is None or self._plain.search(words) is None:
            return words
        return self._plain.sub(STARS, words)


def _any_of(patterns: Iterable[str]) -> re.Pattern[str] | None:
    """One expression for all of them, in the order given; None for none."""
    every = list(dict.fromkeys(patterns))
    return re.compile("|".join(every)) if every else None


def _run(words: str, start: int, end: int) -> tuple[int, int]:
    """The whole unbroken run of base64 around what was found."""
    while start > 0 and words[start - 1] in _BASE64:
        start -= 1
    while end < len(words) and words[end] in _BASE64:
        end += 1
    return start, end


def _written(secret: str) -> Iterator[str]:
    """Letter by letter, each as itself or escaped; and byte by byte in hexadecimal."""
    yield _FOLD.join(map(_letter, secret))
    for raw in _bytes_of(secret):
        yield "(?i:" + _BETWEEN_BYTES.join(f"{byte:02x}" for byte in raw) + ")"


def _letter(letter: str) -> str:
    """One letter in every escape that servers, JSON, HTML and Python use, also mixed."""
    code = ord(letter)
    forms = [re.escape(letter), rf"\\{{1,4}}{re.escape(_JSON.get(letter, letter))}"]
    forms += [_escaped_bytes(letter.encode("utf-8", "surrogatepass"))]
    if 0x7F < code < 0x100:
        forms.append(_escaped_bytes(bytes([code])))
    forms.append(_escaped_units(letter.encode("utf-16-be", "surrogatepass").hex()))
    forms += [rf"&#0*{code};", rf"(?i:&#x0*{code:x};)"]
    if letter == " ":
        forms.append(r"\+")
    if code in codepoint2name:
        forms.append(f"&{codepoint2name[code]};")
    return "(?:" + "|".join(forms) + ")"


def _escaped_bytes(raw: bytes) -> str:
    """The bytes as `%2F`, also escaped again (`%252F`), as `=2F` and as `\\x2f`."""
    return "(?i:" + "".join(rf"(?:%(?:25){{0,3}}|=|\\{{1,4}}x){byte:02x}" for byte in raw) + ")"


def _escaped_units(units: str) -> str:
    """UTF-16 in hexadecimal as JSON escapes it: `\\u00e8`, two of them beyond the first plane."""
    return (
        "(?i:" + "".join(rf"\\{{1,4}}u{units[at : at + 4]}" for at in range(0, len(units), 4)) + ")"
    )


def _in_base64(secret: str) -> Iterator[str]:
    """The letters that base64 has of it at each of three offsets, line breaks allowed."""
    for raw in _bytes_of(secret):
        for before in range(3):
            written = b64encode(bytes(before) + raw).decode().rstrip("=")
            # Letters that hold bits of what stands before or behind it may be any.
            whole = written[(before * 8 + 5) // 6 : (before + len(raw)) * 8 // 6]
            yield r"\s*".join(map(_sign, whole))


def _sign(letter: str) -> str:
    """A letter of base64, in the ordinary alphabet and that of addresses."""
    return {"+": "[+-]", "/": "[/_]"}.get(letter, letter)


def _bytes_of(secret: str) -> list[bytes]:
    """Its bytes as mail, the web, old programs and Windows write them."""
    found = [secret.encode("utf-8", "surrogatepass"), secret.encode("utf-16-le", "surrogatepass")]
    if not secret.isascii() and all(ord(letter) < 0x100 for letter in secret):
        found.append(secret.encode("latin-1"))
    return found
