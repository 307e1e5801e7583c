"""Read one TOML table key by key, collecting every problem with the nearest right name."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, TypeVar

from incasso.contract.media import Medium
from incasso.contract.provider import Service

C = TypeVar("C", bound=StrEnum)

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")

Path = tuple[str, ...]


class Problems:
    """What was found wrong, in the order of the file."""

    def __init__(self) -> None:
        self.found: list[tuple[Path, str, str, str]] = []

    def add(self, path: Path, key: str, message: str, hint: str = "") -> None:
        """Note one problem: where, which key, what, the cure."""
        self.found.append((path, key, message, hint))


def nearest(word: str, names: Iterable[str]) -> str:
    """A hint that names the most similar right word, or all of them when none is similar."""
    names = sorted(names)
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]}?"
    return f"one of {', '.join(names)}" if names else ""


class Table:
    """One TOML table; keys asked for are known, all others are reported by `nothing_else`."""

    def __init__(self, values: Any, problems: Problems, path: Path, prefix: str = "") -> None:
        self.values: Mapping[str, Any] = values if isinstance(values, dict) else {}
        self.problems = problems
        self.path = path
        self.prefix = prefix
        self.asked: list[str] = []
        if not isinstance(values, dict):
            self.problem("", "should be a table")

    def problem(self, key: str, message: str, hint: str = "") -> None:
        """Note a problem at one key of this table."""
        self.problems.add(self.path, f"{self.prefix}{key}", message, hint)

    def nothing_else(self) -> None:
        """Report keys that nobody asked for: a misspelt key must never be silently ignored."""
        for key in self.values:
            if key not in self.asked:
                self.problem(key, "is not known", nearest(key, self.asked))

    def _get(self, key: str) -> Any:
        self.asked.append(key)
        return self.values.get(key)

    def table(self, key: str) -> Table:
        """A table inside this one; empty if it is missing."""
        value = self._get(key)
        return Table(
            {} if value is None else value, self.problems, self.path, f"{self.prefix}{key}."
        )

    def tables(self, key: str) -> list[Table]:
        """A list of tables (`[[key]]`)."""
        value = self._get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            self.problem(key, "should be written with double brackets", f"[[{key}]]")
            return []
        return [Table(one, self.problems, self.path) for one in value]

    def text(self, key: str) -> str:
        """A text; empty if missing."""
        value = self._get(key)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.problem(key, "should be a text", "write it in quotes")
            return ""
        return value

    def name(self, key: str, *, required: bool = False) -> str:
        """A key made of lower-case letters, digits, hyphens and underscores."""
        value = self.text(key)
        if not value and required:
            self.problem(key, "is missing")
        elif value and not NAME.fullmatch(value):
            self.problem(key, f"{value!r} is no name", "lower-case letters, digits, - and _")
        return value

    def colour(self, key: str) -> str:
        """A colour such as #2fb344."""
        value = self.text(key)
        if value and not COLOUR.fullmatch(value):
            self.problem(key, f"{value!r} is no colour", "e.g. #2fb344")
        return value

    def number(self, key: str, default: int, *, least: int = -(10**6), most: int = 10**6) -> int:
        """A whole number between two bounds."""
        value = self._get(key)
        if value is None:
            return default
        if not isinstance(value, int) or isinstance(value, bool):
            self.problem(key, "should be a whole number")
            return default
        if not least <= value <= most:
            self.problem(key, f"{value} is out of range", f"from {least} to {most}")
            return default
        return value

    def maybe_number(self, key: str, *, least: int = 0, most: int = 10**6) -> int | None:
        """A whole number, or None if it is missing."""
        return None if key not in self.values else self.number(key, least, least=least, most=most)

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        value = self.maybe_flag(key)
        return default if value is None else value

    def maybe_flag(self, key: str) -> bool | None:
        """True or false, or None if it is missing."""
        value = self._get(key)
        if value is None or isinstance(value, bool):
            return value
        self.problem(key, "should be true or false", "without quotes")
        return None

    def amount(self, key: str, default: str, *, least: str = "") -> Decimal:
        """An amount written in quotes; `least` is the smallest allowed."""
        value = self.maybe_amount(key)
        if value is None:
            return Decimal(default)
        if least and value < Decimal(least):
            self.problem(key, f"{value} is below {least}")
        return value

    def maybe_amount(self, key: str) -> Decimal | None:
        """An amount, or None if it is missing. Floats are refused: money is exact."""
        value = self._get(key)
        if value is None:
            return None
        try:
            if isinstance(value, str) or type(value) is int:
                amount = Decimal(value)
                if amount.is_finite():
                    return amount
        except InvalidOperation:
            pass
        self.problem(key, f"{value!r} is no amount", 'write it in quotes: "50.00"')
        return None

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts."""
        value = self._get(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            self.problem(key, "should be a list of texts", '["one", "two"]')
            return ()
        return tuple(value)

    def choice(self, key: str, default: str, names: type[C]) -> C:
        """One of the words an enumeration knows."""
        word = self.text(key) or default
        if word not in set(names):
            self.problem(key, f"{word!r} is not known", nearest(word, names))
            word = default
        return names(word)

    def choices(self, key: str, names: type[C]) -> tuple[C, ...]:
        """A list of words an enumeration knows."""
        words = self.texts(key)
        for word in words:
            if word not in set(names):
                self.problem(key, f"{word!r} is not known", nearest(word, names))
        return tuple(names(word) for word in words if word in set(names))

    def media(self, key: str) -> tuple[Medium, ...]:
        """Media in order of preference."""
        return self.choices(key, Medium)

    def service(self, key: str) -> str:
        """A provider's service, or nothing."""
        word = self.text(key)
        if word and word not in set(Service):
            self.problem(key, f"{word!r} is not known", nearest(word, Service))
        return word

    def known(self, key: str, names: Iterable[str] | None, what: str) -> str:
        """The name of something that exists, if what exists is known here."""
        word = self.text(key)
        if word and names is not None and word not in names:
            self.problem(key, f"there is no {what} {word!r}", nearest(word, names))
        return word

    def recipients(self, key: str, roles: Sequence[str]) -> tuple[str, ...]:
        """People on our side: a role's word or an e-mail address."""
        people = self.texts(key)
        for one in people:
            if one not in roles and "@" not in one:
                self.problem(key, f"{one!r} is neither a role nor an address", nearest(one, roles))
        return people
