"""After a good full read: does each client owe here what the ERP itself says it owes?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from incasso.contract.capabilities import ConnectorCapability, Family
from incasso.contract.errors import PluginError
from incasso.contract.text import text
from incasso.domain.ledger.plausible import amount_problem
from incasso.domain.money import to_minor
from incasso.locale.problems import sentence
from incasso.plugins.handles import ConnectorHandle
from incasso.services.hub.hub import Hub
from incasso.store.ledger import balances
from incasso.store.ledger.balances import OwingClient
from incasso.store.ledger.sources import Source

AT_ONCE: Final = 50
"""The contract's limit for one question to an ERP."""

TIME: Final = timedelta(minutes=2)
"""So long one sync compares; the next goes on where it stopped."""


@dataclass(kw_only=True)
class Comparison:
    """What one sync compared."""

    compared: int = 0
    differing: int = 0
    """Of all clients of the source, as far as they were ever compared."""
    explained: int = 0
    """Those that differ only by bills counted as collected: no error."""
    finished: bool = False
    trouble: str = ""


def wanted(hub: Hub, handle: ConnectorHandle) -> bool:
    """The source's table says `check_balances = true` and its connector can read balances."""
    table = hub.config.tables.get(Family.CONNECTOR, {}).get(handle.id, {})
    return bool(table.get("check_balances")) and handle.can(ConnectorCapability.BALANCES)


def compare(hub: Hub, handle: ConnectorHandle, source: Source, on: date) -> Comparison:
    """Ask for the balance of clients with open items, 50 a call, and keep who differs.

    Nothing of the ledger changes. What the connector cannot do is reported, not raised.
    """
    found, until = Comparison(), hub.now() + TIME
    after = source.balances_after
    while not found.finished and hub.now() <= until:
        with hub.store.read() as connection:
            clients = balances.owing(connection, source.id, source.currency, after, AT_ONCE)
        try:
            by_erp, wrong = _erp_balances(handle, clients, source.currency, on)
        except PluginError as error:
            found.trouble = text("the balances could not be compared: {error}", error=str(error))
            break
        found.trouble = found.trouble or wrong
        found.finished = len(clients) < AT_ONCE
        after = "" if found.finished else clients[-1].code
        found.compared += len(by_erp)
        with hub.store.write() as connection:
            balances.keep(connection, clients, by_erp, source.currency, on)
            balances.set_after(connection, source.id, after)
            if found.finished:
                balances.forget_balanced(connection, source.id)
    with hub.store.read() as connection:
        found.differing = balances.differing(connection, source.id)
        found.explained = balances.explained(connection, source.id)
    return found


def _erp_balances(
    handle: ConnectorHandle, clients: Sequence[OwingClient], currency: str, on: date
) -> tuple[dict[int, int], str]:
    """The ERP's balance by client, minor units, of those that can be compared; and the first that
    is no amount."""
    asked = {each.code: each.id for each in clients if each.open_items is not None}
    by_erp = handle.balances(tuple(asked), on) if asked else {}
    found, wrong = {}, ""
    for code, balance in by_erp.items():
        if code not in asked:
            continue
        if fault := amount_problem("balance", balance, currency):
            wrong = wrong or text(
                "the balance of client {client} cannot be used: {problem}",
                client=code,
                problem=sentence(fault),
            )
        else:
            found[asked[code]] = to_minor(balance, currency)
    return found, wrong
