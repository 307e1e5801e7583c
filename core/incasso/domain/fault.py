"""A fault as a code with its values; `incasso.locale.problems` has the sentences."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec


class Fault(msgspec.Struct, frozen=True):
    """The code of the fault, and the field of a record if it concerns one."""

    code: StrEnum
    values: Mapping[str, Any] = {}
    field: str = ""


def fault(code: StrEnum, field: str = "", /, **values: Any) -> Fault:
    """A fault with its values by name."""
    return Fault(code, values, field)
