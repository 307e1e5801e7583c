"""A seeded, realistic Italian portfolio of any size, and its ledger on any day after the first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from incasso.contract.ledger import ClientRecord, InstallmentRecord, PersonRecord
from incasso.demo.portfolio_clients import client
from incasso.demo.portfolio_files import bad_rows, write_records
from incasso.demo.portfolio_ledger import Books
from incasso.demo.portfolio_places import agents, depots


class Portfolio:
    """One invented company's clients and open items; equal arguments give equal portfolios.

    `start` is the business date on which exactly `installments` of them are open. Everything is
    computed while it is read, so that a million rows take no memory.
    """

    def __init__(
        self, seed: int, start: date, *, clients: int = 300, installments: int = 1500
    ) -> None:
        if clients < 1 or installments < 1:
            raise ValueError("a portfolio has at least one client and one installment")
        self.seed = seed
        self.start = start
        self.clients = clients
        self.installments = installments
        self._books = Books(seed, start, clients, installments)

    def client_records(self) -> Iterator[ClientRecord]:
        """Every client, in the order of their codes."""
        return (client(self.seed, number) for number in range(self.clients))

    def ledger(self, on: date) -> Iterator[InstallmentRecord]:
        """The rows of the ERP's export of that day. Raises ValueError before the first day.

        Paid installments stay for ten days with a residual of zero, then leave; a few leave at
        once, as happens when somebody corrects the books.
        """
        if on < self.start:
            raise ValueError(f"the portfolio begins on {self.start}")
        rows = (life.on(on) for life in self._books.lives(until=on))
        return (row for row in rows if row is not None)

    def agents(self) -> tuple[PersonRecord, ...]:
        """The sales agents."""
        return agents()

    def depots(self) -> tuple[PersonRecord, ...]:
        """The branches."""
        return depots()

    def write(self, folder: Path, on: date, *, with_bad_rows: bool = False) -> int:
        """Write clients.csv, installments.csv, agents.csv and depots.csv; how many open items.

        Each file appears whole under its name or not at all. `with_bad_rows` adds to the ledger
        what every real export has: a client nobody knows, a day that does not exist, a word for
        an amount, a key used twice.
        """
        folder.mkdir(parents=True, exist_ok=True)
        write_records(folder / "clients.csv", ClientRecord, self.client_records())
        write_records(folder / "agents.csv", PersonRecord, self.agents())
        write_records(folder / "depots.csv", PersonRecord, self.depots())
        bad = bad_rows(on, next(self.ledger(on))) if with_bad_rows else ()
        return write_records(folder / "installments.csv", InstallmentRecord, self.ledger(on), bad)
