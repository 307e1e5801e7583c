"""What a plugin gets for members that an enumeration got after the plugin was written.

A hub hands plugins members of some enumerations: a medium, a purpose, a kind of change. A member
that comes with a later version of the contract would surprise a plugin written before. So it is
listed in `LATER` with that version and with the member that an older plugin gets instead; where
none can stand for it, the hub does not call an older plugin at all and says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final

import msgspec

from incasso.contract.values import Value


class Later(Value, frozen=True, kw_only=True):
    """A member that came with a later version of the contract."""

    member: StrEnum
    since: int
    """The `api_minor` from which plugins know it."""
    instead: StrEnum | None
    """What an older plugin gets; None: nothing can stand for it, so it is not called."""


LATER: Final[list[Later]] = []
"""Every member that an enumeration handed to plugins got after version 1.0."""


class UnknownMemberError(Exception):
    """A member that an older plugin does not know and for which nothing stands."""

    def __init__(self, member: StrEnum) -> None:
        super().__init__(member)
        self.member = member


def as_known(value: Any, minor: int) -> Any:
    """The value as a plugin of this `api_minor` knows it. Raises UnknownMemberError.

    Equal in, equal out; where nothing is newer than the plugin, the very same object.
    """
    newer = [each for each in LATER if each.since > minor]
    return _known(value, newer) if newer else value


def _known(value: Any, newer: Sequence[Later]) -> Any:
    if isinstance(value, StrEnum):
        return _instead(value, newer)
    if isinstance(value, tuple):
        return tuple(_known(each, newer) for each in value)
    if isinstance(value, msgspec.Struct):
        found = {name: getattr(value, name) for name in value.__struct_fields__}
        changed = {name: _known(each, newer) for name, each in found.items()}
        return msgspec.structs.replace(
            value, **{name: each for name, each in changed.items() if each is not found[name]}
        )
    return value


def _instead(member: StrEnum, newer: Sequence[Later]) -> StrEnum:
    seen = member
    # By identity: members of two enumerations are equal if their words are.
    while found := next((each for each in newer if each.member is seen), None):
        if found.instead is None:
            raise UnknownMemberError(member)
        seen = found.instead
    return seen
