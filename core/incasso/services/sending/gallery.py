"""The gallery of texts as files: what a text looks like before it is in use."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from incasso.messages import OfficeContact, Template
from incasso.messages.envelope import envelope_sheet
from incasso.messages.gallery import gallery, index_page, portraits
from incasso.plugins.settings.config import HubConfig
from incasso.services.office.office import Office
from incasso.services.sending.browser import browser_here, drawn
from incasso.services.sending.letterheads import letterhead_of
from incasso.services.sending.message_context import creditor


def write_envelope_sheets(config: HubConfig, into: Path, language: str) -> list[Path]:
    """Write a page per company to try its envelopes with: envelope-acme.pdf below `into`.

    Raises OSError where the folder cannot be written.
    """
    into.mkdir(parents=True, exist_ok=True)
    written = []
    for source, company in sorted(config.companies.items()):
        file = into / f"envelope-{source}.pdf"
        file.write_bytes(envelope_sheet(company.name, letterhead_of(company), language))
        written.append(file)
    return written


def write_portraits(
    office: Office, texts: Iterable[Template], into: Path, *, on: date
) -> tuple[int, bool]:
    """Write a picture of each letter and of each mail: IT/KEY-letter.png, IT/KEY-mail.png.

    Returns how many texts, and whether a browser was there to draw the mails; without one their
    pages are written. Raises TemplateError, and OSError where the folder cannot be written.
    """
    source = next(iter(office.config.companies), "")
    company = office.config.company(source)
    head, browser = letterhead_of(company), browser_here()
    operator = OfficeContact(phone=company.phone, email=company.email)
    made = 0
    for template in texts:
        for each in portraits([template], creditor(company, template.language), operator, head, on):
            place = into / each.name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.with_name(f"{place.name}-letter.png").write_bytes(each.letter)
            page = place.with_name(f"{place.name}-mail.html")
            page.write_text(each.html, encoding="utf-8")
            if browser:
                drawn(browser, page)
                page.unlink()
            made += 1
    return made, bool(browser)


def write_gallery(office: Office, texts: Iterable[Template], into: Path, *, on: date) -> int:
    """Write each text as HTML, plain text and PDF below `into`; returns how many messages.

    The letterhead is that of the office's first company. Raises TemplateError for a text with a
    fault, OSError where the folder cannot be written.
    """
    source = next(iter(office.config.companies), "")
    company = office.config.company(source)
    letterhead = letterhead_of(company)
    shown = []
    for template in texts:
        head = creditor(company, template.language)
        operator = OfficeContact(phone=company.phone, email=company.email)
        for each in gallery([template], head, operator, letterhead, on):
            shown.append((each.name, each.subject))
            place = into / each.name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.with_name(f"{place.name}.html").write_text(each.html, encoding="utf-8")
            place.with_name(f"{place.name}.txt").write_text(each.text, encoding="utf-8")
            place.with_name(f"{place.name}.pdf").write_bytes(each.pdf)
    into.mkdir(parents=True, exist_ok=True)
    (into / "index.html").write_text(index_page(shown), encoding="utf-8")
    return len(shown)
