"""Documents take room and time: a page is cut before memory is full, and looks are repeated."""

from __future__ import annotations

import pytest

from incasso.services.sending import page as dispatch_page
from tests.documents.conftest import MakeOffice
from tests.documents.fatture import CUSTOMER_VAT, body, fattura
from tests.documents.office import attached, client, installment


def test_a_page_is_cut_before_its_documents_fill_the_memory(
    make_office: MakeOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every message is above the limit, so each makes a page of its own; all leave, once."""
    monkeypatch.setattr(dispatch_page, "MOST_BYTES", 1000)
    numbers = range(1, 8)
    office = make_office(
        clients=[client(f"C{n}", f"IT{CUSTOMER_VAT}") for n in numbers],
        rows=[installment(f"{n}", client=f"C{n}") for n in numbers],
    )
    office.put({"all.xml": fattura(*(body(f"{n}") for n in numbers))})
    office.prepare()
    assert office.send().accepted == {"email": 7}
    assert len({mail["To"] for mail in office.mails()}) == 7
    assert all(attached(mail) for mail in office.mails())
    assert office.send().accepted == {}
