"""What is wrong in plugins.toml: in which table, at which key, what, and the cure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from incasso.contract.errors import ConfigurationError
from incasso.contract.settings import Wrong
from incasso.contract.text import text
from incasso.contract.values import Problem


@dataclass(frozen=True, kw_only=True)
class TableProblem:
    """One mistake in one table of plugins.toml, e.g. table `channels.mail`, key `port`."""

    table: str
    key: str
    message: str
    hint: str = ""
    code: str = "configuration"

    @classmethod
    def of(cls, table: str, wrong: Wrong) -> TableProblem:
        """What the reading of that table found."""
        return cls(
            table=table, key=wrong.key, message=wrong.message, hint=wrong.hint, code=wrong.code
        )

    @property
    def where(self) -> str:
        """Table and key as the file writes them."""
        return f"[{self.table}] {self.key}".rstrip() if self.table else self.key

    def __str__(self) -> str:
        cure = f" ({self.hint})" if self.hint else ""
        return ": ".join(filter(None, (self.where, self.message))) + cure

    def inside(self) -> str:
        """The mistake without its table, for a page that already shows the instance."""
        if not self.key:
            return self.message
        return text("{key}: {problem}", key=self.key, problem=self.message)

    def as_problem(self) -> Problem:
        """The same mistake as a problem of the contract."""
        where = ".".join(filter(None, (self.table, self.key)))
        return Problem(code="configuration", field=where, message=self.message, hint=self.hint)


def refuse(problems: Sequence[TableProblem]) -> None:
    """Raise ConfigurationError with all problems at once, if there are any."""
    if problems:
        raise ConfigurationError([problem.as_problem() for problem in problems])
