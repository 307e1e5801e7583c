"""Lots as Excel workbooks: our own layout, read back whatever a program made of it."""

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
from incasso_excel.provider import ExcelProvider, ExcelSettings

_NEVER: Final = frozenset(
    {ProviderCapability.QUOTE, ProviderCapability.PULL, ProviderCapability.CALLBACKS}
)

KIND = PluginKind(
    family=Family.PROVIDER,
    name="excel",
    summary=text("Lots to an agency as Excel workbooks, and its results back."),
    factory=ExcelProvider,
    settings=ExcelSettings,
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
    """The kind "excel"."""
    return (KIND,)
