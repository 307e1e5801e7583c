"""Lots to an agency's own web service, spoken to by a mapping file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from incasso.api import (
    FULL,
    IMPOSSIBLE,
    Declared,
    Family,
    PluginKind,
    ProviderCapability,
    Support,
    hookimpl,
    text,
)
from incasso_webservice.provider import RestProvider, RestSettings

_ABLE: Final = {
    ProviderCapability.PULL: FULL,
    ProviderCapability.FIND: Declared(
        support=Support.PARTIAL,
        note=text(
            "Knows from its own memory what was answered. A request whose answer was lost is asked "
            "about, or goes again with the same key."
        ),
    ),
}

KIND = PluginKind(
    family=Family.PROVIDER,
    name="rest",
    summary=text("Lots to an agency's own REST service by a mapping file, and its news back."),
    factory=RestProvider,
    settings=RestSettings,
    capabilities={each: _ABLE.get(each, IMPOSSIBLE) for each in ProviderCapability},
)


@hookimpl
def hub_kinds() -> Iterable[PluginKind]:
    """The kind "rest"."""
    return (KIND,)
