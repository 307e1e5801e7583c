"""Random ledgers, written as a random program might export them; what they sum to is known."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Final

from tests.csv.test_programs import ROWS

NAMES: Final = (
    "Rossi Mario Srl", "Caffè Ai Portici", "Bianchi & Figli Snc", "L'Orto di Anna", "Zeta-Tre Spa",
    "Müller GmbH", "Officina F.lli Neri", 'Bar "Sport"', "Società Agricola Ò", "Verdi; Gialli Sas",
)  # fmt: skip
MONTHS: Final = "gen feb mar apr mag giu lug ago set ott nov dic".split()


@dataclass(frozen=True)
class Debt:
    """One open item as the program that writes the file has it; money in cents."""

    client: int
    number: str
    issued: date
    due: date
    amount: int
    paid: int

    @property
    def residual(self) -> int:
        return self.amount - self.paid


@dataclass(frozen=True)
class Writing:
    """How the file is written."""

    fields: tuple[str, ...]
    names: tuple[str, ...]
    separator: str
    mark: str
    thousands: bool
    minus: str
    dates: str
    encoding: str
    title: bool
    totals: bool


def ledger(chance: Random) -> list[Debt]:
    """Two to twenty items; some are credits, some partly paid, none equal to another."""
    debts = []
    for number in range(chance.randrange(2, 20)):
        amount = chance.choice((100, 123456, 5, 1_234_567_89, 40000, 99)) + number
        credit = chance.random() < 0.15
        paid = 0 if credit else chance.choice((0, 0, 0, amount // 3))
        issued = date(2026, 1, 1) + timedelta(days=chance.randrange(250))
        due = issued + timedelta(days=chance.randrange(120))
        sign = -1 if credit else 1
        client = chance.randrange(len(NAMES))
        debts.append(Debt(client, f"F{number:03}/A", issued, due, sign * amount, paid))
    return debts


def writing(chance: Random) -> Writing:
    """Headings of a program in another order, and one choice of everything else."""
    cells = [tuple(cell.partition("=")[::2]) for cell in chance.choice(ROWS).split("|")]
    if "document_number" not in [field for _, field in cells]:
        cells.append(("Numero documento", "document_number"))
    chance.shuffle(cells)
    return Writing(
        fields=tuple(field for _, field in cells),
        names=tuple(name for name, _ in cells),
        separator=chance.choice(";;\t|,"),
        mark=chance.choice(",,."),
        thousands=chance.random() < 0.5,
        minus=chance.choice(("-{}", "{}-", "({})")),
        dates=chance.choice(("%d/%m/%Y", "%d/%m/%y", "%Y-%m-%d", "%d.%m.%Y", "%Y%m%d", "name")),
        encoding=chance.choice(("utf-8", "utf-8-sig", "cp1252", "utf-16")),
        title=chance.random() < 0.3,
        totals=chance.random() < 0.5,
    )


def money(cents: int, how: Writing) -> str:
    """1.234,56 or 1234.56, a minus where the program puts it."""
    whole, rest = divmod(abs(cents), 100)
    other = "." if how.mark == "," else ","
    digits = f"{whole:,}".replace(",", other) if how.thousands else str(whole)
    text = f"{digits}{how.mark}{rest:02}"
    return how.minus.format(text) if cents < 0 else text


def day(on: date, how: Writing) -> str:
    """A date in the program's writing."""
    if how.dates == "name":
        return f"{on.day:02}-{MONTHS[on.month - 1]}-{on.year}"
    return on.strftime(how.dates)


def cell(field: str, debt: Debt, how: Writing) -> str:
    """What a column holds of a debt; columns that mean nothing hold a word."""
    signed = "sign" in how.fields
    residual_column = "residual" in how.fields or "paid" in how.fields
    amount = debt.amount if residual_column else debt.residual
    values = {
        "client": f"C{debt.client:04}",
        "client_name": NAMES[debt.client],
        "vat": "",
        "tax_code": "",
        "tax_id": "",
        "document_number": debt.number,
        "document_date": day(debt.issued, how),
        "due_date": day(debt.due, how),
        "amount": money(abs(amount) if signed else amount, how),
        "residual": money(debt.residual, how),
        "paid": money(debt.paid, how),
        "sign": "A" if debt.amount < 0 else "D",
        "document_kind": "Nota di credito" if debt.amount < 0 else "Fattura",
        "currency": "EUR",
        "payment_method": "Bonifico",
    }
    return values.get(field, "" if field else "altro")


def total(debts: Sequence[Debt], how: Writing) -> list[str]:
    """The program's own total row: words first, the sums below their columns."""
    sums = {"residual": sum(debt.residual for debt in debts), "paid": sum(d.paid for d in debts)}
    sums["amount"] = sum(debt.amount for debt in debts)
    if not {"residual", "paid"}.intersection(how.fields):
        sums["amount"] = sums["residual"]
    row = [money(sums[field], how) if field in sums else "" for field in how.fields]
    free = next(
        (at for at, field in enumerate(how.fields) if field not in (*sums, "due_date")), None
    )
    first = next(at for at, field in enumerate(how.fields) if field in sums)
    if free is None or free > first:
        return []  # the words would not stand at the beginning of the row
    row[free] = "Totale generale"
    return row


def write(debts: Sequence[Debt], how: Writing, path: Path) -> Path:
    """The file, with the quoting of the csv module."""
    out = io.StringIO()
    rows = csv.writer(out, delimiter=how.separator, lineterminator="\r\n")
    if how.title:
        rows.writerow(["Scadenzario clienti al 31/12/2026"])
    rows.writerow(how.names)
    rows.writerows([cell(field, debt, how) for field in how.fields] for debt in debts)
    if how.totals and (row := total(debts, how)):
        rows.writerow(row)
    path.write_bytes(out.getvalue().encode(how.encoding))
    return path


def per_client(debts: Sequence[Debt]) -> dict[int, Decimal]:
    """What each client owes."""
    sums: dict[int, Decimal] = {}
    for debt in debts:
        sums[debt.client] = sums.get(debt.client, Decimal(0)) + Decimal(debt.residual) / 100
    return {client: total for client, total in sums.items() if total}
