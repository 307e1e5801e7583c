"""Passepartout Mexal: clients and open items through its WebAPI or its SQL replica."""

from __future__ import annotations

from collections.abc import Iterable

from incasso.api import (
    FULL,
    IMPOSSIBLE,
    ConnectorCapability,
    Declared,
    Family,
    Limits,
    PluginKind,
    Support,
    hookimpl,
    text,
)
from incasso_mexal.replica.connector import ReplicaConnector
from incasso_mexal.replica.settings import ReplicaSettings
from incasso_mexal.web.connector import MexalConnector
from incasso_mexal.web.settings import MexalSettings


@hookimpl
def hub_kinds() -> Iterable[PluginKind]:
    """The kinds of this package."""
    yield PluginKind(
        family=Family.CONNECTOR,
        name="mexal",
        summary=text("Clients and open items of Passepartout Mexal, through its WebAPI."),
        factory=MexalConnector,
        settings=MexalSettings,
        capabilities={
            ConnectorCapability.REFRESH: FULL,
            ConnectorCapability.DELETIONS: IMPOSSIBLE,
            ConnectorCapability.DOCUMENTS: Declared(
                support=Support.PARTIAL, note=text("where Mexal issued the document itself")
            ),
            ConnectorCapability.WRITE_BACK: Declared(
                support=Support.PARTIAL, note=text("with write_back = true: orders and one note")
            ),
            ConnectorCapability.PEOPLE: FULL,
            ConnectorCapability.TOTALS: IMPOSSIBLE,
            ConnectorCapability.FINGERPRINTS: FULL,
            ConnectorCapability.SEVERAL_CURRENCIES: FULL,
            ConnectorCapability.DOCUMENT_LIST: FULL,
            ConnectorCapability.PAYMENTS: Declared(
                support=Support.PARTIAL, note=text("receipts that the journal links to a document")
            ),
            ConnectorCapability.BALANCES: FULL,
            ConnectorCapability.DISCOVERY: IMPOSSIBLE,
            ConnectorCapability.RETURNED_BILLS: IMPOSSIBLE,
        },
        limits=Limits(max_parallel=1, max_page=1000, page_seconds=330),
        docs_url="docs/howto/mexal-local.md",
        if_doubtful=text("look at the open items (scadenzario) in Mexal"),
        if_empty=text(
            "look first whether the accounting year that was read is the right one (`years` in "
            "plugins.toml), then at the open items (scadenzario) in Mexal"
        ),
    )
    yield PluginKind(
        family=Family.CONNECTOR,
        name="mexal_sql",
        summary=text(
            "Clients and open items of Passepartout Mexal, from its SQL replica (MexalDB)."
        ),
        factory=ReplicaConnector,
        settings=ReplicaSettings,
        capabilities={
            ConnectorCapability.REFRESH: FULL,
            ConnectorCapability.DELETIONS: IMPOSSIBLE,
            ConnectorCapability.DOCUMENTS: IMPOSSIBLE,
            ConnectorCapability.WRITE_BACK: IMPOSSIBLE,
            ConnectorCapability.PEOPLE: Declared(
                support=Support.PARTIAL, note=text("agents, with agents_sql")
            ),
            ConnectorCapability.TOTALS: IMPOSSIBLE,
            ConnectorCapability.FINGERPRINTS: FULL,
            ConnectorCapability.SEVERAL_CURRENCIES: FULL,
            ConnectorCapability.DOCUMENT_LIST: Declared(
                support=Support.PARTIAL, note=text("with documents_sql")
            ),
            ConnectorCapability.PAYMENTS: IMPOSSIBLE,
            ConnectorCapability.BALANCES: Declared(
                support=Support.PARTIAL, note=text("with balances_sql")
            ),
            ConnectorCapability.DISCOVERY: FULL,
            # Queries may give unpaid_on; most will not, so the hub also infers it.
            ConnectorCapability.RETURNED_BILLS: IMPOSSIBLE,
        },
        limits=Limits(max_parallel=1, max_page=1000, page_seconds=300),
        docs_url="docs/howto/mexal-db.md",
        if_doubtful=text("look whether the replica is complete, and at the open items in Mexal"),
        if_empty=text(
            "look first whether the queries choose the right accounting year, then whether the "
            "replica is complete"
        ),
    )
