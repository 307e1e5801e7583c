"""What is wrong with one element, by the published schema, as a sentence with line and field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from lxml import etree

from incasso.api import Problem, Text, nearest, text

_PACKAGE: Final = "incasso_xml"
_LONGEST: Final = 80
_FIELD: Final = re.compile(r"^Element '(?:\{[^}]*\})?([^']*)'")
_NAMES: Final = re.compile(r"\{[^}]*\}(\w+)")

# How libxml2 says it: there are no codes that tell these cases apart.
_NOT_OF_THE_SET: Final = re.compile(r"The value '(.*)' is not an element of the set \{(.*)\}", re.S)
_NOT_OF_THE_TYPE: Final = re.compile(
    r": '(.*)' is not a valid value of the (\w+) type '(.*)'", re.S
)
_PATTERN: Final = re.compile(r"The value '(.*)' is not accepted by the pattern", re.S)
_LENGTH: Final = re.compile(r"length of '(\d+)'; this (exceeds|underruns) .* of '(\d+)'")
_NEEDED: Final = re.compile(r"The attribute '(\w+)' is required but missing")
_STRANGE: Final = re.compile(r"The attribute '(.*)' is not allowed")


@cache
def schema() -> Any:
    """The schema that is shipped beside this module."""
    return etree.XMLSchema(etree.fromstring(schema_bytes()))


def schema_bytes() -> bytes:
    """The schema as a file, to hand to an agency."""
    return files(_PACKAGE).joinpath("exchange.xsd").read_bytes()


def problem_of(element: Any) -> Problem | None:
    """Why this element is not what the schema asks for; None if it is."""
    rules = schema()
    if rules.validate(element):
        return None
    return _problem(rules.error_log[0])


def _problem(error: Any) -> Problem:
    found = _FIELD.match(error.message)
    field = found[1] if found else ""
    words, cure = _of_value(error.message) or _of_shape(error.message, field)
    told = text("line {line}, “{field}”: {words}", line=error.line, field=field, words=words)
    return Problem(code="xml", field=field, message=told, hint=cure)


def _of_value(message: str) -> tuple[Text, Text | str] | None:
    """What is wrong with what stands in the element."""
    if found := _NOT_OF_THE_SET.search(message):
        allowed = re.findall(r"'([^']*)'", found[2])
        return _cannot_be(found[1]), nearest(found[1], allowed)
    if found := _PATTERN.search(message):
        return _cannot_be(found[1]), _HOW["currency" if "'currency'" in message else "instant"]
    if found := _NOT_OF_THE_TYPE.search(message):
        kind = found[3].rpartition(":")[2].replace("dateTime", "instant")
        return _cannot_be(found[1]), _HOW.get(kind, _BY_THE_SCHEMA)
    if found := _LENGTH.search(message):
        if found[2] == "underruns":
            return text("it is empty"), text("leave the element away")
        told = text("{count} characters; the limit is {most}", count=found[1], most=found[3])
        return told, ""
    return None


def _of_shape(message: str, field: str) -> tuple[Text, Text | str]:
    """What is wrong with the element itself, or with what it holds."""
    expected = _NAMES.findall(message.partition("Expected is")[2])
    if "Missing child" in message:
        names = ", ".join(expected)
        return text("something is missing in it"), text("expected: {names}", names=names)
    if "not expected" in message:
        return text("it does not belong here"), nearest(field, expected) if expected else ""
    if found := _NEEDED.search(message):
        return text("it lacks the attribute “{name}”", name=found[1]), ""
    if found := _STRANGE.search(message):
        return text("it has no attribute “{name}”", name=found[1][:_LONGEST]), ""
    return text("it holds what it may not hold"), _BY_THE_SCHEMA


def _cannot_be(said: str) -> Text:
    return text("“{said}” is not possible here", said=said[:_LONGEST])


_BY_THE_SCHEMA: Final = text("the schema exchange.xsd says what is allowed")
_HOW: Final[Mapping[str, Text]] = {
    "date": text("a day is written like 2026-11-30"),
    "currency": text("a currency has three capital letters, like EUR"),
    "instant": text("an instant is written like 2026-11-30T09:15:00+01:00, with its time zone"),
    "decimal": text("an amount is written like 1234.50"),
    "boolean": text("write true or false"),
}
