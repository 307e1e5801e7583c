"""How one setting is declared: a field with help and unit, and marks beside its type."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from incasso.contract.settings.spelling import nearest
from incasso.contract.settings.wrong import UnfitError
from incasso.contract.text import text


def setting(
    *,
    help: str,
    unit: str = "",
    default: Any = dataclasses.MISSING,
    default_factory: Any = dataclasses.MISSING,
) -> Any:
    """A field of a frozen, keyword-only settings dataclass; without default it is required.

    `incasso plugins describe`, the reference page and the settings page print `help` and `unit`.
    """
    metadata = {"help": help, "unit": unit}
    if default_factory is not dataclasses.MISSING:
        return dataclasses.field(default_factory=default_factory, metadata=metadata)
    if default is not dataclasses.MISSING:
        return dataclasses.field(default=default, metadata=metadata)
    return dataclasses.field(metadata=metadata)


@dataclass(frozen=True)
class Key:
    """`Annotated[tuple[Stage, ...], Key("stage")]`: the key in the file, where it differs."""

    name: str


@dataclass(frozen=True)
class Between:
    """`Annotated[int, Between(1, 365)]`: the bounds, both included; None: no bound."""

    least: Any = None
    most: Any = None

    def check(self, value: Any) -> None:
        """Raises UnfitError outside the bounds."""
        if (self.least is None or value >= self.least) and (
            self.most is None or value <= self.most
        ):
            return
        raise UnfitError(text("{value} is out of range", value=str(value)), self._cure())

    def _cure(self) -> str:
        if self.most is None:
            return text("at least {least}", least=str(self.least))
        if self.least is None:
            return text("at most {most}", most=str(self.most))
        return text("from {least} to {most}", least=str(self.least), most=str(self.most))


@dataclass(frozen=True)
class Form:
    """`Annotated[str, Form("#[0-9a-f]{6}", "#2fb344")]`: how a text is written, with an example.

    An empty text is not checked.
    """

    pattern: str
    example: str

    def check(self, value: str) -> None:
        """Raises UnfitError for a text of another form."""
        if value and not re.fullmatch(self.pattern, value):
            raise UnfitError(
                text("{value!r} is not written as it should be", value=value),
                text("write it like {example!r}", example=self.example),
            )


@dataclass(frozen=True)
class Filled:
    """`Annotated[str, Filled()]`: a text or list that must not be empty."""

    def check(self, value: Any) -> None:
        """Raises UnfitError for an empty one."""
        if not value:
            raise UnfitError(text("must not be empty"))


@dataclass(frozen=True)
class OneOf:
    """`Annotated[str, OneOf(Service)]`: one of these words, or nothing."""

    words: Iterable[str]

    def check(self, value: str) -> None:
        """Raises UnfitError for any other word."""
        if value and value not in set(self.words):
            raise UnfitError(
                text("{value!r} is not known", value=value), nearest(value, self.words)
            )
