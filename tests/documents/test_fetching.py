"""Documents that an ERP prints: asked once, checked, and never the reason why nothing leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from incasso.contract.capabilities import ConnectorCapability
from incasso.contract.errors import PluginError, RejectedError, TemporaryError
from incasso.contract.ledger import ClientRecord, DocumentRecord, InstallmentRecord
from incasso.contract.media import Medium
from incasso.contract.values import Attachment
from incasso.domain.office.actor import CLOCK, Scope
from incasso.domain.recovery.iters import Enclosure, Iter, Stage
from incasso.services.documents.view import view
from incasso.services.hub.hub import Hub
from incasso.services.ledger.sync import sync
from incasso.services.proof.verify import verify
from incasso.services.recovery.plan import plan
from incasso.services.sending.dispatch import dispatch
from incasso.services.sending.report import DispatchReport
from incasso.store.engine import Store
from incasso.store.recovery import iters
from incasso.store.tables import proof
from incasso.testing.fakes.channel import FakeChannel
from incasso.testing.fakes.connector import FakeConnector
from incasso.testing.fakes.registry import Fake, config_of, registry_of
from incasso.testing.script import raises
from tests.documents.fatture import CUSTOMER_VAT, PDF, body, fattura, signed
from tests.documents.office import NOW, ON

PRINT = Attachment(filename="stampa.pdf", media_type="application/pdf", content=PDF)
NUMBERS = ("123/A", "124/A", "125/A", "126/A", "127/A")


def a_file(content: bytes, name: str = "fattura.xml") -> Attachment:
    return Attachment(filename=name, media_type="application/octet-stream", content=content)


class Office:
    """A fake ERP, a fake mailbox, and a stage that attaches."""

    def __init__(self, store: Store, folder: Path, erp: FakeConnector, stage: Stage) -> None:
        self.erp = erp
        self.mail = FakeChannel(("email",))
        self.at = NOW
        fakes: dict[str, Fake] = {"acme": erp, "mail": self.mail}
        config = config_of(fakes, path=folder / "plugins.toml")
        registry = registry_of(fakes, now=lambda: self.at, config=config)
        self.hub = Hub(config=config, store=store, registry=registry, now=lambda: self.at)
        with store.write() as connection:
            iters.publish(connection, Iter(key="i", stages=(stage,)), at=NOW, by="test")
        sync(self.hub, CLOCK, "acme", ON)
        plan(self.hub, CLOCK, ON)

    def send(self) -> DispatchReport:
        return dispatch(self.hub, CLOCK, ON)

    def attached(self) -> list[str]:
        return [each.filename for sent in self.mail.sent for each in sent.message.attachments]

    def asked(self) -> int:
        return self.erp.calls.count("erp_fetch_document")


MakeOffice = Callable[..., Office]


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    """SQLite is enough here: `test_databases` goes the same way on both."""
    return sqlite_store


@pytest.fixture
def make(store: Store, tmp_path: Path) -> Iterator[MakeOffice]:
    """Make the office; `documents` is what the ERP prints."""
    opened: list[Office] = []

    def made(
        documents: dict[str, Attachment],
        numbers: tuple[str, ...] = ("123/A",),
        *,
        required: bool = False,
        can: tuple[ConnectorCapability, ...] = (ConnectorCapability.DOCUMENTS,),
        records: tuple[DocumentRecord, ...] = (),
        installments: tuple[InstallmentRecord, ...] = (),
    ) -> Office:
        client = ClientRecord(
            code="C1", name="Bianchi", vat=f"IT{CUSTOMER_VAT}", email="c1@example.it"
        )
        rows = installments or tuple(map(installment, numbers))
        erp = FakeConnector(
            [client], rows, documents=documents, document_list=records, capabilities=can
        )
        stage = Stage(
            key="s",
            channels=(Medium.EMAIL,),
            template="primo_sollecito",
            attach=(Enclosure.INVOICE,),
            attach_required=required,
        )
        opened.append(Office(store, tmp_path, erp, stage))
        return opened[-1]

    yield made
    for each in opened:
        each.hub.registry.close()


def installment(number: str = "123/A", **facts: object) -> InstallmentRecord:
    given: dict[str, object] = {
        "key": f"k{number}",
        "client": "C1",
        "due_date": date(2026, 10, 1),
        "residual": Decimal("1220.00"),
        "document_number": number,
        "document_date": date(2026, 9, 1),
        **facts,
    }
    return InstallmentRecord(**given)  # type: ignore[arg-type]


def test_the_erp_is_asked_once_for_ever(make: MakeOffice) -> None:
    office = make({"123/A": PRINT})
    office.mail.then("channel_send", TemporaryError("busy"))
    office.send()
    assert office.send().accepted == {}  # it is tried again later
    view(office.hub, Scope.everything(), "k123/A", ON)
    assert office.asked() == 1
    view(office.hub, Scope.everything(), "k123/A", ON, again=True)
    assert office.asked() == 2
    assert verify(office.hub).problems == ()


def test_the_print_goes_with_the_mail_and_is_in_the_journal(make: MakeOffice) -> None:
    office = make({"123/A": PRINT})
    assert office.send().without_documents == {}
    assert office.attached() == ["Fattura_123-A_2026-09-01.pdf"]
    with office.hub.store.read() as connection:
        told = {row.kind: row.facts for row in connection.execute(sa.select(proof.journal))}
    digest = told["document.fetched"]["sha256"]
    assert told["delivery.accepted"]["enclosed"]["files"][0]["sha256"] == digest


def test_an_electronic_invoice_from_the_erp_becomes_a_page(make: MakeOffice) -> None:
    office = make({"123/A": a_file(signed(fattura()))})
    office.send()
    assert office.attached() == ["Fattura_123-A_2026-09-01.pdf"]
    (shown,) = view(office.hub, Scope.everything(), "k123/A", ON)
    assert [paper.form for paper in shown.files] == ["fatturapa", "courtesy"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (a_file(fattura(customer="01234560017")), "not of 123/A (2026-09-01) and this client"),
        (a_file(fattura(body("999"))), "the file is of 999 of 2026-09-01"),
        (a_file(b"<html><body>Login</body></html>"), "neither PDF nor FatturaPA"),
        (a_file(b""), "gave an empty file"),
    ],
)
def test_what_the_erp_gives_is_not_believed_blindly(
    make: MakeOffice, given: Attachment, told: str
) -> None:
    office = make({"123/A": given})
    report = office.send()
    assert report.accepted == {"email": 1}
    assert told in str(report.without_documents)
    assert office.attached() == []


@pytest.mark.parametrize("error", [RejectedError("there is none"), TemporaryError("down")])
def test_an_erp_that_has_none_stops_nothing(make: MakeOffice, error: PluginError) -> None:
    office = make({})
    office.erp.always("erp_fetch_document", raises(error))
    report = office.send()
    assert report.accepted == {"email": 1}
    assert str(error) in str(report.without_documents)


def test_an_erp_that_is_down_is_not_asked_for_every_message(make: MakeOffice) -> None:
    office = make({}, NUMBERS)
    office.erp.always("erp_fetch_document", raises(TemporaryError("down")))
    office.send()
    assert office.asked() == 3
    assert len(office.mail.sent) == 1


def test_a_required_document_waits_for_the_erp(make: MakeOffice) -> None:
    office = make({"123/A": PRINT}, required=True)
    office.erp.then("erp_fetch_document", TemporaryError("down"))
    assert "down" in str(office.send().waiting)
    assert office.send().accepted == {"email": 1}


def test_a_trial_believes_that_the_erp_will_print(make: MakeOffice) -> None:
    office = make({"123/A": PRINT}, required=True)
    report = dispatch(office.hub, CLOCK, ON, False)
    assert (report.accepted, report.waiting, report.without_documents) == ({"email": 1}, {}, {})
    assert office.asked() == 0


def test_a_connector_that_prints_none_says_what_to_configure(make: MakeOffice) -> None:
    office = make({}, can=())
    assert 'documents = "FOLDER"' in str(office.send().without_documents)


def test_the_list_of_documents_fills_what_an_installment_lacks(make: MakeOffice) -> None:
    record = DocumentRecord(key="D1", client="C1", number="123/A", date=date(2026, 9, 1))
    bare = installment("", document_date=None, document="D1")
    can = (ConnectorCapability.DOCUMENTS, ConnectorCapability.DOCUMENT_LIST)
    office = make({"123/A": PRINT}, can=can, records=(record,), installments=(bare,))
    office.send()
    assert office.attached() == ["Fattura_123-A_2026-09-01.pdf"]


def test_an_erp_that_gave_an_electronic_invoice_is_not_asked_again(make: MakeOffice) -> None:
    office = make({"123/A": a_file(fattura())})
    for _ in range(3):
        view(office.hub, Scope.everything(), "k123/A", ON)
    assert office.asked() == 1


def test_a_payment_that_comes_while_the_erp_prints_is_seen(make: MakeOffice) -> None:
    """Printing took minutes, so the last look is repeated before the message leaves."""
    can = (ConnectorCapability.DOCUMENTS, ConnectorCapability.REFRESH)
    office = make({"123/A": PRINT}, can=can)

    def slowly(honest: Callable[[], Attachment]) -> Attachment:
        office.at += timedelta(minutes=3)
        office.erp.put(installment(residual=Decimal(0), amount=Decimal("1220.00")))
        return honest()

    office.erp.then("erp_fetch_document", slowly)
    report = office.send()
    assert (report.accepted, report.left_out) == ({}, 1)
    assert office.mail.sent == []
