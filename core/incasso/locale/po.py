"""Catalogue files: `.po` for whoever translates, `.mo` for the program; written by Babel."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from incasso.locale.collecting import Word


class _Plain(Catalog):
    """A catalogue whose heading says nothing that changes by itself: no dates, no versions."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        return [
            ("Language", str(self.locale)),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
            ("Plural-Forms", self.plural_forms),
        ]


def load(file: Path, language: str) -> Catalog:
    """The catalogue of a file; an empty one if there is none yet."""
    if not file.exists():
        return _Plain(locale=language, header_comment="", fuzzy=False)
    with file.open("rb") as stream:
        return read_po(stream, locale=language)


def merged(words: Iterable[Word], known: Catalog, language: str) -> Catalog:
    """The words that are in use now, each with the translation that is known."""
    made = _Plain(locale=language, header_comment="", fuzzy=False)
    for word in sorted(words):
        old = known.get(word.english, word.context or None)
        flags = [flag for flag in (old.flags if old else ()) if flag == "fuzzy"]
        key = (word.english, word.plural) if word.plural else word.english
        string = old.string if old and isinstance(old.string, str) != bool(word.plural) else None
        made.add(key, string, flags=flags, context=word.context or None)
    return made


def as_po(catalogue: Catalog) -> bytes:
    """The text a translator edits."""
    stream = BytesIO()
    write_po(stream, catalogue, width=100, sort_output=True, no_location=True)
    return stream.getvalue()


def as_mo(catalogue: Catalog, language: str) -> bytes:
    """The form the program reads; words that are not translated are left out."""
    plain = _Plain(locale=language)
    for message in catalogue:
        if message.id and message.string and not message.fuzzy:
            plain.add(message.id, message.string, context=message.context)
    stream = BytesIO()
    write_mo(stream, plain)
    return stream.getvalue()
