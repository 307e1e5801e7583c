"""Whether a client may order, and who blocks it: shared by API, feed and lists."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection

from incasso.domain.ledger.freshness import is_trusted
from incasso.domain.office.actor import Scope
from incasso.domain.orders.blocks import BlockedBy, blocked_by
from incasso.locale import localize
from incasso.locale.orders import BLOCKED_THERE
from incasso.plugins.settings.config import HubConfig
from incasso.store.lists.blocked import OrderingClient, blocked
from incasso.store.lists.blocked import credit_status as ordering_client


class CreditStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One client as an order program needs it."""

    source: str
    client: str
    allowed: bool
    """Whether new orders are taken: neither the hub nor the ERP has blocked the client."""
    blocked_by: BlockedBy | None
    reason: str
    """Why not; empty if allowed."""
    since: date | None
    """Since when the hub blocks; unknown for the ERP's own blocks."""
    trusted: bool
    """False: the ledger behind this answer is older than the company allows."""
    as_of: datetime | None
    """When the source was last read successfully."""


def credit_status(
    connection: Connection, config: HubConfig, scope: Scope, source: str, client: str, now: datetime
) -> CreditStatus | None:
    """The client's standing, one query by index; None if the scope has no such client."""
    # PostgreSQL refuses to compare with a NUL; SQLite would simply find nothing.
    found = ordering_client(connection, scope, source.replace("\0", ""), client.replace("\0", ""))
    if found is None:
        return None
    by = who_blocks(found)
    return CreditStatus(
        source=found.source,
        client=found.client,
        allowed=by is None,
        blocked_by=by,
        reason=reason_of(found, config.language),
        since=found.since,
        trusted=_is_trusted(found, config, now),
        as_of=found.last_good_sync_at,
    )


def blocked_clients(
    connection: Connection, language: str, scope: Scope, source: str | None = None
) -> Iterator[dict[str, Any]]:
    """Everybody who may not order, as rows of the feed; the keys are its columns."""
    for found in blocked(connection, scope, source):
        yield {
            "source": found.source,
            "client": found.client,
            "name": found.name,
            "vat": found.vat,
            "blocked_since": found.since,
            "reason": reason_of(found, language),
            "blocked_by": who_blocks(found),
        }


def who_blocks(found: OrderingClient) -> BlockedBy | None:
    """Who blocks."""
    return blocked_by(hub=found.block is not None, erp_flag=found.erp_flag, ours=found.ours)


def reason_of(found: OrderingClient, language: str) -> str:
    """Why, in the office's language; the hub's own words before the ERP's flag."""
    match who_blocks(found):
        case None:
            return ""
        case "erp":
            return localize(BLOCKED_THERE, language)
    return found.reason or ""


def _is_trusted(found: OrderingClient, config: HubConfig, now: datetime) -> bool:
    return is_trusted(
        found.last_good_sync_on,
        found.last_good_sync_at,
        on=now.astimezone(config.timezone).date(),
        now=now,
        max_age_hours=config.company(found.source).max_age_hours,
    )
