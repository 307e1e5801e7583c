"""The whole way on each database, and through a real mail server."""

from __future__ import annotations

from pathlib import Path

from incasso.domain.office.actor import Scope
from incasso.services.documents.folder import refresh
from incasso.services.documents.view import view
from incasso.services.proof.verify import verify
from tests.channels.servers import SmtpServer
from tests.documents.conftest import MakeOffice
from tests.documents.fatture import body, fattura, signed
from tests.documents.office import ON, attached, installment, stage


def test_from_the_folder_to_the_proof(make_office: MakeOffice, database_url: str) -> None:
    office = make_office(database=database_url, rows=[installment(), installment("124/A")])
    office.put({"a.xml": fattura(), "b.xml.p7m": signed(fattura(body("124/A")))})
    office.prepare()
    assert office.send().without_documents == {}
    assert len(attached(office.mails()[0])) == 2
    office.put({"a.xml": fattura(body(total="1220.01"))})
    (shown, _) = view(office.hub, Scope.everything(), "C1", ON)
    assert str(shown.invoice and shown.invoice.total) == "1220.01"
    assert refresh(office.hub, "acme").read == 0
    assert verify(office.hub).problems == ()


def test_a_real_mail_server_gets_the_invoice(make_office: MakeOffice, tmp_path: Path) -> None:
    with SmtpServer() as server:
        office = make_office(channels=smtp(server.port))
        office.put({"a.xml": fattura()})
        office.prepare()
        assert office.send().accepted == {"email": 1}
        (received,) = server.messages
    (name, content) = next(iter(attached(received.parsed()).items()))
    assert name == "Fattura_123-A_2026-09-01.pdf"
    assert content.startswith(b"%PDF-")


def test_a_mailbox_with_a_small_limit_gets_the_words(make_office: MakeOffice) -> None:
    with SmtpServer() as server:
        office = make_office(channels=smtp(server.port, "max_message_bytes = 30000\n"))
        office.put({"a.xml": fattura()})
        office.prepare()
        report = office.send()
        (received,) = server.messages
    assert report.accepted == {"email": 1}
    assert "too many, 30000 at most" in str(report.without_documents)
    assert attached(received.parsed()) == {}
    assert "In allegato" not in received.parsed().as_string()


def test_a_required_document_that_no_mail_can_carry_waits(make_office: MakeOffice) -> None:
    with SmtpServer() as server:
        office = make_office(
            channels=smtp(server.port, "max_message_bytes = 30000\n"), iter=stage(required=True)
        )
        office.put({"a.xml": fattura()})
        office.prepare()
        report = office.send()
        assert not report.accepted
        assert not server.messages
    assert "at most" in str(report.waiting)


def smtp(port: int, more: str = "") -> str:
    return (
        '\n[channels.out]\nplugin = "smtp"\nmedia = ["email"]\nhost = "127.0.0.1"\n'
        f'security = "none"\nport = {port}\nsender = "crediti@acme.example.it"\n{more}'
    )
