"""The generic connector: ledgers in CSV files or Excel workbooks of any program."""

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
from incasso_csv.connector import PAGE, CsvConnector
from incasso_csv.settings import CsvSettings


@hookimpl
def hub_kinds() -> Iterable[PluginKind]:
    """One kind: csv."""
    yield PluginKind(
        family=Family.CONNECTOR,
        name="csv",
        summary=text("Open items and clients from CSV or Excel files exported by any ERP."),
        factory=CsvConnector,
        settings=CsvSettings,
        capabilities={
            ConnectorCapability.REFRESH: Declared(
                support=Support.PARTIAL, note='with read = "full"'
            ),
            ConnectorCapability.DELETIONS: Declared(
                support=Support.PARTIAL, note=text('with read = "full" what left the file is gone')
            ),
            ConnectorCapability.DOCUMENTS: IMPOSSIBLE,
            ConnectorCapability.WRITE_BACK: IMPOSSIBLE,
            ConnectorCapability.PEOPLE: FULL,
            ConnectorCapability.TOTALS: Declared(
                support=Support.PARTIAL,
                note=text("if the file ends with a total that it states itself"),
            ),
            ConnectorCapability.FINGERPRINTS: FULL,
            ConnectorCapability.SEVERAL_CURRENCIES: FULL,
            ConnectorCapability.DOCUMENT_LIST: IMPOSSIBLE,
            ConnectorCapability.PAYMENTS: IMPOSSIBLE,
            ConnectorCapability.BALANCES: IMPOSSIBLE,
            ConnectorCapability.DISCOVERY: IMPOSSIBLE,
            # Many exports have no column for them, so the hub also infers them.
            ConnectorCapability.RETURNED_BILLS: IMPOSSIBLE,
        },
        limits=Limits(max_parallel=1, max_page=PAGE),
        docs_url="docs/howto/csv.md",
        if_doubtful=text("look at the file"),
    )
