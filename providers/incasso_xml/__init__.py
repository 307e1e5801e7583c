"""Lots as XML files with a published schema, both ways as streams."""

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
from incasso_xml.provider import XmlProvider, XmlSettings

_NEVER: Final = frozenset(
    {ProviderCapability.QUOTE, ProviderCapability.PULL, ProviderCapability.CALLBACKS}
)

KIND = PluginKind(
    family=Family.PROVIDER,
    name="xml",
    summary=text("Lots to an agency as XML files with a published schema, and its results back."),
    factory=XmlProvider,
    settings=XmlSettings,
    capabilities={
        **{each: IMPOSSIBLE if each in _NEVER else FULL for each in ProviderCapability},
        ProviderCapability.FIND: Declared(
            support=Support.PARTIAL,
            note=text("a file that the agency has taken away is in doubt; by mail nobody can tell"),
        ),
    },
)


@hookimpl
def hub_kinds() -> Iterable[PluginKind]:
    """The kind "xml"."""
    return (KIND,)
