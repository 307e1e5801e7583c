"""Lots as XML files with a published schema, both ways as streams."""

from __future__ import annotations

from collections.abc import Iterable

from incasso.api import BY_FILES, Family, PluginKind, hookimpl, text
from incasso_xml.provider import XmlProvider, XmlSettings

KIND = PluginKind(
    family=Family.PROVIDER,
    name="xml",
    summary=text("Lots to an agency as XML files with a published schema, and its results back."),
    factory=XmlProvider,
    settings=XmlSettings,
    capabilities=BY_FILES,
)


@hookimpl
def hub_kinds() -> Iterable[PluginKind]:
    """The kind "xml"."""
    return (KIND,)
