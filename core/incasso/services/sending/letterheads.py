"""The letterhead of each company: its table in plugins.toml with its pictures read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final

from incasso.contract.text import Text, text
from incasso.locale.system_words import system_words
from incasso.messages.letterhead import PLAIN, WINDOWS, Letterhead, Side, Window
from incasso.messages.payment_code import valid_iban
from incasso.messages.pictures import UnfitPictureError, drawing_of
from incasso.plugins.settings.company import Company
from incasso.plugins.settings.letterhead import LetterheadTable, WindowPlace

_CAPITAL: Final = re.compile(
    r"\b(s\.?\s?r\.?\s?l|s\.?\s?(a\.?\s?)?p\.?\s?a)\b\.?|società (per azioni|a responsabilità)",
    re.IGNORECASE,
)
"""Companies of which art. 2250 c.c. wants the capital on their letters."""


def letterhead_of(company: Company) -> Letterhead:
    """What its letters look like. A picture that cannot be printed is left out: `check` says so."""
    table = company.letterhead
    if table.is_default:
        return PLAIN
    return Letterhead(
        colour=table.colour,
        logo=_drawing(table.logo),
        logo_width=table.logo_width,
        logo_in_mails=table.logo_in_mails,
        sender=table.sender,
        registered_office=table.registered_office,
        register=table.register,
        rea=table.rea,
        capital=table.capital,
        footer=table.footer,
        signature=_drawing(table.signature),
        window=_window(table),
    )


def letterhead_faults(source: str, company: Company) -> Iterator[Text]:
    """What to tell the office of a company's paper: pictures, the law's contents, the IBAN."""
    table = company.letterhead
    for key, what in (("logo", text("logo")), ("signature", text("picture of the signature"))):
        if (path := getattr(table, key)) is not None and (why := _fault(path)):
            yield text(
                "Letters about {source} are printed without {what}: {path}: {why} "
                "({key} under [companies.{source}.letterhead] in plugins.toml).",
                source=source,
                what=what,
                key=key,
                path=str(path),
                why=why,
            )
    if missing := list(_missing_by_law(table, company.name)):
        yield text(
            "Letters of a company must say its registered office, register and capital (art. 2250 "
            "c.c.): fill in {missing} under [companies.{source}.letterhead] in plugins.toml.",
            missing=", ".join(missing),
            source=source,
        )
    iban = company.iban.replace(" ", "").upper()
    if iban and not valid_iban(iban):
        yield text(
            "The iban under [companies.{source}] in plugins.toml is not valid: its check digits "
            "do not fit. Messages print it as it is, and no payment code.",
            source=source,
        )


def _missing_by_law(table: LetterheadTable, name: str) -> Iterator[str]:
    """Only of offices that began to fill the table in: others may print on paper that says it."""
    if table.is_default or not _CAPITAL.search(name):
        return
    for key in ("registered_office", "register", "capital"):
        if not getattr(table, key):
            yield key


def _window(table: LetterheadTable) -> Window:
    return WINDOWS[Side(table.window)] if table.window_place is None else _own(table.window_place)


def _own(place: WindowPlace) -> Window:
    return Window(
        left=place.left,
        top=place.top,
        width=place.width,
        height=place.height,
        body=place.body or place.top + place.height + 10,
    )


def _drawing(path: Path | None) -> str:
    return "" if path is None else _read(path, _stamp(path))[0]


def _fault(path: Path) -> str:
    return _read(path, _stamp(path))[1]


def _stamp(path: Path) -> tuple[int, int]:
    """What changes when the file does."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


@lru_cache(maxsize=64)
def _read(path: Path, _stamp: tuple[int, int]) -> tuple[str, str]:
    """The drawing, or why there is none."""
    try:
        return drawing_of(path.read_bytes()), ""
    except FileNotFoundError:
        return "", text("there is no such file")
    except OSError as error:
        reason = system_words(error)
        return "", text("cannot be read: {reason}", reason=reason)
    except UnfitPictureError as error:
        return "", error.why
