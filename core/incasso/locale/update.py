"""`python -m incasso.locale.update PACKAGE…`: bring the catalogues of packages up to date.

New words are added empty, unused ones dropped, and the `.mo` files compiled; what is left to do is
printed. `--check` changes nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from babel.messages.catalog import Catalog, Message

from incasso.locale.catalogues import file_of
from incasso.locale.collecting import Word, collect, placeholders
from incasso.locale.language import ENGLISH, LANGUAGES
from incasso.locale.po import as_mo, as_po, load, merged


def update(package: Path) -> None:
    """Write `.po` and `.mo` of every language for the package in this folder."""
    words = collect(package).words
    for language in _translated():
        po, mo = _files(package, language)
        if not words and not po.exists():
            continue
        po.parent.mkdir(parents=True, exist_ok=True)
        catalogue = merged(words, load(po, language), language)
        po.write_bytes(as_po(catalogue))
        mo.write_bytes(as_mo(catalogue, language))


def problems(package: Path) -> Iterator[str]:
    """What is wrong with the words of a package, one line each."""
    collected = collect(package)
    yield from collected.problems
    for language in _translated():
        po, mo = _files(package, language)
        known = load(po, language)
        yield from _differences(collected.words, known, po)
        for message in known:
            if message.id:
                yield from _untranslated(message, po)
        if po.exists() and (not mo.exists() or mo.read_bytes() != as_mo(known, language)):
            yield f"{mo}: not compiled from {po.name}"


def _translated() -> Iterator[str]:
    yield from (language for language in LANGUAGES if language != ENGLISH)


def _files(package: Path, language: str) -> tuple[Path, Path]:
    folder = package / "locale"
    return file_of(folder, package.name, language, "po"), file_of(folder, package.name, language)


def _differences(words: set[Word], known: Catalog, po: Path) -> Iterator[str]:
    """Words of the source that the catalogue lacks, and the other way round."""
    there = {_word(message) for message in known if message.id}
    yield from (f"{po}: missing: {word.english!r}" for word in sorted(words - there))
    yield from (f"{po}: unused: {word.english!r}" for word in sorted(there - words))


def _word(message: Message) -> Word:
    english, plural = message.id if isinstance(message.id, (tuple, list)) else (message.id, "")
    return Word(english, plural, message.context or "")


def _untranslated(message: Message, po: Path) -> Iterator[str]:
    """A translation that is empty, doubtful, or shows other values than the English words."""
    many = not isinstance(message.string, str)
    given = [message.string] if isinstance(message.string, str) else list(message.string or [""])
    if not all(given):
        yield f"{po}: not translated: {_word(message).english!r}"
    elif message.fuzzy:
        yield f"{po}: marked fuzzy: {_word(message).english!r}"
    else:
        wanted = set[str]().union(*map(placeholders, filter(None, _forms(message))))
        for form in given:
            # "una riga" may leave the number out; a sentence without a plural may leave out nothing
            shown = placeholders(form)
            if not (shown <= wanted if many else shown == wanted):
                yield f"{po}: other placeholders in {form!r}"


def _forms(message: Message) -> tuple[str, ...]:
    word = _word(message)
    return word.english, word.plural


def main(arguments: Sequence[str]) -> int:
    """Update, or only check; 1 if something is left to do."""
    packages = [Path(each) for each in arguments if not each.startswith("-")]
    if "--check" not in arguments:
        for package in packages:
            update(package)
    left = [line for package in packages for line in problems(package)]
    sys.stdout.writelines(f"{line}\n" for line in left)
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
