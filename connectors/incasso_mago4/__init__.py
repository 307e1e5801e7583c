"""Zucchetti Mago4: clients and open items from its company database or its web services."""

from __future__ import annotations

from collections.abc import Iterable

from incasso.api import PluginKind, hookimpl


@hookimpl
def hub_kinds() -> Iterable[PluginKind]:
    """The kinds of this package."""
    return ()
