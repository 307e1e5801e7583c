"""Passepartout Mexal: clients and open items through its WebAPI or its SQL replica."""

from __future__ import annotations

from collections.abc import Iterable

from incasso.api import (
    FULL,
    IMPOSSIBLE,
    PLANNED,
    ConnectorCapability,
    Family,
    Limits,
    PluginKind,
    hookimpl,
)
from incasso_mexal.connector import MexalConnector
from incasso_mexal.settings import MexalSettings


@hookimpl
def hub_kinds() -> Iterable[PluginKind]:
    """The kinds of this package."""
    yield PluginKind(
        family=Family.CONNECTOR,
        name="mexal",
        summary="Clients and open items of Passepartout Mexal, through its WebAPI.",
        factory=MexalConnector,
        settings=MexalSettings,
        capabilities={
            ConnectorCapability.REFRESH: FULL,
            ConnectorCapability.DELETIONS: IMPOSSIBLE,
            ConnectorCapability.DOCUMENTS: PLANNED,
            ConnectorCapability.WRITE_BACK: PLANNED,
            ConnectorCapability.PEOPLE: FULL,
            ConnectorCapability.TOTALS: IMPOSSIBLE,
            ConnectorCapability.FINGERPRINTS: FULL,
            ConnectorCapability.SEVERAL_CURRENCIES: FULL,
            ConnectorCapability.DOCUMENT_LIST: PLANNED,
            ConnectorCapability.PAYMENTS: PLANNED,
            ConnectorCapability.BALANCES: PLANNED,
            ConnectorCapability.DISCOVERY: IMPOSSIBLE,
            ConnectorCapability.RETURNED_BILLS: IMPOSSIBLE,
        },
        limits=Limits(max_parallel=1, max_page=1000, page_seconds=330),
    )
