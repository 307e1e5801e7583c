"""What is wrong in plugins.toml: where, what, and the cure; and the nearest known name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from incasso.contract.errors import ConfigurationError
from incasso.contract.values import Problem


@dataclass(frozen=True, kw_only=True)
class TableProblem:
    """One mistake in one table of plugins.toml, e.g. table `channels.mail`, key `port`."""

    table: str
    key: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        where = f"[{self.table}] {self.key}".rstrip() if self.table else self.key
        return ": ".join(filter(None, (where, self.message))) + (
            f" ({self.hint})" if self.hint else ""
        )

    def inside(self) -> str:
        """The mistake without its table, for somebody who already looks at the instance."""
        return f"{self.key}: {self.message}" if self.key else self.message

    def as_problem(self) -> Problem:
        """The same mistake as the contract tells it."""
        where = ".".join(filter(None, (self.table, self.key)))
        return Problem(code="configuration", field=where, message=self.message, hint=self.hint)


def nearest(word: str, known: Iterable[str], *, otherwise: str = "") -> str:
    """A hint for a misspelt name: the known one that looks most like it, else all of them."""
    names = sorted({str(name) for name in known})
    if close := get_close_matches(word, names, n=1, cutoff=0.6):
        return f"did you mean {close[0]!r}?"
    return f"known: {', '.join(names)}" if names else otherwise


def refuse(problems: Sequence[TableProblem]) -> None:
    """Raise ConfigurationError with all problems at once, if there are any."""
    if problems:
        raise ConfigurationError([problem.as_problem() for problem in problems])
