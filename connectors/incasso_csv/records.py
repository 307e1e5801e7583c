"""Turn the cells of an entry into a record of the contract, or into its list of problems."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final, TypeVar

import xxhash

from incasso.api import (
    ClientRecord,
    DocumentKind,
    InstallmentRecord,
    PaymentMethod,
    PersonRecord,
    Problem,
    Unreadable,
)
from incasso_csv.amounts import Mark, check_cents, read_amount
from incasso_csv.cells import LONGEST_RAW, Cell, CellError, code_of, is_blank, text_of
from incasso_csv.dates import read_date
from incasso_csv.entries import Broken, Entry, Total
from incasso_csv.flat import AMOUNTS
from incasso_csv.money import Money, money_of
from incasso_csv.settings import CsvSettings
from incasso_csv.words import Status, normal, read_flag, read_kind, read_method, read_status

T = TypeVar("T")

_CURRENCIES: Final = {"EURO": "EUR", "€": "EUR", "$": "USD", "FR.": "CHF", "EU": "EUR"}
_CONTACTS: Final = (
    "address zip city province email pec phone mobile fax contact_person contact_role call_hours "
    "agent depot area category payment_terms rating notes"
).split()
_FLAGS: Final = ("is_person", "blocked", "excluded", "seasonal")


class Taker:
    """Takes the cells of one entry and collects what is wrong instead of stopping at the first."""

    def __init__(self, fields: Mapping[str, Cell]) -> None:
        self.fields = fields
        self.problems: list[Problem] = []

    def take(self, name: str, read: Callable[[Cell], T | None], default: T) -> T:
        """One field, read; the default if it is blank or wrong, in which case a problem is kept."""
        cell = self.fields.get(name)
        if cell is None or is_blank(cell):
            return default
        try:
            value = read(cell)
        except CellError as error:
            self.problems.append(error.problem(name))
            return default
        return default if value is None else value

    def text(self, name: str) -> str:
        """A text field."""
        return self.take(name, text_of, "")

    def missing(self, name: str, message: str) -> None:
        """Complain about a field that must be there, unless it is already complained about."""
        if all(problem.field != name for problem in self.problems):
            self.problems.append(Problem(code="missing", field=name, message=message))


@dataclass
class RecordReader:
    """The rules of one file: its column styles and the source's settings."""

    settings: CsvSettings
    file: str
    marks: dict[str, Mark] = field(default_factory=dict)
    positive_credit_notes: bool = False
    """The export writes credit notes without a sign (a saved mapping says so)."""

    def __post_init__(self) -> None:
        self._overrides = self.settings.method_overrides

    def installment(self, entry: Entry) -> InstallmentRecord | Unreadable:
        """The open item; its key is empty if the file has no key column."""
        row = Taker(entry.fields)
        due = row.take("due_date", read_date, None)
        if due is None:
            row.missing("due_date", "there is no due date")
        client = party_code(row)
        if not client:
            row.missing("client", "nothing says whose debt it is")
        currency = self._currency(row)
        kind = row.take("document_kind", read_kind, DocumentKind.INVOICE)
        state = row.take("status", read_status, Status.OPEN)
        money = money_of(row.fields, self._amounts(row), state)
        if not any(problem.field in AMOUNTS for problem in row.problems):
            row.problems += money.problems
        record = self._installment(row, due or date.min, client, currency, kind, state, money)
        if not row.problems:
            row.problems += _sign_problems(record)
        if row.problems:
            return self.unreadable(entry.row, row.problems, entry.raw, record.key)
        return record

    def _installment(
        self,
        row: Taker,
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

    def _amounts(self, row: Taker) -> dict[str, Decimal]:
        amounts: dict[str, Decimal] = {}
        for name in AMOUNTS:
            mark = self.settings.decimal or self.marks.get(name, "")
            value = row.take(name, lambda cell, mark=mark: read_amount(cell, mark), None)  # type: ignore[misc]
            if value is not None:
                amounts[name] = value
        return amounts

    def _currency(self, row: Taker) -> str:
        return row.take("currency", read_currency, self.settings.currency)

    def client(self, entry: Entry) -> ClientRecord | Unreadable:
        """The client of a clients' file."""
        row = Taker(entry.fields)
        code = row.take("code", code_of, "") or party_code(row)
        name = row.text("name") or party_name(row)
        for wanted, value in (("code", code), ("name", name)):
            if not value:
                row.missing(wanted, f"there is no {wanted}")
        record = self._client(row, code, name)
        if row.problems:
            return self.unreadable(entry.row, row.problems, entry.raw, code)
        return record

    def debtor(self, entry: Entry) -> ClientRecord | None:
        """The client as an open item tells of it; None if it does not tell whose it is.

        A contact that cannot be read is left out: the open item itself is judged elsewhere.
        """
        row = Taker({k: v for k, v in entry.fields.items() if k not in ("agent", "notes")})
        code = party_code(row)
        if not code:
            return None
        return self._client(row, code, party_name(row) or code)

    def _client(self, row: Taker, code: str, name: str) -> ClientRecord:
        vat, tax_code = tax_ids(row)
        mark = self.settings.decimal or self.marks.get("credit_limit", "")
        texts: dict[str, Any] = {contact: row.text(contact) for contact in _CONTACTS}
        flags: dict[str, Any] = {flag: row.take(flag, read_flag, False) for flag in _FLAGS}
        return ClientRecord(
            code=code,
            name=name,
            vat=vat,
            tax_code=tax_code,
            country=row.take("country", _country, self.settings.country),
            language=row.text("language").lower(),
            credit_limit=row.take("credit_limit", lambda cell: _limit(cell, mark), None),
            **texts,
            **flags,
        )

    def person(self, entry: Entry) -> PersonRecord | Unreadable:
        """An agent or a depot."""
        row = Taker(entry.fields)
        code, name = row.take("code", code_of, ""), row.text("name")
        for wanted, value in (("code", code), ("name", name)):
            if not value:
                row.missing(wanted, f"there is no {wanted}")
        contacts = {key: row.text(key) for key in ("email", "pec", "phone", "mobile")}
        if row.problems:
            return self.unreadable(entry.row, row.problems, entry.raw, code)
        return PersonRecord(code=code, name=name, **contacts)

    def unreadable(
        self, row: int | None, problems: list[Problem], raw: str, key: str = ""
    ) -> Unreadable:
        """A row for quarantine, as the office will find it in the file."""
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


def printable(text: str) -> str:
    """Text that any database can keep: undecodable bytes and NULs become a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "?")


def party_code(row: Taker) -> str:
    """Whose debt: the client's code; without one its VAT number, tax code or name, in that order.

    So the same client keeps its code from one export to the next.
    """
    if code := row.take("client", code_of, ""):
        return code
    vat, tax_code = tax_ids(row)
    if vat or tax_code:
        return vat or tax_code
    name = normal(party_name(row)).upper()
    if len(name) > 100:
        name = f"{name[:80]} {xxhash.xxh3_64_hexdigest(name.encode())}"
    return name


def party_name(row: Taker) -> str:
    """The client's name, in one cell or as surname and first name."""
    name = row.text("client_name")
    return name or " ".join(filter(None, (row.text("surname"), row.text("first_name"))))


def tax_ids(row: Taker) -> tuple[str, str]:
    """VAT number and tax code without blanks; a mixed column is told apart by its shape."""
    vat, tax_code, either = (
        row.text(name).replace(" ", "").upper() for name in ("vat", "tax_code", "tax_id")
    )
    if either:
        bare = either.removeprefix("IT")
        if bare.isdigit() and len(bare) == 11:
            vat = vat or bare
        else:
            tax_code = tax_code or either
    return vat, tax_code


def read_currency(cell: Cell) -> str:
    """ISO 4217; EURO and the euro sign are understood."""
    text = text_of(cell).upper()
    text = _CURRENCIES.get(text, text)
    if len(text) != 3 or not text.isascii() or not text.isalpha():
        raise CellError("bad_currency", f"{text[:60]!r} is not a currency", "write EUR, USD, CHF …")
    return text


def _country(cell: Cell) -> str:
    text = text_of(cell).upper()
    if text in ("ITALIA", "I", "ITA"):
        return "IT"
    if len(text) != 2 or not text.isascii() or not text.isalpha():
        raise CellError("bad_country", f"{text[:60]!r} is not a country", "write IT, DE, FR …")
    return text


def _limit(cell: Cell, mark: Mark) -> Decimal | None:
    """A credit limit; an X where a report only marks that there is one is not an amount."""
    if isinstance(cell, str) and normal(cell) in ("x", "s", "si", "n", "no"):
        return None
    amount = read_amount(cell, mark)
    return None if amount is None else check_cents(amount, "EUR")


def read_number(cell: Cell) -> int:
    """Which installment of its document: `2`, or `2/3` for the second of three."""
    text = text_of(cell).partition("/")[0].strip()  # "1/3": the first of three
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise CellError("bad_number", f"{text[:60]!r} is not an installment number")
    return int(text)


def _unpaid_on(row: Taker, due: date, state: Status) -> date | None:
    """The day the bill came back; where the file only says that it did, the due date stands in."""
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


def _presented_on(row: Taker, due: date, state: Status) -> date | None:
    """The day the bill went to the bank; the due date stands in where only the state is told."""
    return row.take("presented_on", read_date, due if state is Status.PRESENTED else None)


def _sign_problems(record: InstallmentRecord) -> list[Problem]:
    """Money that cannot be true is never guessed right."""
    amount, residual = record.amount, record.residual
    if record.document_kind in (DocumentKind.CREDIT_NOTE, DocumentKind.ADVANCE) and residual > 0:
        return [
            Problem(
                code="wrong_sign",
                field="residual",
                message=f"the {record.document_kind.replace('_', ' ')} is {residual}, not negative",
                hint='if the export writes no signs, say credit_notes = "positive" in a mapping',
            )
        ]
    if amount is not None and abs(residual) > abs(amount) and (residual > 0) == (amount > 0):
        return [
            Problem(
                code="does_not_add_up",
                field="residual",
                message=f"{residual} is still open of only {amount}",
                hint="check the amounts in the ERP",
            )
        ]
    return []
