"""The lines of an envelope out of the one text that a delivery keeps."""

from __future__ import annotations

import re
from typing import Final, Protocol

from incasso.domain.sending.reach import Postal, postal_lines

_TOWN: Final = re.compile(r"(?:[A-Z]{1,2}-)?\d{4,5}\s+\D.*")


class Addressed(Postal, Protocol):
    """A letter that left, with the client's address as it is now."""

    @property
    def to(self) -> str: ...


def envelope_lines(letter: Addressed) -> tuple[str, ...]:
    """What stood on the envelope, name first.

    The text has commas between the lines, and a line may have some of its own. Where it is still
    the client's address its lines are known; else the last piece that begins with a postal code is
    the town, the first one the name, and what is between stays together.
    """
    known = postal_lines(letter)
    if ", ".join(known) == letter.to:
        return known
    name, *rest = letter.to.split(", ")
    town = max((n for n, each in enumerate(rest) if _TOWN.fullmatch(each)), default=len(rest) - 1)
    street = ", ".join(rest[:town]) if town > 0 else ""
    return tuple(filter(None, (name, street, *rest[max(town, 0) :])))
