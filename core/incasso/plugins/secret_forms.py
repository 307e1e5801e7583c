"""Every way in which servers and libraries repeat a secret: as it is, escaped, in hexadecimal, in
base64, over several lines of a reply.

A mail server that echoes a refused login says base64 of "\\0user\\0password"; a web server says the
address it was asked, percent-encoded; a JSON body escapes quotes; HTTP libraries write a host in
small letters. So the secret is looked for in each form, and of base64 the whole run goes, because
the letters beside the secret hold parts of it. What is not looked for, because nothing that speaks
to a hub does it, is listed in docs/plugins/index.md.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from html.entities import codepoint2name
from typing import Final

from incasso.plugins.unfolding import Span, unfoldings

STARS: Final = "********"
_SHORTEST: Final = 4  # masking a shorter secret would hit ordinary words
_LONG: Final = 8  # a shorter secret in other case may be an ordinary word
_LONGEST: Final = 128
"""A longer one is a key file, a certificate or a token. Letter by letter in every escape it would
take seconds at each start, so its unbroken runs are looked for as they are."""
_BEGUN: Final = 48
"""So much of a long one is looked for in base64; the run that it begins goes whole."""
_RUNS: Final = re.compile(r"[A-Za-z0-9+/_=-]{20,}")
_BETWEEN_BYTES: Final = r"(?:\\x|0x|[%=:-]|\s{1,3})?"
_BASE64: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=%")
_JSON: Final = {"\n": "n", "\r": "r", "\t": "t", "\b": "b", "\f": "f"}


class SecretForms:
    """Finds the given secrets in a text, however they are written."""

    def __init__(self, secrets: Iterable[str]) -> None:
        known = sorted(
            {each for each in secrets if len(each) >= _SHORTEST},
            key=lambda each: (-len(each), each),
        )
        short = [each for each in known if len(each) <= _LONGEST]
        long = [each for each in known if len(each) > _LONGEST]
        runs = [re.escape(run) for each in long for run in _runs(each)]
        self._plain = _any_of([*runs, *(form for each in short for form in _written(each))])
        begun = [*short, *(each[:_BEGUN] for each in long)]
        self._base64 = _any_of(form for each in begun for form in _in_base64(each))

    def starred(self, words: str) -> str:
        """The text with eight stars in the place of each secret; the same object if it has none."""
        if self._plain is None:
            return words
        found = list(self._found(words, words, _as_it_is))
        for unfolded, place in unfoldings(words):
            found += self._found(words, unfolded, place)
        return _with_stars(words, found) if found else words

    def _found(self, words: str, view: str, place: Callable[[int], int]) -> Iterator[Span]:
        """Where the secrets stand in the text; `view` is the text or what it is without breaks."""
        assert self._plain is not None and self._base64 is not None
        for match in self._plain.finditer(view):
            yield place(match.start()), place(match.end() - 1) + 1
        done = 0  # a run is walked along once, however often the secret is in it
        for match in self._base64.finditer(view):
            if place(match.start()) >= done:
                start, done = _run(words, place(match.start()), place(match.end() - 1) + 1)
                yield start, done


def _runs(secret: str) -> list[str]:
    """The unbroken runs of a long secret; in a JSON file its line ends are written as `\\n`."""
    return _RUNS.findall(secret.replace("\\n", "\n"))


def _as_it_is(at: int) -> int:
    return at


def _with_stars(words: str, spans: Iterable[Span]) -> str:
    """The text with stars for each span; spans that touch or overlap are one."""
    told: list[str] = []
    done = 0
    for start, end in sorted(spans):
        if start > done or not told:
            told += [words[done:start], STARS]
        done = max(done, end)
    return "".join((*told, words[done:]))


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
    yield "".join(_letter(each, any_case=len(secret) >= _LONG) for each in secret)
    for raw in _bytes_of(secret):
        yield "(?i:" + _BETWEEN_BYTES.join(f"{byte:02x}" for byte in raw) + ")"


def _letter(letter: str, *, any_case: bool) -> str:
    """One letter in every escape that servers, JSON, HTML and Python use, also mixed."""
    code = ord(letter)
    itself = _either_case(letter) if any_case else re.escape(letter)
    forms = [itself, rf"\\{{1,4}}{re.escape(_JSON.get(letter, letter))}"]
    forms += [_escaped_bytes(letter.encode("utf-8", "surrogatepass"))]
    if 0x7F < code < 0x100:
        forms.append(_escaped_bytes(bytes([code])))
    forms.append(_escaped_units(letter.encode("utf-16-be", "surrogatepass").hex()))
    forms += [rf"&#0*{code};", rf"(?i:&#x0*{code:x};)"]
    if letter == " ":
        forms.append("[+_]")  # `_` in the headers of a mail
    if code in codepoint2name:
        forms.append(f"&{codepoint2name[code]};")
    return "(?:" + "|".join(forms) + ")"


def _either_case(letter: str) -> str:
    """The letter, small or capital."""
    both = sorted(each for each in {letter, letter.lower(), letter.upper()} if len(each) == 1)
    return f"[{''.join(map(re.escape, both))}]"


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
    """A letter of base64: in the ordinary alphabet, that of addresses, or escaped for them."""
    return {"+": "(?:[+-]|%(?:25)?2[Bb])", "/": r"(?:\\{0,4}/|_|%(?:25)?2[Ff])"}.get(letter, letter)


def _bytes_of(secret: str) -> list[bytes]:
    """Its bytes as mail, the web, old programs and Windows write them."""
    found = [secret.encode("utf-8", "surrogatepass"), secret.encode("utf-16-le", "surrogatepass")]
    if not secret.isascii() and all(ord(letter) < 0x100 for letter in secret):
        found.append(secret.encode("latin-1"))
    return found
