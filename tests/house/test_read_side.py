"""No list can be read without saying for whom: the scope is an argument of every read."""

from __future__ import annotations

import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import incasso.store.lists
import incasso.web
from incasso.store.lists.costs import COSTS_BY, LEFT
from incasso.store.lists.credits import DUE, OPEN_ITEMS, OVERDUE_BY
from incasso.store.lists.index import LISTS
from incasso.store.lists.listing import Listing
from incasso.store.lists.placeable import PLACEABLE
from incasso.store.lists.reading import read_list
from incasso.store.lists.totals import BY_CURRENCY, CLIENT_TOTALS

GIVEN = {"pages", "in_order", "targets", "written_by", "reported"}
"""They are given a query, or what was found within a scope."""


def modules(package: ModuleType) -> Iterator[ModuleType]:
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        yield import_module(module.name)


def reads() -> Iterator[Callable[..., Any]]:
    """Public functions below `store.lists` that are given a connection."""
    for module in modules(incasso.store.lists):
        for name, value in inspect.getmembers(module, inspect.isfunction):
            ours = value.__module__ == module.__name__ and not name.startswith("_")
            if ours and name not in GIVEN and "connection" in inspect.signature(value).parameters:
                yield value


def test_no_read_goes_without_a_scope() -> None:
    found = list(reads())
    assert read_list in found
    for read in found:
        scope = inspect.signature(read).parameters.get("scope")
        assert scope is not None, read
        assert scope.annotation == "Scope", read
        assert scope.default is inspect.Parameter.empty, read


def test_the_query_of_a_list_is_built_in_one_place() -> None:
    """What a list declares is conditions and columns; only `reading` selects from them."""
    folder = Path(incasso.store.lists.__path__[0])
    declared = [
        path
        for path in folder.glob("*.py")
        if "Listing(" in path.read_text(encoding="utf-8") and path.name != "listing.py"
    ]
    assert len(declared) >= 8
    for path in declared:
        assert not re.search(r"\bexecute\(|\bscalars?\(", without_collected(path)), path


def without_collected(path: Path) -> str:
    """The source without the one kind of function that may ask more about rows already read."""
    text = path.read_text(encoding="utf-8")
    return re.sub(r"def _installments_of\(.*?return found\n", "", text, flags=re.DOTALL)


def test_every_list_is_in_the_index() -> None:
    """The tests of scope and of declarations look at what the index names."""
    known = {
        id(one)
        for one in (
            *(*LISTS, *OVERDUE_BY.values(), *COSTS_BY.values(), DUE),
            *(LEFT, OPEN_ITEMS, CLIENT_TOTALS, BY_CURRENCY, PLACEABLE),
        )
    }
    for module in modules(incasso.store.lists):
        for name, value in vars(module).items():
            if isinstance(value, Listing) and not name.startswith("_"):
                assert id(value) in known, (module.__name__, name)
