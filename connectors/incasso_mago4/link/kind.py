"""The kind `magolink`: what it declares about itself."""

from __future__ import annotations

from incasso.api import (
    FULL,
    IMPOSSIBLE,
    PLANNED,
    ConnectorCapability,
    Declared,
    Family,
    Limits,
    PluginKind,
    Support,
    text,
)
from incasso_mago4.link.connector import LinkConnector
from incasso_mago4.link.pages import PAGE
from incasso_mago4.link.settings import LinkSettings

MAGOLINK = PluginKind(
    family=Family.CONNECTOR,
    name="magolink",
    summary=text("Open items and clients of Zucchetti Mago4 through MagicLink, or of MagoCloud."),
    factory=LinkConnector,
    settings=LinkSettings,
    capabilities={
        ConnectorCapability.REFRESH: Declared(
            support=Support.PARTIAL, note=text("one question for each document")
        ),
        ConnectorCapability.DELETIONS: IMPOSSIBLE,
        ConnectorCapability.DOCUMENTS: IMPOSSIBLE,
        ConnectorCapability.WRITE_BACK: Declared(
            support=Support.PARTIAL, note=text("order blocks, with write_back = true")
        ),
        ConnectorCapability.PEOPLE: PLANNED,
        ConnectorCapability.TOTALS: IMPOSSIBLE,
        ConnectorCapability.FINGERPRINTS: FULL,
        ConnectorCapability.SEVERAL_CURRENCIES: FULL,
        ConnectorCapability.DOCUMENT_LIST: PLANNED,
        ConnectorCapability.PAYMENTS: PLANNED,
        ConnectorCapability.BALANCES: IMPOSSIBLE,
        ConnectorCapability.DISCOVERY: IMPOSSIBLE,
        ConnectorCapability.RETURNED_BILLS: Declared(
            support=Support.PARTIAL, note=text("as the items themselves tell, without the bills")
        ),
    },
    limits=Limits(max_parallel=1, max_page=PAGE, page_seconds=300),
    docs_url="docs/howto/mago4-magiclink.md",
    if_doubtful=text("look at the open items of clients in Mago"),
    if_empty=text(
        "look first whether the company is the right one, then at the open items in Mago"
    ),
)
