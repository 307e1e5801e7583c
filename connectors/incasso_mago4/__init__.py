"""Zucchetti Mago4: clients and open items from its company database or its web services."""

from __future__ import annotations

from collections.abc import Iterable

from incasso.api import PluginKind, hookimpl
from incasso_mago4.database.kind import MAGO4
from incasso_mago4.link.kind import MAGOLINK


@hookimpl
def hub_kinds() -> Iterable[PluginKind]:
    """The kinds of this package."""
    yield MAGO4
    yield MAGOLINK
