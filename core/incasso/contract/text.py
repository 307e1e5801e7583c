"""Sentences for people that keep their English template and values, so that a face can translate.

A `Text` is an ordinary string, the English sentence: it can be raised, logged, stored and compared
as such. To show it to a person, `incasso.locale.localize` renders it in their language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from typing import Any, Final, TypeAlias

TextValue: TypeAlias = Any
"""Text, str, int, Decimal, date, datetime, an enum, None (nothing), or a list of those."""


class Text(str):
    """An English sentence with the template and the values it was made from."""

    template: str
    plural: str
    """The plural template; empty: the sentence counts nothing."""
    values: Mapping[str, TextValue]
    context: str
    """The context of a single word; empty for sentences, which explain themselves."""

    __slots__ = ("context", "plural", "template", "values")

    def __new__(
        cls,
        template: str,
        values: Mapping[str, TextValue] | None = None,
        plural: str = "",
        context: str = "",
    ) -> Text:
        values = values or {}
        chosen = plural if plural and values["n"] != 1 else template
        made = super().__new__(cls, chosen.format_map({k: _plain(v) for k, v in values.items()}))
        made.template = template
        made.plural = plural
        made.values = MappingProxyType(dict(values))
        made.context = context
        return made

    def __str__(self) -> str:
        # `str(error)` of an error made with a Text is that Text: its template is not lost.
        return self

    def __reduce__(self) -> tuple[type[Text], tuple[str, dict[str, TextValue], str, str]]:
        return Text, (self.template, dict(self.values), self.plural, self.context)

    def __deepcopy__(self, _memo: object) -> Text:
        return self


def text(template: str, /, **values: TextValue) -> Text:
    """A sentence for people: `text("Nothing is open on {subject}.", subject=subject)`.

    The template is one whole English sentence and a literal, because the catalogues of the other
    languages are collected from the source. Values are given as they are: dates, amounts and
    enums are written in the reader's form. A brace of the sentence itself is doubled.
    """
    return Text(template, values)


def counted(one: str, many: str, /, n: int, **values: TextValue) -> Text:
    """A sentence about a number: `counted("{n} row is wrong.", "{n} rows are wrong.", n=n)`."""
    return Text(one, {"n": n, **values}, many)


def term(context: str, word: str, /) -> Text:
    """A single word with its context: "open" of a case is not "open" of an installment."""
    return Text(word, context=context)


SEVERAL: Final = "{several}"


class Several(tuple[str, ...]):
    """Sentences that are shown together."""

    between: str

    def __new__(cls, sentences: Iterable[str], between: str) -> Several:
        made = super().__new__(cls, sentences)
        made.between = between
        return made


def lines(sentences: Iterable[str], /) -> Text:
    """Several sentences as one text, each on its own line."""
    return Text(SEVERAL, {"several": Several(sentences, "\n")})


def in_a_row(sentences: Iterable[str], /) -> Text:
    """Several sentences as one text, with semicolons between them."""
    return Text(SEVERAL, {"several": Several(sentences, "; ")})


def template(sentence: str, /) -> str:
    """Marks a sentence in a table, which `Text(sentence, values)` fills later."""
    return sentence


def encodable(value: object) -> str:
    """The `enc_hook` of every msgspec encoder that may meet a Text: msgspec knows `str` alone."""
    if isinstance(value, Text):
        return str.__str__(value)
    raise NotImplementedError(f"{type(value).__name__} is not written as JSON")


def _plain(value: TextValue) -> TextValue:
    """A value as the English sentence shows it; ISO dates, decimal point."""
    match value:
        case str() if not isinstance(value, Enum):
            return value
        case None:
            return ""
        case Enum():
            return str(value.value)
        case datetime():
            return value.isoformat(" ", "minutes")
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value:f}"
        case Several():
            return value.between.join(str(each) for each in value)
        case list() | tuple():
            return ", ".join(str(_plain(each)) for each in value)
    return value
