"""How a sentence names work that is no act of a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from incasso.contract.text import Text, text

WORK: Final[Mapping[str, Text]] = {
    "sync": text("read a ledger"),
    "confirm": text("confirm what the guard stopped"),
    "collect": text("collect receipts"),
    "plan": text("plan a day"),
    "dispatch": text("let messages leave"),
    "run": text("run a cycle"),
    "recover": text("account for what left"),
    "iters": text("publish iters"),
    "texts": text("change texts"),
    "assignment": text("change the assignment rules"),
    "users": text("manage users"),
    "tokens": text("manage tokens"),
    "post": text("type back the numbers of registered letters"),
    "providers": text("publish providers and price lists"),
    "lots": text("compose and hand over lots"),
    "lot_approval": text("approve a lot"),
    "exchange": text("take in what providers send"),
    "outcomes": text("change what becomes of credits that come back"),
    "plugins": text("forget plugin instances"),
    "dossier": text("make a dossier"),
}
"""What is no act, in the infinitive; by the code of the work."""
