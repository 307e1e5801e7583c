"""When refusals are about the office itself: other recipients would refuse as well."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

SEVERAL: Final = 3
"""So many recipients' domains: one may keep a list of its own, three do not by chance."""

WITHIN: Final = timedelta(days=1)


def refuse_the_sender(addresses: Iterable[str]) -> bool:
    """Whether refusals by the servers of these addresses are about who sends."""
    return len({each.rpartition("@")[2].strip().lower() for each in addresses}) >= SEVERAL
