"""The class of one country in the `holidays` library, without the 250 others.

The library imports all of them: 0.1 s and 8 MB in every command that weighs a day. So the country's
own file is loaded, which needs the package only where a country builds on another. It must equal
`holidays.country_holidays`: `tests/domain/test_one_country.py` holds it.
"""

from __future__ import annotations

import sys
from functools import cache
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from pathlib import Path
from types import ModuleType
from typing import Any


@cache
def holidays_of(country: str) -> Any:
    """The class whose instances are a country's holidays; None for an unknown country."""
    import holidays
    from holidays.registry import COUNTRIES

    for name, entities in COUNTRIES.items():
        if country in entities:
            folder = Path(holidays.__file__).parent / "countries"
            return getattr(_module(name, folder), entities[0])
    return None


def _module(name: str, folder: Path) -> ModuleType:
    full = f"holidays.countries.{name}"
    if full in sys.modules:
        return sys.modules[full]
    spec = PathFinder.find_spec(full, [str(folder)])
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
