"""Lots as Excel workbooks: our own layout, read back whatever a program made of it."""

from __future__ import annotations

from collections.abc import Iterable

from incasso.api import BY_FILES, Family, PluginKind, hookimpl, text
from incasso_excel.provider import ExcelProvider, ExcelSettings

KIND = PluginKind(
    family=Family.PROVIDER,
    name="excel",
    summary=text("Lots to an agency as Excel workbooks, and its results back."),
    factory=ExcelProvider,
    settings=ExcelSettings,
    capabilities=BY_FILES,
)


@hookimpl
def hub_kinds() -> Iterable[PluginKind]:
    """The kind "excel"."""
    return (KIND,)
