"""What the resources are called, which fields they have, and what can be done with each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import Any, Final, Literal, TypeAlias

from incasso_fake_mexal.wire import RefusalError, Row

Kind: TypeAlias = Literal["A", "N", "D", "T"]
"""Text, integer, decimal, date and time; dates are text."""

_TOLD: Final = {
    "A": "Alfanumerico",
    "N": "Numerico",
    "D": "Numerico con virgola",
    "T": "Data e ora (formato AAAAMMGG HHMMSS)",
}


@dataclass(frozen=True)
class Field:
    """One field, as `?info=true` describes it."""

    name: str
    kind: Kind
    size: int = 0
    """Positions of an array; 0 for a plain value."""
    width: int = 0
    """The ERP fills the code with blanks up to this length."""
    key: bool = False
    text: str = ""

    def info(self, *, required: bool) -> Row:
        """A line of `?info=true`."""
        line: Row = {"nome": self.name, "descrizione": self.text, "tipo": _TOLD[self.kind]}
        if self.size:
            line["dimensione_array"] = str(self.size)
        if self.key:
            line["chiave"] = True
        if self.key and required:
            line["obbligatorio_put"] = True
        return line


@dataclass(frozen=True)
class Resource:
    """One resource below `/webapi/risorse`."""

    path: str
    fields: tuple[Field, ...]
    flags: frozenset[str]
    """Of `list key search put paged free bare`; `free` needs no coordinates, `bare` no info."""
    since: int
    root: str = "dati"

    @cached_property
    def named(self) -> dict[str, Field]:
        """Fields by name."""
        return {field.name: field for field in self.fields}

    def field(self, name: str) -> Field:
        """A field. Raises RefusalError as the ERP does for a name it does not know."""
        if name not in self.named:
            raise RefusalError(400, 6001, f"Nome campo '{name}' non valido")
        return self.named[name]

    def without(self, names: frozenset[str]) -> Resource:
        """The resource of an older version that lacks some fields."""
        kept = tuple(field for field in self.fields if field.name not in names)
        return Resource(self.path, kept, self.flags, self.since, self.root)

    @property
    def keys(self) -> tuple[Field, ...]:
        """Fields that identify a record."""
        return tuple(field for field in self.fields if field.key)

    def info(self) -> dict[str, Any]:
        """The answer to `?info=true`."""
        required = "put" in self.flags
        return {"dati": [field.info(required=required) for field in self.fields]}

    def padded(self, row: Row) -> Row:
        """The row as it leaves: known fields only, codes filled with blanks."""
        return {
            name: row[name].ljust(found.width) if found.width and row[name] else row[name]
            for name, found in self.named.items()
            if name in row
        }

    def help(self) -> list[Row]:
        """Its lines in `help?extended=true`."""
        at = f"^/{self.path}"
        lines = []
        if "list" in self.flags:
            lines.append(self._line("GET", at + "/{0,1}$", f"lista {self.path} (collection)"))
        if "key" in self.flags:
            lines.append(self._line("GET", at + "/(?<chiave>[^/]+)$", "lettura (resource)"))
        if "search" in self.flags:
            lines.append(self._line("POST", at + "/ricerca$", f"ricerca {self.path} (collection)"))
        if "put" in self.flags:
            lines.append(self._line("PUT", at + "/(?<chiave>[^/]+)$", "modifica (resource)"))
        return lines

    def _line(self, method: str, regexp: str, text: str) -> Row:
        many = "collection" in text and "paged" in self.flags
        return {
            "method": method,
            "regexp": regexp,
            "descrizione": text,
            "versione": str(self.since),
            "coordinate": "free" not in self.flags,
            "max": many,
            "next": many,
            "fields": many,
            "filter": "ricerca" in regexp,
            "location": False,
        }


def _read() -> dict[str, Resource]:
    """The table beside this module: `[path since flags root]`, then `name kind options | text`."""
    found: dict[str, Resource] = {}
    head: list[str] = []
    lines: list[Field] = []
    text = files(__package__).joinpath("resources.txt").read_text(encoding="utf-8")
    for line in [*text.splitlines(), "[]"]:
        if line.startswith("["):
            if head:
                path, since, flags, *root = head
                found[path] = Resource(
                    path, tuple(lines), frozenset(flags.split("+")), int(since), *root
                )
            head, lines = line.strip("[]").split(), []
        elif line and not line.startswith("#"):
            lines.append(_field(line))
    return found


def _field(line: str) -> Field:
    words, _, text = line.partition("|")
    name, kind, *options = words.split()
    numbers = {option[0]: int(option[1:]) for option in options if option[1:].isdigit()}
    return Field(
        name=name,
        kind=kind,  # type: ignore[arg-type]
        size=numbers.get("x", 0),
        width=numbers.get("w", 0),
        key="key" in options,
        text=text.strip(),
    )


RESOURCES: Final = _read()
"""Every resource this server knows, by path."""
