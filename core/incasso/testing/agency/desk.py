"""The agency: what it took, what it did, and the files it leaves."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from typing import Final

from incasso.testing.agency import excel_form, xml_form
from incasso.testing.agency.work import Account, Done, Habits, Work


class Form(StrEnum):
    """What its files are."""

    EXCEL = "excel"
    XML = "xml"


_FORMS: Final[dict[Form, ModuleType]] = {Form.EXCEL: excel_form, Form.XML: xml_form}
_RECALLS: Final = frozenset({"ritiro", "recall"})
_DIRECT: Final = frozenset({"pagato direttamente", "direct_payment", "direct payment"})


class Agency:
    """One agency, with the two folders in which it exchanges files with a hub."""

    def __init__(
        self,
        folder: Path,
        *,
        form: Form = Form.EXCEL,
        seed: int = 1,
        habits: Habits | None = None,
        errs: bool = False,
    ) -> None:
        """`folder` has `out`, where the hub puts files, and `in`, where it looks for ours.

        `errs`: it also sends files twice, rows of nobody, and a payment twice with two amounts.
        """
        self.accounts: dict[str, Account] = {}
        """What it did with each placement, by the hub's number."""
        self.told: list[Done] = []
        """Everything that it reported rightly, in order."""
        self._folder = folder
        self._form = _FORMS[form]
        self._work = Work(seed, habits or Habits())
        self._errs = errs
        self._seen: set[str] = set()
        self._files = 0

    def day(self, on: date) -> list[Path]:
        """Takes what the hub left, works, and leaves a file for each lot; gives their paths."""
        self.take()
        done: dict[str, list[Done]] = {}
        for account in self.accounts.values():
            for each in self._work.on_day(account, on):
                done.setdefault(account.lot, []).append(each)
                self.told.append(each)
        return [path for lot, some in done.items() for path in self._leave(some, lot, on)]

    def take(self) -> None:
        """Reads the files that it has not seen: lots, recalls, direct payments."""
        for path in self._new_files():
            for account in self._form.placements_in(path):
                self.accounts.setdefault(account.placement, account)
            for notice in self._form.notices_in(path):
                self._heed(*notice)

    def leave(self, done: list[Done], lot: str, on: date, name: str = "") -> Path:
        """Leaves one file of results, as it is told."""
        self._files += 1
        path = self._folder / "in" / (name or f"esiti-{self._files:04d}{self._form.SUFFIX}")
        self._write(path, self._form.results(done, lot, self._files), on)
        return path

    def _leave(self, done: list[Done], lot: str, on: date) -> Iterator[Path]:
        """The file, and what an agency that errs leaves beside it."""
        wrong = self._wrong(done) if self._errs else []
        path = self.leave([*done, *wrong], lot, on)
        yield path
        if self._errs:
            again = path.with_name(f"copia-{path.name}")
            self._write(again, path.read_bytes(), on)
            yield again

    def _wrong(self, done: list[Done]) -> list[Done]:
        """Rows that no hub may take: of nobody, and the same payment with another amount."""
        nobody = replace(done[0], placement="P-9999999", row="", reference=f"{done[0].reference}-N")
        paid = [each for each in done if each.kind == "payment" and each.amount]
        twice = [replace(each, amount=(each.amount or Decimal(0)) + 1) for each in paid[:1]]
        return [nobody, *twice]

    def _write(self, path: Path, content: bytes, on: date) -> None:
        path.write_bytes(content)
        at = datetime.combine(on, time(5), UTC).timestamp()
        os.utime(path, (at, at))

    def _new_files(self) -> Iterator[Path]:
        for path in sorted((self._folder / "out").iterdir()):
            if path.is_file() and not path.name.endswith(".part") and path.name not in self._seen:
                self._seen.add(path.name)
                if path.suffix in (self._form.SUFFIX, ".zip"):
                    yield path

    def _heed(self, kind: str, placement: str, row: str, amount: Decimal | None) -> None:
        account = self.accounts.get(placement)
        if account is None:
            return
        if kind in _RECALLS:
            for each in [row] if row else list(account.rows):
                account.rows.pop(each, None)
            account.over = "" if account.rows else "recalled"
        elif kind in _DIRECT and amount is not None and row in account.rows:
            account.rows[row] = max(Decimal(0), account.rows[row] - amount)
            if not account.open:
                account.over = "paid"
