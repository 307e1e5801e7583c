"""Turn the cells of an entry into a record of the contract, or into its list of problems."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Final

from incasso.api import (
    ClientRecord,
    DocumentKind,
    InstallmentRecord,
    PaymentMethod,
    PersonRecord,
    Problem,
    Unreadable,
)
from incasso.api import text as sentence
from incasso_csv.cells.amounts import Mark, check_cents, read_amount_of
from incasso_csv.cells.dates import read_date
from incasso_csv.cells.entry import EntryCells
from incasso_csv.cells.kinds import kind_or_other, read_kind
from incasso_csv.cells.values import LONGEST_RAW, Cell, CellError, code_of, is_blank, text_of
from incasso_csv.cells.words import (
    Status,
    read_avere,
    read_flag,
    read_method,
    read_status,
)
from incasso_csv.layouts.entries import Broken, Entry, Total
from incasso_csv.layouts.flat import AMOUNTS
from incasso_csv.records.debtor import client_record, party_code, party_name
from incasso_csv.records.money import Money, money_of
from incasso_csv.records.refused_credits import CREDITS, may_be_credit
from incasso_csv.settings import CsvSettings

_CURRENCIES: Final = {"EURO": "EUR", "€": "EUR", "$": "USD", "FR.": "CHF", "EU": "EUR"}


@dataclass
class RecordReader:
    """The rules of one file: its column styles and the source's settings."""

    settings: CsvSettings
    file: str
    marks: dict[str, Mark] = field(default_factory=dict)
    positive_credit_notes: bool = False
    """The export writes credit notes without a sign (a saved mapping says so)."""
    on: date = field(kw_only=True)
    """The day of reading, from which a credit without any date counts."""
    refused_credits: Counter[str] = field(default_factory=Counter, init=False)
    """Rows of this reading that were refused and may be credits, by client."""

    def __post_init__(self) -> None:
        self._overrides = self.settings.method_overrides
        self._renamed = self.settings.former_codes
        self._limit_mark: Mark = self.settings.decimal or self.marks.get("credit_limit", "")

    def installment(self, entry: Entry) -> InstallmentRecord | Unreadable:
        """The open item; its key is empty if the file has no key column."""
        row = EntryCells(entry.fields)
        client = party_code(row, self._renamed)
        if not client:
            row.missing("client", _nobody(row))
        currency = self._currency(row)
        state = row.take("status", read_status, Status.OPEN)
        money = money_of(row.fields, self._amounts(row, currency), state)
        if not any(problem.field in AMOUNTS for problem in row.problems):
            row.problems += money.problems
        kind = _kind(row, money)
        due = self._due(row, kind, money)
        if due is None:
            row.missing("due_date", sentence("there is no due date"))
        record = self._installment(row, due or date.min, client, currency, kind, state, money)
        if not row.problems:
            row.problems += _sign_problems(record)
        if row.problems:
            return self.unreadable(entry.row, row.problems, entry.raw, record.key)
        return record

    def note_refused(self, entry: Entry) -> None:
        """Remember a refused row if it may be a credit of a client."""
        client = party_code(EntryCells(entry.fields), self._renamed)
        if client and may_be_credit(entry.fields):
            self.refused_credits[client] += 1

    def _installment(
        self,
        row: EntryCells,
        due: date,
        client: str,
        currency: str,
        kind: DocumentKind,
        state: Status,
        money: Money,
    ) -> InstallmentRecord:
        if money.residual < 0 and is_blank(row.fields.get("document_kind")):
            kind = DocumentKind.CREDIT_NOTE
        amount, residual = money.amount, money.residual
        if self.positive_credit_notes and kind is DocumentKind.CREDIT_NOTE:
            amount, residual = amount and -abs(amount), -abs(residual)
        for name, value in (("amount", amount), ("residual", residual)):
            try:
                check_cents(value or Decimal(0), currency)
            except CellError as error:
                row.problems.append(error.problem(name))
        return InstallmentRecord(
            key=row.take("key", code_of, ""),
            client=client,
            document_kind=kind,
            document_number=row.text("document_number"),
            document_date=row.take("document_date", read_date, None),
            installment_number=row.take("installment_number", read_number, 1),
            due_date=due,
            amount=amount,
            residual=residual,
            currency=currency,
            payment_method=row.take(
                "payment_method",
                lambda cell: read_method(cell, self._overrides),
                PaymentMethod.OTHER,
            ),
            unpaid_on=_unpaid_on(row, due, state),
            presented_on=_presented_on(row, due, state),
            agent=row.take("agent", code_of, ""),
            depot=row.take("depot", code_of, ""),
            area=row.text("area"),
            notes=row.text("notes"),
        )

    def _due(self, row: EntryCells, kind: DocumentKind, money: Money) -> date | None:
        """The due date. A payment or credit needs none: it counts from the day of its document,
        else from the day on which it was first read, so that no more is asked than is owed."""
        due = row.take("due_date", read_date, None)
        credit = money.residual < 0 or kind in CREDITS
        if due is None and credit and is_blank(row.fields.get("due_date")):
            due = row.take("document_date", read_date, None)
            return self.on if due is None and is_undated(row.fields) else due
        return due

    def _amounts(self, row: EntryCells, currency: str) -> dict[str, Decimal]:
        amounts: dict[str, Decimal] = {}
        for name in AMOUNTS:
            mark = self.settings.decimal or self.marks.get(name, "")
            value = row.take(name, partial(read_amount_of, mark=mark, currency=currency), None)
            if value is not None:
                amounts[name] = value
        if row.take("sign", read_avere, False):
            return {name: -abs(value) for name, value in amounts.items()}
        return amounts

    def _currency(self, row: EntryCells) -> str:
        return row.take("currency", read_currency, self.settings.currency)

    def client(self, entry: Entry) -> ClientRecord | Unreadable:
        """The client of a clients' file."""
        row = EntryCells(entry.fields)
        code = row.take("code", code_of, "") or party_code(row, self._renamed)
        name = row.text("name") or party_name(row)
        for wanted, value in (("code", code), ("name", name)):
            if not value:
                row.missing(wanted, sentence("there is no {wanted}", wanted=wanted))
        record = client_record(row, code, name, self.settings, self._limit_mark)
        if row.problems:
            return self.unreadable(entry.row, row.problems, entry.raw, code)
        return record

    def debtor(self, entry: Entry) -> ClientRecord | None:
        """The client as an open item describes it; None if it names none.

        A contact that cannot be read is left out: the open item itself is judged elsewhere. Without
        a readable name there is no client: the code in its place would be printed on the letters of
        a client whose name the hub knows.
        """
        row = EntryCells({k: v for k, v in entry.fields.items() if k not in ("agent", "notes")})
        code = party_code(row, self._renamed)
        if not code:
            return None
        name = party_name(row)
        if row.problems:
            return None
        return client_record(row, code, name or code, self.settings, self._limit_mark)

    def person(self, entry: Entry) -> PersonRecord | Unreadable:
        """An agent or a depot."""
        row = EntryCells(entry.fields)
        code, name = row.take("code", code_of, ""), row.text("name")
        for wanted, value in (("code", code), ("name", name)):
            if not value:
                row.missing(wanted, sentence("there is no {wanted}", wanted=wanted))
        contacts = {key: row.text(key) for key in ("email", "pec", "phone", "mobile")}
        if row.problems:
            return self.unreadable(entry.row, row.problems, entry.raw, code)
        return PersonRecord(code=code, name=name, **contacts)

    def unreadable(
        self, row: int | None, problems: list[Problem], raw: str, key: str = ""
    ) -> Unreadable:
        """A row for quarantine, as it is in the file."""
        return Unreadable(
            external_id=key,
            file=self.file,
            row=row,
            problems=tuple(problems),
            raw=printable(raw)[:LONGEST_RAW],
        )

    def broken(self, item: Broken) -> Unreadable:
        """A row that the layout refused."""
        return self.unreadable(item.row, [item.problem], item.raw, printable(item.key))

    def wrong_total(self, total: Total, problem: Problem) -> Unreadable:
        """A total row that does not agree with the rows."""
        return self.unreadable(total.row, [problem], total.raw)


def _kind(row: EntryCells, money: Money) -> DocumentKind:
    """An unknown word matters where only it could say that a positive amount is a credit."""
    signed = any(not is_blank(row.fields.get(name)) for name in ("debit", "credit", "sign"))
    read = kind_or_other if signed or money.residual <= 0 else read_kind
    return row.take("document_kind", read, DocumentKind.INVOICE)


def is_undated(fields: Mapping[str, Cell]) -> bool:
    """Whether a row gives neither a due date nor the date of its document."""
    return is_blank(fields.get("due_date")) and is_blank(fields.get("document_date"))


def _nobody(row: EntryCells) -> str:
    if "client" in row.fields and (name := party_name(row)):
        return sentence(
            "the cell of the client's code is empty, and among clients with codes the name "
            "{name} identifies nobody",
            name=name,
        )
    return sentence("nothing says whose debt it is")


def printable(text: str) -> str:
    """Text that any database can keep: undecodable bytes and NULs become a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "?")


def read_currency(cell: Cell) -> str:
    """ISO 4217; EURO and the euro sign are understood."""
    text = text_of(cell).upper()
    text = _CURRENCIES.get(text, text)
    if len(text) != 3 or not text.isascii() or not text.isalpha():
        raise CellError(
            "bad_currency",
            sentence("{text!r} is not a currency", text=text[:60]),
            sentence("write EUR, USD, CHF …"),
        )
    return text


def read_number(cell: Cell) -> int:
    """Which installment of its document: `2`, or `2/3` for the second of three."""
    text = text_of(cell).partition("/")[0].strip()  # "1/3": the first of three
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise CellError(
            "bad_number", sentence("{text!r} is not an installment number", text=text[:60])
        )
    return int(text)


def _unpaid_on(row: EntryCells, due: date, state: Status) -> date | None:
    """The day the bill came back; where the file only says that it did, the due date."""
    if day := row.take("unpaid_on", read_date, None):
        return day
    cell = row.fields.get("unpaid", "")
    if is_blank(cell):
        return due if state is Status.UNPAID else None
    try:
        return read_date(cell)
    except CellError:
        pass
    if read_status(cell) is Status.UNPAID or row.take("unpaid", read_flag, False):
        return due
    return None


def _presented_on(row: EntryCells, due: date, state: Status) -> date | None:
    """The day the bill went to the bank; the due date where the file gives only the state."""
    return row.take("presented_on", read_date, due if state is Status.PRESENTED else None)


def _sign_problems(record: InstallmentRecord) -> list[Problem]:
    """Reports impossible amounts; they are never corrected."""
    amount, residual = record.amount, record.residual
    if record.document_kind in CREDITS and residual > 0:
        return [
            Problem(
                code="wrong_sign",
                field="residual",
                message=sentence(
                    "the {replace} is {residual}, not negative",
                    replace=record.document_kind.replace("_", " "),
                    residual=residual,
                ),
                hint=sentence(
                    'if the export writes no signs, say credit_notes = "positive" in a mapping'
                ),
            )
        ]
    if amount is not None and abs(residual) > abs(amount) and (residual > 0) == (amount > 0):
        return [
            Problem(
                code="does_not_add_up",
                field="residual",
                message=sentence(
                    "{residual} is still open of only {amount}", residual=residual, amount=amount
                ),
                hint=sentence("check the amounts in the ERP"),
            )
        ]
    return []
