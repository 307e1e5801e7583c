"""What the writing of a lot must know of its provider: names, and what the service may see."""

from __future__ import annotations

from datetime import date

import msgspec

from incasso.contract.text import Text
from incasso.domain.placement.shared_fields import SharedField


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A provider as the writing of a lot sees it."""

    key: str
    label: str
    instance: str
    """Which table of plugins.toml carries its files; empty: none does."""
    mandate: str
    language: str
    shared: frozenset[SharedField]
    """What it may be told of a client for the lot's service."""
    until: date | None
    """When a lot handed over today comes back."""
    obstacles: tuple[Text, ...]
    """Why nothing may leave to it today."""
