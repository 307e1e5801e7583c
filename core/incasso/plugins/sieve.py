"""Takes the wrong records of a plugin out of its answer, so that the right ones go on.

A wrong record becomes an `Unreadable` that names plugin, record and field; who takes the answer
puts it where people see it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

import msgspec

from incasso.contract.ledger import Unreadable
from incasso.contract.text import Text, text
from incasso.contract.values import Problem
from incasso.plugins.fields import WrongField, shown, storable
from incasso.plugins.masking import Mask
from incasso.plugins.records import wrong_records

CODE: Final = "plugin_record"
HINT: Final = text("the other records went on; report this to the author of the plugin")

_LONGEST_KEY: Final = 128
_LONGEST_RAW: Final = 2000
_PRIVATE: Final = ("text", "subject", "evidence")
"""What people wrote: it is kept in the archive only."""
_KEYS: Final = ("external_id", "key", "code", "ref", "update_id")
"""Fields that say which record it is, the most telling first."""


class Sieve:
    """Checks the records of one instance."""

    def __init__(self, plugin: str, mask: Mask) -> None:
        """`plugin` is the kind, as people know it."""
        self._plugin = plugin
        self._mask = mask

    def sift(
        self,
        items: tuple[Any, ...],
        kinds: Collection[type],
        file: str = "",
        rows: Sequence[int] = (),
    ) -> tuple[Any, ...]:
        """The same items, each wrong one replaced; `rows[n]` is where item n was read."""
        wrong = wrong_records(items, kinds)
        if not wrong:
            return items
        kept = list(items)
        for place, fault in wrong.items():
            row = rows[place] if rows else None
            kept[place] = self._unreadable(items[place], fault, file, row)
        return tuple(kept)

    def complaint(self, fault: WrongField) -> Text:
        """The sentence about one wrong field."""
        where = f"{fault.record}.{fault.field}" if fault.field else fault.record
        said = text(
            "the plugin {plugin} gave {what} ({where})",
            plugin=self._plugin,
            what=fault.words,
            where=where,
        )
        masked = self._mask(said)
        return masked if isinstance(masked, Text) else Text("{words}", {"words": masked})

    def _unreadable(self, item: Any, fault: WrongField, file: str, row: int | None) -> Unreadable:
        problem = Problem(code=CODE, field=fault.field, message=self.complaint(fault), hint=HINT)
        return Unreadable(
            external_id=key_of(item),
            file=file,
            row=row,
            problems=(problem,),
            raw=self._mask(_raw(item)),
        )


def key_of(item: Any) -> str:
    """What identifies a wrong record, if that much of it can be read."""
    for field in _KEYS:
        key = getattr(item, field, None) if isinstance(item, msgspec.Struct) else None
        if isinstance(key, str) and key.strip():
            return storable(key[:_LONGEST_KEY])
    return ""


def _raw(item: Any) -> str:
    if not isinstance(item, msgspec.Struct):
        return shown(item)
    names = (field for field in item.__struct_fields__ if field not in _PRIVATE)
    fields = ((field, getattr(item, field)) for field in names)
    said = "; ".join(f"{field}={shown(value)}" for field, value in fields if value)
    return said[:_LONGEST_RAW]
