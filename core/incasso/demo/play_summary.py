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

from incasso.contract.text import term, text
from incasso.contract.values import CurrencyCode, Money
from incasso.locale import localize, reading_language
from incasso.locale.forms import amount_text, day_text
from incasso.locale.labels import DELIVERY_STATUSES, Labels
from incasso.messages.formats import money_text

MEDIA: Labels = {
    "email": term("demo", "e-mail"),
    "pec": term("demo", "certified mail (PEC)"),
    "sms": term("demo", "SMS"),
    "fax": term("demo", "fax"),
    "letter": term("demo", "letters"),
    "registered": term("demo", "registered letters"),
    "telegram": term("demo", "telegrams"),
}
ACTIONS: Labels = {
    "send": term("demo", "messages to approve"),
    "notify": term("demo", "internal notices"),
    "call": term("demo", "phone calls"),
    "visit": term("demo", "visits"),
    "task": term("demo", "checks"),
    "park": term("demo", "parkings to approve"),
    "place": term("demo", "placements to approve"),
    "block_orders": term("demo", "order blocks to approve"),
    "close": term("demo", "closings to approve"),
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
class Story:
    """The last things that happened to one client, as `incasso history` tells them."""

    client: str
    name: str
    lines: tuple[tuple[date, str], ...]


@dataclass(frozen=True, kw_only=True)
class Leaving:
    """One step as it leaves, as `incasso show step` shows it."""

    step: int
    to: str
    subject: str
    why: tuple[str, ...]
    """Why it has not left yet; empty if it has."""
    words: tuple[str, ...]


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
    came_back: Mapping[str, Mapping[str, int]]
    """What became of them, by medium and status, of the media whose providers answer."""
    carried_out: Mapping[str, int]
    """Steps done without a message, by action."""
    handled: int
    """Things people did."""
    to_do: tuple[ToDo, ...]
    quarantined: tuple[Refused, ...]
    why: Why | None
    kept: int
    """Promises and plans that the money met."""
    broken: int
    story: Story | None
    leaving: Leaving | None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        span = text("\nFrom {first} to {last}", first=self.first, last=self.last)
        yield Text(_here(span), style="bold", end="")
        took = text(
            ": {days} business days in {seconds} seconds\n",
            days=self.days,
            seconds=f"{self.seconds:.0f}",
        )
        yield Text(_here(took))
        shown = [
            (_here(term("demo", "Came in")), self._came_in()),
            (_here(term("demo", "Left")), self._left()),
            (_here(term("demo", "To do today")), self._to_do()),
        ]
        if self.came_back:
            shown.insert(2, (_here(term("demo", "What became of it")), self._came_back()))
        if self.quarantined:
            shown.append((_here(term("demo", "In quarantine")), self._quarantined()))
        if self.why is not None:
            title = _here(
                text("Why {subject}? {why}", subject=self.why.subject, why=self.why.decision)
            )
            shown.append((title, self._explained(self.why)))
        if self.story is not None:
            title = text(
                "History of {client}, {name}", client=self.story.client, name=self.story.name
            )
            shown.append((_here(title), self._told(self.story)))
        if self.leaving is not None:
            title = text("Step {step} as it leaves", step=self.leaving.step)
            shown.append((_here(title), self._shown(self.leaving)))
        for title, table in shown:
            yield Text(title, style="bold")
            yield table
            yield Text()
        yield from self._next()

    def _came_in(self) -> Table:
        table = _table("", term("demo", "no."))
        for label, number in (
            (term("demo", "clients"), self.came_in.clients),
            (term("demo", "installments read on the first day"), self.came_in.installments),
            (term("demo", "new installments on the days after"), self.came_in.new),
            (term("demo", "paid"), self.came_in.paid),
            (term("demo", "came back unpaid"), self.came_in.unpaid),
            (term("demo", "still open"), self.came_in.open_items),
        ):
            table.add_row(_here(label), amount_text(Decimal(number), reading_language()))
        for currency, amount in self.came_in.open_total.items():
            money = money_text(Money(amount=amount, currency=currency), "it_IT")
            table.add_row(_here(text("exposure in {currency}", currency=currency)), money)
        return table

    def _left(self) -> Table:
        table = _table(term("demo", "medium"), term("demo", "no."))
        for medium, count in self.left.items():
            table.add_row(_here(MEDIA.get(medium, medium)), str(count))
        for action, count in self.carried_out.items():
            table.add_row(_here(_CARRIED_OUT.get(action, action)), str(count))
        table.add_row(_here(term("demo", "done by people")), str(self.handled))
        table.add_row(_here(term("demo", "agreements kept")), str(self.kept))
        table.add_row(_here(term("demo", "agreements broken")), str(self.broken))
        return table

    def _came_back(self) -> Table:
        table = _table(term("demo", "medium"), term("demo", "status"), term("demo", "no."))
        for medium, statuses in self.came_back.items():
            for place, (status, count) in enumerate(statuses.items()):
                words = _here(MEDIA.get(medium, medium)) if not place else ""
                table.add_row(words, _here(DELIVERY_STATUSES.get(status, status)), str(count))
        return table

    def _to_do(self) -> Table:
        table = _table(
            term("demo", "action"),
            term("demo", "operator"),
            term("demo", "no."),
            term("demo", "for example"),
        )
        for each in self.to_do:
            action = _here(ACTIONS.get(each.action, each.action))
            table.add_row(action, each.operator or "-", str(each.count), Text(each.example))
        return table

    def _quarantined(self) -> Table:
        table = _table(
            term("demo", "file"),
            term("demo", "row"),
            term("demo", "field"),
            term("demo", "problem"),
            term("demo", "cure"),
        )
        for each in self.quarantined:
            row = "" if each.row is None else str(each.row)
            cells = (each.file, row, each.field, each.problem, each.hint)
            table.add_row(*[Text(_here(cell)) for cell in cells])
        return table

    def _explained(self, why: Why) -> Table:
        table = _table("", term("demo", "condition"))
        for sentence, blocks in why.conditions:
            mark = Text(_here(term("demo", "blocks")), style="bold red") if blocks else Text("")
            table.add_row(mark, Text(_here(sentence)))
        return table

    def _told(self, story: Story) -> Table:
        table = _table(term("demo", "day"), term("demo", "what happened"))
        for day, sentence in story.lines:
            table.add_row(day_text(day, reading_language()), Text(_here(sentence)))
        return table

    def _shown(self, leaving: Leaving) -> Table:
        table = _table("", "")
        for label, words in (
            (term("message", "To"), leaving.to),
            (term("message", "Subject"), leaving.subject),
            (term("demo", "still waits"), "; ".join(map(_here, leaving.why))),
            ("", "\n".join(leaving.words)),
        ):
            if words:
                table.add_row(_here(label), Text(words))
        return table

    def _next(self) -> RenderResult:
        config = self.folder / "plugins.toml"
        where = text("The messages are in {folder}. To try:", folder=str(self.folder / "outbox"))
        yield Text(_here(where), style="bold")
        wanted = ["steps --status ready", "quarantine", "simulate --days 30", "verify"]
        if self.story is not None:
            wanted.append(f"history {self.story.client}")
        if self.leaving is not None:
            wanted.append(f"show step {self.leaving.step} --on {self.last}")
        for words in wanted:
            yield Text(f"  incasso --config {config} {words}")


_CARRIED_OUT: Labels = {
    "block_orders": term("demo", "orders blocked"),
    "park": term("demo", "parked"),
    "place": term("demo", "proposed for a lot"),
    "close": term("demo", "closed"),
    "notify": term("demo", "internal notices"),
}


def _here(words: str) -> str:
    """In the language of whoever watches; the demo office is Italian."""
    return localize(words, reading_language())


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in headings:
        right = heading in ("no.", "row")
        table.add_column(_here(heading), justify="right" if right else "left")
    return table
