"""A connector written against api 1. Nobody edits it: it must work until api 3."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from incasso.api import (
    FULL,
    IMPOSSIBLE,
    CallContext,
    CheckReport,
    ClientItem,
    ClientRecord,
    ConnectorCapability,
    ControlTotals,
    Cursor,
    CursorExpiredError,
    Family,
    Gone,
    InstallmentItem,
    InstallmentRecord,
    Limits,
    Page,
    PluginKind,
    Problem,
    RejectedError,
    Secret,
    Unreadable,
    hookimpl,
    setting,
)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Where the ledger is."""

    base_url: str = setting(help="Web address of the ledger")
    token: Secret = setting(help="Its access token")
    page: int = setting(help="Rows per page", unit="rows", default=2)


class Ledger:
    """Reads a web service whose rows carry a change number."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @hookimpl
    def instance_check(self, ctx: CallContext) -> CheckReport:
        """The company behind the token."""
        return CheckReport(remote_identity=str(self._get(ctx, "/company")["id"]))

    @hookimpl
    def erp_pull_clients(
        self, since: Cursor | None, ctx: CallContext
    ) -> Iterator[Page[ClientItem]]:
        """Clients in the order of their change."""
        return self._pages(ctx, "/clients", since, _client)

    @hookimpl
    def erp_pull_installments(
        self, since: Cursor | None, ctx: CallContext
    ) -> Iterator[Page[InstallmentItem]]:
        """Installments in the order of their change."""
        return self._pages(ctx, "/installments", since, _installment)

    @hookimpl
    def erp_refresh_installments(
        self, external_ids: tuple[str, ...], ctx: CallContext
    ) -> tuple[InstallmentRecord | Gone, ...]:
        """One question for all."""
        rows = {row["key"]: row for row in self._get(ctx, "/installments")["rows"]}
        found = [_installment(rows[key]) if key in rows else None for key in external_ids]
        return tuple(
            item if isinstance(item, InstallmentRecord) else Gone(external_id=key)
            for key, item in zip(external_ids, found, strict=True)
        )

    @hookimpl
    def erp_totals(self, ctx: CallContext) -> ControlTotals:
        """What the service says itself."""
        told = self._get(ctx, "/totals")
        return ControlTotals(open_items=told["count"], residual={"EUR": Decimal(told["sum"])})

    def _get(self, ctx: CallContext, path: str) -> dict[str, Any]:
        answer = ctx.http.request(
            "GET",
            self._settings.base_url + path,
            headers={"authorization": self._settings.token.reveal()},
        )
        try:
            value = answer.json()
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise RejectedError(f"{path} gave no JSON object")
        return value

    def _pages(
        self, ctx: CallContext, path: str, since: Cursor | None, read: Any
    ) -> Iterator[Page[Any]]:
        told = self._get(ctx, path)
        start = _number(since, told["last"])
        rows = [row for row in told["rows"] if row["change"] > start]
        size = self._settings.page
        for at in range(0, len(rows), size):
            part = rows[at : at + size]
            last = at + size >= len(rows)
            yield Page(
                items=tuple(map(read, part)),
                cursor=str(told["last"] if last else part[-1]["change"]),
                complete=last and since is None,
            )


def _number(cursor: Cursor | None, last: int) -> int:
    if cursor is None:
        return 0
    if not cursor.isdigit() or int(cursor) > last:
        raise CursorExpiredError
    return int(cursor)


def _client(row: dict[str, Any]) -> ClientItem:
    return ClientRecord(code=row["code"], name=row["name"])


def _installment(row: dict[str, Any]) -> InstallmentItem:
    if row.get("gone"):
        return Gone(external_id=row["key"])
    try:
        return InstallmentRecord(
            key=row["key"],
            client=row["client"],
            due_date=date.fromisoformat(row["due"]),
            residual=Decimal(row["open"]),
        )
    except ArithmeticError:
        problem = Problem(code="amount", field="open", message=f"{row['open']!r} is no amount")
        return Unreadable(external_id=row["key"], problems=(problem,), raw=str(row))


@hookimpl
def hub_kinds() -> tuple[PluginKind, ...]:
    """One kind."""
    usable = (
        ConnectorCapability.REFRESH,
        ConnectorCapability.TOTALS,
        ConnectorCapability.DELETIONS,
    )
    return (
        PluginKind(
            family=Family.CONNECTOR,
            name="ledger",
            summary="Reads a ledger over the web.",
            factory=Ledger,
            settings=Settings,
            capabilities={
                each: FULL if each in usable else IMPOSSIBLE for each in ConnectorCapability
            },
            limits=Limits(max_parallel=2, max_page=10),
            api=1,
        ),
    )
