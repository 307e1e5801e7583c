"""A `Text` in somebody's language: its template from the catalogues, its values in their form."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

from incasso.contract.text import SEVERAL, Several, Text
from incasso.locale.catalogues import catalogues
from incasso.locale.elision import elided
from incasso.locale.forms import amount_text, day_text, flag_text, moment_text
from incasso.locale.language import ENGLISH, ITALIAN

if TYPE_CHECKING:
    from incasso.locale.labels import Labels


def localize(text: str, language: str) -> str:
    """The sentence in this language, as an ordinary string.

    What is no `Text`, or has no translation, stays as it is: English.
    """
    if not isinstance(text, Text):
        return text
    template = _template(text, language)
    if template is None:
        return str.__str__(text)
    said = template.format_map({key: shown(value, language) for key, value in text.values.items()})
    return elided(said) if language == ITALIAN else said


def translated(words: str, language: str) -> str:
    """Help and the like, which is a plain string and has no values."""
    if not words or language == ENGLISH:
        return words
    for catalogue in catalogues(language):
        if found := catalogue.gettext(words):
            return found
    return words


def label(labels: Labels, code: str, language: str) -> str:
    """The word for a code in this language; the code itself if it has none."""
    return localize(labels.get(code, code), language)


def shown(value: Any, language: str) -> Any:
    """A value of a sentence as people of this language write it."""
    match value:
        case Text():
            return localize(value, language)
        case str() if not isinstance(value, Enum):
            return value
        case None:
            return ""
        case Enum():
            from incasso.locale.labels import label_of

            return localize(label_of(value), language)
        case bool():
            return flag_text(value, language)
        case datetime():
            return moment_text(value, language)
        case date():
            return day_text(value, language)
        case Decimal():
            return amount_text(value, language)
        case Several():
            return value.between.join(localize(each, language) for each in value)
        case list() | tuple():
            return ", ".join(str(shown(each, language)) for each in value)
    return value


def _template(text: Text, language: str) -> str | None:
    """The template in this language; None if no catalogue knows it."""
    if text.template == SEVERAL:
        return SEVERAL
    if not text:
        return ""  # gettext keeps the catalogue's heading under the empty key
    english = text.plural if text.plural and text.values["n"] != 1 else text.template
    if language == ENGLISH:
        return english
    for catalogue in catalogues(language):
        if text.plural:
            found = catalogue.ngettext(text.template, text.plural, text.values["n"])
        elif text.context:
            found = catalogue.pgettext(text.context, text.template)
        else:
            found = catalogue.gettext(text.template)
        if found:
            return found
    return None
