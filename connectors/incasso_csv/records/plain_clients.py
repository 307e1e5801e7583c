"""The fast path for canonical clients, as `plain` is for open items."""

from __future__ import annotations

from typing import Final

from incasso.api import ClientRecord
from incasso_csv.cells.amounts import plain_amount
from incasso_csv.cells.values import LONGEST_CODE
from incasso_csv.cells.words import read_flag
from incasso_csv.layouts.headings import Heading
from incasso_csv.records.debtor import read_country, tax_number
from incasso_csv.records.plain_rows import PlainRows, Remembered
from incasso_csv.settings import CsvSettings

FIELDS: Final = (
    "code", "name", "vat", "tax_code", "is_person", "address", "zip", "city", "province",
    "country", "language", "email", "pec", "phone", "mobile", "fax", "contact_person",
    "contact_role", "call_hours", "agent", "depot", "area", "category", "payment_terms",
    "credit_limit", "blocked", "excluded", "seasonal", "rating", "notes",
)  # fmt: skip


class PlainClients:
    """Like `PlainReader`: accepts what `RecordReader` would read the same, declines the rest."""

    def __init__(self, heading: Heading, separator: str, settings: CsvSettings) -> None:
        self._cells = PlainRows(heading, separator, FIELDS).cells
        self._flag = Remembered(read_flag, False)
        self._country = Remembered(read_country, settings.country)
        self._language = Remembered(str.lower, "")

    @staticmethod
    def suits(heading: Heading) -> bool:
        """Whether a table has canonical columns only."""
        return {"code", "name"} <= heading.columns.keys() <= set(FIELDS)

    def read(self, row: str, fingerprint: bytes) -> ClientRecord | None:
        """The record, or None if the row is anything but plain."""
        cells = self._cells(row)
        if cells is None:
            return None
        try:
            return self._record(cells, fingerprint)
        except ValueError:
            return None

    def _record(self, cells: tuple[str, ...], fingerprint: bytes) -> ClientRecord | None:
        (
            code, name, vat, tax_code, is_person, address, zip_code, city, province,
            country, language, email, pec, phone, mobile, fax, contact_person,
            contact_role, call_hours, agent, depot, area, category, payment_terms,
            credit_limit, blocked, excluded, seasonal, rating, notes,
        ) = cells  # fmt: skip
        if not (code and name) or len(code) > LONGEST_CODE:
            return None
        return ClientRecord(
            code=code,
            name=name,
            vat=tax_number(vat),
            tax_code=tax_number(tax_code),
            is_person=self._flag[is_person],
            address=address,
            zip=zip_code,
            city=city,
            province=province,
            country=self._country[country],
            language=self._language[language],
            email=email,
            pec=pec,
            phone=phone,
            mobile=mobile,
            fax=fax,
            contact_person=contact_person,
            contact_role=contact_role,
            call_hours=call_hours,
            agent=agent,
            depot=depot,
            area=area,
            category=category,
            payment_terms=payment_terms,
            credit_limit=plain_amount(credit_limit) if credit_limit else None,
            blocked=self._flag[blocked],
            excluded=self._flag[excluded],
            seasonal=self._flag[seasonal],
            rating=rating,
            notes=notes,
            fingerprint=fingerprint,
        )
