"""Enclosures of one message: what goes with it, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from incasso.contract.text import in_a_row, text
from incasso.contract.values import Attachment


@dataclass(frozen=True, kw_only=True)
class Enclosed:
    """What goes with one message, and what does not."""

    files: tuple[Attachment, ...] = ()
    missing: tuple[tuple[str, str], ...] = ()
    """Document and reason, in words."""
    facts: tuple[dict[str, str], ...] = field(default=())
    """What the delivery remembers of each file."""

    @property
    def why(self) -> str:
        """All that is missing, in one sentence."""
        return in_a_row(
            text("document {number} is missing: {why}", number=number, why=why)
            for number, why in self.missing
        )

    def refused(self, why: str) -> Enclosed:
        """The same without any file, because they cannot go."""
        numbers = dict.fromkeys(fact["document"] for fact in self.facts)
        lost = tuple((number, why) for number in numbers)
        return Enclosed(missing=(*self.missing, *lost))

    def row(self) -> dict[str, Any] | None:
        """As the delivery keeps it; nothing, if nothing was asked for."""
        if not self.facts and not self.missing:
            return None
        missing = [{"document": number, "reason": why} for number, why in self.missing]
        return {"files": list(self.facts), "missing": missing}


NOTHING: Final = Enclosed()
