"""A real connector prints the invoice of a credit; the hub keeps it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from incasso.domain.documents.matching import Form
from incasso.domain.office.actor import Scope
from incasso.messages.pages import text_of
from incasso.services.documents.view import bytes_of, view
from incasso_fake_mexal import MexalServer
from tests.mexal import office as offices
from tests.mexal.office import ON, Office, days

ROSSI = "501.00001"


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """One invoice in two installments and a credit note."""
    monkeypatch.setenv("MEXAL_PASSWORD", offices.PASSWORD)
    with MexalServer() as server:
        company = offices.standard(server)
        company.invoice(
            ROSSI, [(days(-30), "500.00"), (days(-1), "500.00")], on=days(-90), number=7
        )
        company.credit_note(ROSSI, "122.00", on=days(-20), number=8)
        with offices.office(tmp_path, server) as office:
            office.good()
            yield office


def test_the_erp_prints_every_document_and_the_hub_keeps_it(office: Office) -> None:
    shown = view(office.hub, Scope.everything(), f"acme/{ROSSI}", ON)
    assert [one.document_kind for one in shown] == ["invoice", "credit_note", "invoice"]
    for one in shown:
        (paper,) = one.files
        assert (paper.form, paper.origin) == (Form.PDF, "erp")
        assert one.document_number in text_of(bytes_of(office.hub, paper, ON))
    assert shown[0].files == shown[2].files


def test_what_was_printed_once_is_there_without_the_erp(office: Office) -> None:
    before = view(office.hub, Scope.everything(), f"acme/{ROSSI}", ON)
    office.server.close()
    assert view(office.hub, Scope.everything(), f"acme/{ROSSI}", ON) == before
