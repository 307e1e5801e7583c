"""Saved mappings: a TOML file that describes a layout without a usable heading."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import msgspec

from incasso.api import ConfigurationError, Problem, Text, Wrong, read_toml, text


class RecordType(msgspec.Struct, frozen=True):
    """One kind of row of a record-type print: what it is for, and its cells after the type."""

    role: Literal["client", "document", "installment", "subtotal", "total", "ignore"]
    fields: tuple[str, ...] = ()
    """Field of each cell, the type's own cell first; empty names are skipped."""


class Section(msgspec.Struct, frozen=True):
    """How one of the source's files is laid out."""

    layout: Literal["flat", "headerless", "hierarchical", "ledger", "records", "summary"] = "flat"
    columns: dict[str, str] = {}
    """Heading as it stands in the file, to field."""
    ignore: tuple[str, ...] = ()
    """Headings that are passed over, whatever they hold."""
    fields: tuple[str, ...] = ()
    """Headerless: the field of each column in order; empty names are skipped."""
    widths: tuple[int, ...] = ()
    """Headerless: how many cells a data row may have; absent: as many as there are fields."""
    constants: dict[str, str] = {}
    """Field to the value it has in every row."""
    decimal: Literal["", ",", "."] = ""
    credit_notes: Literal["negative", "positive"] = "negative"
    payment_methods: dict[str, str] = {}
    records: dict[str, RecordType] = {}


class Mapping(msgspec.Struct, frozen=True):
    """A mapping file: one table per file of the source; what is absent is detected."""

    summary: str = ""
    encoding: str = ""
    separator: str = ""
    clients: Section | None = None
    installments: Section | None = None


def load_mapping(chosen: Path) -> Mapping:
    """The mapping in a file, or the built-in one of that name.

    Raises ConfigurationError that names everything wrong in it, or the built-in names.
    """
    try:
        given = chosen.read_text("utf-8") if chosen.is_file() else _built_in(chosen)
    except OSError as error:
        raise _refused(chosen, text("cannot be read: {reason}", reason=error.strerror)) from None
    except UnicodeDecodeError:
        raise _refused(chosen, text("is not UTF-8 text")) from None
    mapping, wrong = read_toml(Mapping, given)
    if mapping is None:
        raise ConfigurationError([_problem(chosen, each) for each in wrong])
    return mapping


def _built_in(chosen: Path) -> str:
    folder: Any = files("incasso_csv") / "mappings"
    names = sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir())
    if chosen.name not in names:
        why = text("is neither a file nor a built-in mapping ({names})", names=names)
        raise _refused(chosen, why)
    return str((folder / f"{chosen.name}.toml").read_text("utf-8"))


def _problem(chosen: Path, wrong: Wrong) -> Problem:
    if not wrong.key:
        return _in_words(chosen, wrong.message, wrong.hint)
    words = text("{key}: {problem}", key=wrong.key, problem=wrong.message)
    return _in_words(chosen, words, wrong.hint)


def _refused(chosen: Path, words: Text) -> ConfigurationError:
    return ConfigurationError([_in_words(chosen, words)])


def _in_words(chosen: Path, words: str, hint: str = "") -> Problem:
    message = text("mapping {name} {problem}", name=chosen.name, problem=words)
    return Problem(code="mapping", field="mapping", message=message, hint=hint)
