"""How a plugin declares one setting: a dataclass field with help and unit."""

from __future__ import annotations

import dataclasses
from typing import Any


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
