"""What is wrong with one element, by the published schema, as a sentence with line and field."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Any, Final

from lxml import etree

from incasso.api import Problem, Text, nearest, text

_PACKAGE: Final = "incasso_xml"
_LONGEST: Final = 80
_NAMED: Final = re.compile(r"'\{[^}]*\}([^']*)'|'([^']*)'")
_EXPECTED: Final = re.compile(r"\{[^}]*\}(\w+)")


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
    names = [first or second for first, second in _NAMED.findall(error.message)]
    field = names[0] if names else ""
    said = names[1][:_LONGEST] if len(names) > 1 else ""
    expected = _EXPECTED.findall(error.message.partition("Expected")[2])
    return Problem(
        code="xml",
        field=field,
        message=_words(error.type_name, field, said, error.line, expected),
        hint=_cure(error.message, field, expected),
    )


def _words(kind: str, field: str, said: str, line: int, expected: list[str]) -> Text:
    if kind == "SCHEMAV_ELEMENT_CONTENT" and "not expected" in _of_content(expected, field):
        return text("line {line}: “{field}” does not belong here", line=line, field=field)
    if kind == "SCHEMAV_ELEMENT_CONTENT":
        return text("line {line}: something is missing in “{field}”", line=line, field=field)
    if kind.startswith("SCHEMAV_CVC_COMPLEX_TYPE"):
        return text(
            "line {line}: “{field}” lacks “{attribute}”, or has one it should not have",
            line=line,
            field=field,
            attribute=said,
        )
    return text("line {line}: “{said}” cannot be “{field}”", line=line, said=said, field=field)


def _of_content(expected: list[str], field: str) -> str:
    """Whether the parent is incomplete, or a child is strange; libxml2 has one code for both."""
    return "not expected" if field not in ("update", "credits", "debtor") else "missing"


def _cure(message: str, field: str, expected: list[str]) -> Text | str:
    if expected:
        close = nearest(field, expected)
        if close:
            return text("did you mean “{close}”?", close=close)
        return text("expected here: {names}", names=", ".join(expected[:8]))
    if "xs:date" in message or "dateTime" in message or "instant" in message:
        return text("a day is written 2026-11-30, an instant 2026-11-30T09:15:00+01:00")
    if "decimal" in message:
        return text("an amount is written 1234.50")
    if "enumeration" in message or "is not an element of the set" in message:
        allowed = re.findall(r"'([a-z_]+)'", message.partition("set {")[2])
        close = nearest(field, allowed)
        return text("allowed: {names}", names=", ".join(allowed)) if not close else str(close)
    return text("the schema exchange.xsd says what is allowed")
