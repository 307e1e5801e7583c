"""Two lots at an agency, with everything that a fee or a scorecard depends on.

Rossi has L-2026-0001 since 1 August: Bianchi owes 1,000.00 (sixty days late) and 500.00 (a hundred
and twenty), Verdi 2,000.00. Since 10 November it has L-2026-0002: Neri owes 1,000.00; what Gialli
owes it did not take. L-2026-0003 has not left.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.placement.provider_file import read_provider_file
from incasso.store.placement import providers
from incasso.store.tables import exchange, placement
from tests.acts import office
from tests.acts.office import NOON, insert
from tests.placement.price_lists import WHOLE

FIRST, SECOND, ON = date(2026, 8, 1), date(2026, 11, 10), date(2026, 11, 30)
AGENCY = """
[[provider]]
key = "rossi"
label = "Rossi Recuperi"
kind = "agency"
services = ["extrajudicial"]
price_list = "rossi"
"""


class WorkedLots:
    """Writes them straight into the tables."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._updates: dict[str, int] = {}
        self._entries: dict[tuple[str, int], int] = {}
        tables = read_provider_file(AGENCY + WHOLE).tables
        providers.publish_price_list(connection, tables.price_lists[0], at=NOON, by="anna")
        providers.publish_provider(connection, tables.providers[0], at=NOON, by="anna")
        self._source = office.source(connection)
        lot = self._lot("L-2026-0001", FIRST)
        self.bianchi, (r1, r2) = self._placement(lot, "Bianchi", [(100_000, 60), (50_000, 120)])
        self.verdi, (r3,) = self._placement(lot, "Verdi", [(200_000, 60)])
        late = self._lot("L-2026-0002", SECOND)
        self._placement(late, "Neri", [(100_000, 30)])
        self._placement(late, "Gialli", [(70_000, 30)], "refused")
        waiting = self._lot("L-2026-0003", None)
        self._placement(waiting, "Viola", [(90_000, 30)], "composed")
        self._money(lot, r1, r2, r3)
        self._work()
        self._fee_note()

    def _lot(self, code: str, handed_on: date | None) -> int:
        return self._insert(
            placement.lots,
            code=code,
            source_id=self._source,
            provider="rossi",
            service="extrajudicial",
            state="working" if handed_on else "composed",
            composed_on=FIRST,
            handed_on=handed_on,
        )

    def _placement(
        self, lot: int, name: str, credits: list[tuple[int, int]], state: str = "working"
    ) -> tuple[int, list[int]]:
        client = office.client(self._connection, self._source, name[:3].upper(), name)
        made = self._insert(
            placement.placements,
            lot_id=lot,
            client_id=client,
            currency="EUR",
            state=state,
            total=sum(amount for amount, _ in credits),
        )
        rows = []
        for number, (amount, late) in enumerate(credits):
            key = f"{name}/{number}"
            credit = office.installment(self._connection, client, key, amount, date(2026, 6, 1))
            row = {"placement_id": made, "installment_id": credit, "residual": amount}
            taken = (
                "over" if state == "refused" else "composed" if state == "composed" else "placed"
            )
            rows.append(self._insert(placement.placement_rows, **row, days_late=late, state=taken))
        return made, rows

    def _money(self, lot: int, r1: int, r2: int, r3: int) -> None:
        """1,200.00 from Bianchi in one payment; 800.00 from Verdi that came back; then 500.00 that
        Verdi paid to the office."""
        self._update("p1", self.bianchi, "payment", date(2026, 8, 20), 120_000)
        self._entry(r1, "collected", 100_000, date(2026, 8, 20), "p1")
        self._entry(r2, "collected", 20_000, date(2026, 8, 20), "p1")
        self._update("p2", self.verdi, "payment", date(2026, 9, 15), 80_000)
        self._entry(r3, "collected", 80_000, date(2026, 9, 15), "p2")
        self._update("p2r", self.verdi, "reversal", date(2026, 9, 20), 80_000, corrects="p2")
        self._entry(r3, "reversed", 80_000, date(2026, 9, 20), "p2r", corrects=("p2", r3))
        self._entry(r3, "direct", 50_000, date(2026, 10, 10))
        self._update("h1", self.verdi, "direct_payment", date(2026, 10, 8), 50_000)
        self._insert(
            exchange.exchange_notices,
            name="N1",
            provider="rossi",
            lot_id=lot,
            placement_id=self.verdi,
            row_id=r3,
            kind="direct_payment",
            state="sent",
            on_date=date(2026, 10, 10),
            amount=50_000,
            currency="EUR",
            made_at=NOON,
        )

    def _work(self) -> None:
        """Bianchi was called after four days and kept a promise; Verdi was never called, broke one
        that came back, has one more to come, and complained."""
        self._update("a2", self.bianchi, "activity", date(2026, 8, 10))
        self._update("a1", self.bianchi, "activity", date(2026, 8, 5))
        self._promise("o1", self.bianchi, date(2026, 8, 6), date(2026, 8, 20), 120_000)
        self._promise("o2", self.verdi, date(2026, 9, 1), date(2026, 9, 15), 80_000)
        self._promise("o3", self.verdi, date(2026, 11, 28), date(2026, 12, 10), 10_000)
        self._update("c1", self.verdi, "complaint", date(2026, 9, 2))

    def _fee_note(self) -> None:
        """Right for Bianchi; the payment that came back; 8 % of the direct one, under the name by
        which Rossi heard of it; a stranger."""
        october = date(2026, 10, 31)
        self._update("f1", self.bianchi, "fee", october, 10_500, corrects="p1")
        self._update("f2", self.verdi, "fee", october, 6_400, corrects="p2")
        self._update("f3", self.verdi, "fee", october, 4_000, corrects="h1")
        self._update("f4", None, "fee", october, 1_000, corrects="px")
        self._update("f5", self.bianchi, "fee", october, 2_500)
        self._update("f6", self.verdi, "fee", october, 99_900, corrects="p2", standing="refused")

    def _promise(self, id: str, of: int, on: date, until: date, amount: int) -> None:
        self._update(id, of, "promise", on, amount, until=until)

    def _update(
        self, id: str, of: int | None, kind: str, on: date, amount: int | None = None, **more: Any
    ) -> None:
        self._updates[id] = self._insert(
            exchange.exchange_updates,
            provider="rossi",
            update_id=id,
            placement_id=of,
            kind=kind,
            at=datetime(on.year, on.month, on.day, 10, tzinfo=UTC),
            on_date=on,
            taken_on=on,
            amount=amount,
            currency="EUR",
            **{"standing": "applied", **more},
        )

    def _entry(
        self,
        row: int,
        kind: str,
        amount: int,
        on: date,
        update: str = "",
        corrects: tuple[str, int] | None = None,
    ) -> None:
        self._entries[update, row] = self._insert(
            placement.placement_entries,
            row_id=row,
            kind=kind,
            amount=amount,
            on_date=on,
            cause=update or "erp",
            update_id=self._updates.get(update),
            corrects_id=self._entries[corrects] if corrects else None,
            at=NOON,
        )

    def _insert(self, table: sa.Table, **values: Any) -> int:
        return insert(self._connection, table, **values)
