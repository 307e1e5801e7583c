"""Passepartout Mexal: clients and open items through its WebAPI or its SQL replica."""

from __future__ import annotations

from collections.abc import Iterable

from incasso.api import PluginKind, hookimpl


@hookimpl
def hub_kinds() -> Iterable[PluginKind]:
    """The kinds of this package."""
    return ()
