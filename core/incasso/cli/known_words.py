"""What a filter may be given: the codes there are, or the words by which tables call them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

import typer

from incasso.cli.language import language
from incasso.cli.words import word_of
from incasso.contract.text import text
from incasso.store.lists.listing import Filter, Listing


def codes_of(one: Filter, listing: Listing, given: Sequence[str]) -> tuple[str, ...]:
    """The codes that are meant; a word that several codes have means all of them.

    Raises BadParameter for a word that no row can have.
    """
    assert one.known is not None
    words = _words(one, listing, one.known())
    meant: dict[str, list[str]] = {}
    for code, word in words.items():
        for name in dict.fromkeys((code.casefold(), word.casefold())):
            meant.setdefault(name, []).append(code)
    found: dict[str, None] = {}
    for each in given:
        # A code is itself, whatever else is called like it.
        codes = [each] if each in words else meant.get(each.strip().casefold())
        if not codes:
            raise typer.BadParameter(_none_of(each, words))
        found |= dict.fromkeys(codes)
    return tuple(found)


def _words(one: Filter, listing: Listing, codes: Iterable[str]) -> Mapping[str, str]:
    """Every code with its word in the office's language."""
    columns = (column for column in listing.columns if column.key == one.name)
    vocabulary = next((column.vocabulary for column in columns), one.name)
    return {str(code): word_of(vocabulary, code, language()) for code in codes}


def _none_of(word: str, words: Mapping[str, str]) -> str:
    """A word that does not exist, with all that do and the one it looks like."""
    known = [code if name in ("", code) else f"{code} ({name})" for code, name in words.items()]
    near = get_close_matches(word.casefold(), [*words, *map(str.casefold, words.values())], 1, 0.75)
    if near:
        return text(
            "'{word}' is none of {known}; did you mean '{near}'?",
            word=word,
            known=known,
            near=near[0],
        )
    return text("'{word}' is none of {known}", word=word, known=known)
