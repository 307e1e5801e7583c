"""Ledger prints in dare and avere: movements, then a SALDO PARTITA row for each open item."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from incasso.api import Problem, text
from incasso_csv.cells.amounts import Mark, read_amount
from incasso_csv.cells.values import Cell, CellError, is_blank
from incasso_csv.files.tables import Row
from incasso_csv.layouts.entries import Broken, Entry, Item, Total
from incasso_csv.layouts.headings import Heading
from incasso_csv.layouts.row_kinds import (
    client_line,
    is_blank_row,
    is_carried_forward,
    is_grand,
    is_heading_again,
    is_remark,
    total_words,
)

_ZERO = Decimal(0)


def looks_like_ledger(heading: Heading, rows: Sequence[Sequence[Cell]]) -> bool:
    """Whether there are columns for dare and avere, and balances between the rows."""
    return {"debit", "credit"} <= heading.columns.keys() and any(
        total_words(row).startswith("saldo partita") for row in rows
    )


@dataclass
class _Movement:
    row: Row
    fields: Mapping[str, Cell]
    signed: Decimal
    open: Decimal = _ZERO


@dataclass
class _Group:
    """The movements of one open item (partita) so far."""

    movements: list[_Movement] = field(default_factory=list)
    problem: Problem | None = None

    @property
    def balance(self) -> Decimal:
        return sum((movement.signed for movement in self.movements), _ZERO)

    def items(self, client: Mapping[str, Cell], stated: Decimal | None) -> Iterator[Item]:
        """One item per due date; what was paid goes to the earliest first."""
        if not self.movements:
            return
        problem = self.problem or self._wrong_balance(stated)
        owed = [m for m in self.movements if not is_blank(m.fields.get("due_date"))]
        if not problem and not owed and self.balance:
            problem = Problem(
                code="missing", field="due_date", message=text("an open item without any due date")
            )
        if problem:
            raw = "\n".join(movement.row.raw for movement in self.movements)
            yield Broken(self.movements[0].row.number, raw, problem)
            return
        self._settle(owed)
        raw = "\n".join(movement.row.raw for movement in self.movements)
        for movement in owed:
            fields = {
                **{k: v for k, v in movement.fields.items() if k not in ("debit", "credit")},
                **client,
                "amount": movement.signed,
                "residual": movement.open,
            }
            yield Entry(movement.row.number, fields, f"{client}{movement.row.raw}{raw}")

    def _settle(self, owed: list[_Movement]) -> None:
        """Payments have no due date; an overpayment makes the last one negative."""
        paid = self.balance - sum((m.signed for m in owed), _ZERO)
        for movement in owed:
            movement.open = movement.signed
            if paid < 0 < movement.open:
                used = min(-paid, movement.open)
                movement.open -= used
                paid += used
        if owed:
            owed[-1].open += paid

    def _wrong_balance(self, stated: Decimal | None) -> Problem | None:
        if stated is None or stated == self.balance:
            return None
        return Problem(
            code="total_mismatch",
            field="total",
            message=text(
                "SALDO PARTITA says {stated}, its movements give {balance}",
                stated=stated,
                balance=self.balance,
            ),
        )


@dataclass(frozen=True)
class LedgerPrint:
    """Groups movements by open item; the client is in a column or in a line above."""

    heading: Heading
    mark: Mark = ","
    name: str = "ledger"
    width: int = 0

    def read(self, rows: Iterable[Row]) -> Iterator[Item]:
        """Items in the order of the print."""
        client: Mapping[str, Cell] = {}
        group = _Group()
        for position, row in enumerate(rows):
            if position <= self.heading.row or is_blank_row(row.cells):
                continue
            fields = self._fields(row.cells)
            if words := total_words(row.cells):
                if words.startswith("saldo partita"):
                    yield from group.items(client, self._stated(fields))
                    group = _Group()
                elif not is_carried_forward(words):
                    yield Total(row.number, fields, row.raw, is_grand(words))
            elif not self._moves(fields):
                if announced := client_line(row.cells):
                    yield from group.items(client, None)
                    client, group = announced, _Group()
                elif not is_remark(row.cells):
                    yield Broken(row.number, row.raw, _nothing())
            elif not is_heading_again(row.cells, self.heading.names):
                self._add(group, row, fields)
        yield from group.items(client, None)

    def _fields(self, cells: Sequence[Cell]) -> dict[str, Cell]:
        have = len(cells)
        return {name: cells[at] for name, at in self.heading.columns.items() if at < have}

    def _moves(self, fields: Mapping[str, Cell]) -> bool:
        return not (is_blank(fields.get("debit")) and is_blank(fields.get("credit")))

    def _add(self, group: _Group, row: Row, fields: Mapping[str, Cell]) -> None:
        signed = _ZERO
        for name, sign in (("debit", 1), ("credit", -1)):
            try:
                signed += sign * (read_amount(fields.get(name, ""), self.mark) or _ZERO)
            except CellError as error:
                group.problem = error.problem(name)
        group.movements.append(_Movement(row, fields, signed))

    def _stated(self, fields: Mapping[str, Cell]) -> Decimal | None:
        """The balance: in dare or avere, else the only amount of the row."""
        try:
            debit = read_amount(fields.get("debit", ""), self.mark)
            credit = read_amount(fields.get("credit", ""), self.mark)
            if debit is not None or credit is not None:
                return (debit or _ZERO) - (credit or _ZERO)
            return read_amount(fields.get("residual", ""), self.mark)
        except CellError:
            return None


def _nothing() -> Problem:
    return Problem(
        code="missing", field="amount", message=text("the row has neither dare nor avere")
    )
