"""The kind `mago4`: what it can do."""

from __future__ import annotations

from typing import Final

from incasso.api import (
    FULL,
    IMPOSSIBLE,
    ConnectorCapability,
    Declared,
    Family,
    Limits,
    PluginKind,
    Support,
    text,
)
from incasso_mago4.database.connector import Mago4Connector
from incasso_mago4.database.pull import PAGE
from incasso_mago4.settings import Mago4Settings

MAGO4: Final = PluginKind(
    family=Family.CONNECTOR,
    name="mago4",
    summary=text("Open items and clients from the company database of Zucchetti Mago4."),
    factory=Mago4Connector,
    settings=Mago4Settings,
    capabilities={
        ConnectorCapability.REFRESH: FULL,
        ConnectorCapability.DELETIONS: IMPOSSIBLE,
        ConnectorCapability.DOCUMENTS: IMPOSSIBLE,
        ConnectorCapability.WRITE_BACK: Declared(
            support=Support.PARTIAL, note=text("order blocks, with magiclink or flag_update = true")
        ),
        ConnectorCapability.PEOPLE: FULL,
        ConnectorCapability.TOTALS: FULL,
        ConnectorCapability.FINGERPRINTS: FULL,
        ConnectorCapability.SEVERAL_CURRENCIES: FULL,
        ConnectorCapability.DOCUMENT_LIST: FULL,
        ConnectorCapability.PAYMENTS: FULL,
        ConnectorCapability.BALANCES: Declared(
            support=Support.PARTIAL, note=text("of the journal, where the login may read its lines")
        ),
        ConnectorCapability.DISCOVERY: IMPOSSIBLE,
        ConnectorCapability.RETURNED_BILLS: FULL,
    },
    limits=Limits(max_parallel=1, max_page=PAGE * 2),
    docs_url="docs/howto/mago4.md",
    if_doubtful=text("look at the open items of clients in Mago"),
    if_empty=text(
        "look first whether the database is the right company's, then at the open items in Mago"
    ),
)
