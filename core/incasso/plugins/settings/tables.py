"""One table of plugins.toml as the settings object of its kind: secrets, references, paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from incasso.contract.settings import Reader
from incasso.contract.values import Secret
from incasso.plugins.settings.problems import TableProblem
from incasso.plugins.settings.references import resolve, resolve_path, resolve_secret

T = TypeVar("T")


class TableError(Exception):
    """All mistakes of one table."""

    def __init__(self, problems: Sequence[TableProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(map(str, problems)))


def build(settings: type[T], table: Mapping[str, Any], *, where: str, base: Path) -> T:
    """The settings object of one table. Raises TableError with every mistake of the table."""
    built, wrong = reader(base).read(settings, table)
    if built is None:
        raise TableError([TableProblem.of(where, each) for each in wrong])
    return built


def reader(base: Path) -> Reader:
    """How values of plugins.toml are read; relative paths start at `base`."""
    return Reader(
        resolve=partial(resolve, base=base),
        special={
            Secret: partial(resolve_secret, base=base),
            Path: partial(resolve_path, base=base),
        },
    )
