"""A Text as a plain string for a database, and back: its readers may have another language.

An ordinary string is kept as it is and stays readable in the table.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final

from incasso.contract.text import Several, Text

_MARK: Final = '{"sentence": '


def to_column(words: str) -> str:
    """What is written into the column."""
    if not words:
        return ""
    if not isinstance(words, Text):
        # An ordinary string that looks like our form is kept as the value of a sentence.
        return to_column(Text("{words}", {"words": words})) if words.startswith(_MARK) else words
    return json.dumps(_packed(words), ensure_ascii=False)


def from_column(kept: str) -> str:
    """The stored string or Text; a value that cannot be parsed is returned as it is."""
    if not kept.startswith(_MARK):
        return kept
    try:
        return _unpacked(json.loads(kept))
    except (ValueError, KeyError, TypeError, AttributeError, LookupError):
        return kept


def as_facts(name: str, words: str) -> dict[str, str]:
    """A sentence as facts of a record for programs: in English under its name, and beside it, as
    `told`, in the form that is read in every language."""
    plain = str.__str__(words)
    return {name: plain, "told": to_column(words)} if isinstance(words, Text) else {name: plain}


def told_in(facts: Mapping[str, Any], words: str) -> str:
    """The sentence behind the English words of such facts; these words where it is another's."""
    told = from_column(str(facts.get("told") or ""))
    return told if str.__str__(told) == words else words


def _packed(words: Text) -> dict[str, Any]:
    packed: dict[str, Any] = {"sentence": words.template}
    if words.plural:
        packed["plural"] = words.plural
    if words.context:
        packed["context"] = words.context
    if words.values:
        packed["values"] = {name: _value(each) for name, each in words.values.items()}
    return packed


def _value(value: Any) -> Any:
    match value:
        case Text():
            return _packed(value)
        case Enum():
            return str(value.value)
        case datetime():
            return {"moment": value.isoformat()}
        case date():
            return {"day": value.isoformat()}
        case Decimal():
            return {"number": f"{value:f}"}
        case Several():
            return {"several": [_value(each) for each in value], "between": value.between}
        case list() | tuple():
            return [_value(each) for each in value]
        case str() | int() | None:
            return value
    return str(value)


def _unpacked(packed: Mapping[str, Any]) -> Text:
    values = {name: _read(each) for name, each in packed.get("values", {}).items()}
    return Text(packed["sentence"], values, packed.get("plural", ""), packed.get("context", ""))


def _read(value: Any) -> Any:
    match value:
        case {"day": written}:
            return date.fromisoformat(written)
        case {"moment": written}:
            return datetime.fromisoformat(written)
        case {"several": several, "between": between}:
            return Several(map(_read, several), between)
        case {"number": written}:
            return Decimal(written)
        case dict():
            return _unpacked(value)
        case list():
            return [_read(each) for each in value]
    return value
