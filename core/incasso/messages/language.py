"""The languages a message can be written in: one file each in `languages/`."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from datetime import date
from functools import lru_cache
from importlib.resources import files

import msgspec

from incasso.contract.values import Money, Value
from incasso.locale.elision import elided
from incasso.messages.formats import date_text, money_text, plural_text


class Language(Value, frozen=True, kw_only=True):
    """How one language writes dates and money, and the words every message shares."""

    code: str
    name: str
    locale: str
    """Babel locale, e.g. en_GB."""
    short_date: str
    """CLDR pattern of the dates in tables."""
    first_day: str = ""
    """How the first of a month is written in a sentence, where it is not "1"."""
    elides: bool = False
    """Whether articles lose their vowel before a number (Italian)."""
    countries: tuple[str, ...] = ()
    """ISO codes of the countries whose clients are written to in this language."""
    labels: Mapping[str, str]
    document_kinds: Mapping[str, str]
    payment_methods: Mapping[str, str]
    media: Mapping[str, str] = {}
    """What a message by each medium is called inside a sentence."""
    forbidden_in_subject: tuple[str, ...] = ()
    claims_earlier: tuple[str, ...] = ()
    """Phrases, in small letters, that say there was an earlier message."""
    claims_silence: tuple[str, ...] = ()
    """Phrases, in small letters, that say the client did not answer."""
    salutations: tuple[str, ...] = ()
    """Words by which the last paragraph of a message is known as a salutation."""

    def money(self, money: Money) -> str:
        """An amount with its currency."""
        return money_text(money, self.locale)

    def short(self, day: date) -> str:
        """A date for a table."""
        return date_text(day, self.locale, self.short_date)

    def long(self, day: date) -> str:
        """A date inside a sentence."""
        written = date_text(day, self.locale, "long")
        return self.first_day + written[1:] if self.first_day and day.day == 1 else written

    def joined(self, text: str) -> str:
        """Finished words with their articles joined to what follows, where the language does."""
        return elided(text) if self.elides else text

    def plural(self, count: int, *forms: str) -> str:
        """The form that fits the number."""
        return plural_text(count, forms, self.locale)

    def phone(self, number: str) -> str:
        """A telephone number that no line break cuts; empty stays empty."""
        return self.label("phone", number=number).replace(" ", "\xa0") if number else ""

    def label(self, name: str, /, **values: object) -> str:
        """A shared word or sentence with its `{values}` filled in."""
        text = self.labels[name]
        for key, value in values.items():
            text = text.replace(f"{{{key}}}", str(value))
        return self.joined(text)


@lru_cache(maxsize=1)
def languages() -> Mapping[str, Language]:
    """Every language that ships with the hub, by code."""
    folder = files("incasso.messages").joinpath("languages")
    found = [
        msgspec.convert(tomllib.loads(file.read_text("utf-8")), Language)
        for file in folder.iterdir()
        if file.name.endswith(".toml")
    ]
    return {language.code: language for language in sorted(found, key=lambda each: each.code)}


def resolve_language(
    wanted: str, country: str, available: Collection[str], default: str = "it"
) -> str:
    """The one language of a message: what the client asks for, else its country's, else English.

    `available` are the languages the template is published in; what is not available is passed
    over, and the office's own `default` is the last resort.
    """
    home = [each.code for each in languages().values() if (country or "IT") in each.countries]
    asked = wanted.replace("_", "-").split("-")[0].lower()
    foreign = ["en"] if home != [default] else []
    for code in [asked, *home, *foreign, default]:
        if code in available and code in languages():
            return code
    return default
