"""The result of several weeks on one screen: in, out, to do, quarantine, one explanation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from incasso.contract.values import CurrencyCode, Money
from incasso.messages.formats import money_text

MEDIA = {
    "email": "e-mail",
    "pec": "PEC",
    "sms": "SMS",
    "fax": "fax",
    "letter": "lettere",
    "registered": "raccomandate",
    "telegram": "telegrammi",
}
ACTIONS = {
    "send": "messaggi da approvare",
    "notify": "avvisi interni",
    "call": "telefonate",
    "visit": "visite",
    "task": "verifiche",
    "park": "passaggi in area da approvare",
    "place": "affidamenti da approvare",
    "block_orders": "blocchi ordini da approvare",
    "close": "chiusure da approvare",
}


@dataclass(frozen=True, kw_only=True)
class CameIn:
    """What the ledger files brought, over all days."""

    clients: int
    installments: int
    new: int
    paid: int
    unpaid: int
    open_items: int
    open_total: Mapping[CurrencyCode, Decimal]


@dataclass(frozen=True, kw_only=True)
class ToDo:
    """Steps that wait for a person on the last day: what, for whom, how many, about how much."""

    action: str
    operator: str
    count: int
    example: str


@dataclass(frozen=True, kw_only=True)
class Refused:
    """A row in quarantine: where, what is wrong, how to mend it."""

    file: str
    row: int | None
    field: str
    problem: str
    hint: str


@dataclass(frozen=True, kw_only=True)
class Why:
    """One explanation, as `incasso explain` gives it."""

    subject: str
    decision: str
    conditions: tuple[tuple[str, bool], ...]
    """The condition as a sentence, and whether it blocks."""


@dataclass(frozen=True, kw_only=True)
class Summary:
    """The demo in numbers; prints itself in a terminal."""

    folder: Path
    first: date
    last: date
    days: int
    seconds: float
    came_in: CameIn
    left: Mapping[str, int]
    """Messages by medium."""
    carried_out: Mapping[str, int]
    """Steps done without a message, by action."""
    handled: int
    """Things people did."""
    to_do: tuple[ToDo, ...]
    quarantined: tuple[Refused, ...]
    why: Why | None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Text(f"\nDal {self.first:%d/%m/%Y} al {self.last:%d/%m/%Y}", style="bold", end="")
        yield Text(f": {self.days} giorni lavorativi in {self.seconds:.0f} secondi\n")
        shown = [
            ("Entrato", self._came_in()),
            ("Uscito", self._left()),
            ("Da fare oggi", self._to_do()),
        ]
        if self.quarantined:
            shown.append(("In quarantena", self._quarantined()))
        if self.why is not None:
            title = f"Perché {self.why.subject}? {self.why.decision}"
            shown.append((title, self._explained(self.why)))
        for title, table in shown:
            yield Text(title, style="bold")
            yield table
            yield Text()
        yield from self._next()

    def _came_in(self) -> Table:
        table = _table("", "n.")
        for label, number in (
            ("clienti", self.came_in.clients),
            ("rate lette il primo giorno", self.came_in.installments),
            ("rate nuove nei giorni seguenti", self.came_in.new),
            ("pagate", self.came_in.paid),
            ("tornate insolute", self.came_in.unpaid),
            ("ancora aperte", self.came_in.open_items),
        ):
            table.add_row(label, f"{number:,}".replace(",", "."))
        for currency, amount in self.came_in.open_total.items():
            money = money_text(Money(amount=amount, currency=currency), "it_IT")
            table.add_row(f"esposizione in {currency}", money)
        return table

    def _left(self) -> Table:
        table = _table("mezzo", "n.")
        for medium, count in self.left.items():
            table.add_row(MEDIA.get(medium, medium), str(count))
        for action, count in self.carried_out.items():
            table.add_row(_CARRIED_OUT.get(action, action), str(count))
        table.add_row("fatto dalle persone", str(self.handled))
        return table

    def _to_do(self) -> Table:
        table = _table("azione", "addetto", "n.", "per esempio")
        for each in self.to_do:
            action = ACTIONS.get(each.action, each.action)
            table.add_row(action, each.operator or "-", str(each.count), Text(each.example))
        return table

    def _quarantined(self) -> Table:
        table = _table("file", "riga", "campo", "problema", "rimedio")
        for each in self.quarantined:
            row = "" if each.row is None else str(each.row)
            cells = (each.file, row, each.field, each.problem, each.hint)
            table.add_row(*[Text(cell) for cell in cells])
        return table

    def _explained(self, why: Why) -> Table:
        table = _table("", "condizione")
        for sentence, blocks in why.conditions:
            mark = Text("blocca", style="bold red") if blocks else Text("")
            table.add_row(mark, Text(sentence))
        return table

    def _next(self) -> RenderResult:
        config = self.folder / "plugins.toml"
        yield Text(f"I messaggi sono in {self.folder / 'outbox'}. Da provare:", style="bold")
        for words in ("steps --status ready", "quarantine", "simulate --days 30", "verify"):
            yield Text(f"  incasso --config {config} {words}")


_CARRIED_OUT = {
    "block_orders": "ordini bloccati",
    "park": "parcheggiate",
    "place": "proposte per un lotto",
    "close": "chiuse",
    "notify": "avvisi interni",
}


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in headings:
        table.add_column(heading, justify="right" if heading in ("n.", "riga") else "left")
    return table
