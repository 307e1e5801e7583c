"""Something wrong, as a code with the values it speaks of; `incasso.locale.problems` words it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec


class Fault(msgspec.Struct, frozen=True):
    """What is wrong, at which field of a record if it is one field's."""

    code: StrEnum
    values: Mapping[str, Any] = {}
    field: str = ""


def fault(code: StrEnum, field: str = "", /, **values: Any) -> Fault:
    """A fault with its values by name."""
    return Fault(code, values, field)
