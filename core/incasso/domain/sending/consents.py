"""What clients allowed and refused about being contacted."""

from __future__ import annotations

from enum import StrEnum


class ConsentKind(StrEnum):
    """What the client said."""

    REFUSED = "refused"
    GIVEN = "given"
    """Agreed to it; a refusal before it is over."""
