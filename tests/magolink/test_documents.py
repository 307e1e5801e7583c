"""Documents as Mago writes them, and as something between Mago and the hub may spoil them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from incasso.contract.errors import ConfigurationError, RejectedError, TemporaryError
from incasso.contract.ledger import ClientRecord, Unreadable
from incasso.testing.network import Answer
from incasso_fake_mago4 import MagoCompany
from incasso_fake_mago4.soap import MagoServer
from incasso_mago4.link.clients import client
from incasso_mago4.link.xml import (
    CUSTOMERS,
    Criterion,
    Record,
    changed_fields,
    parameters,
    parsed,
    read_answer,
)
from incasso_mago4.settings import Mago4Settings
from tests.magolink.office import Office, Table, office

ONE = "<Customers><Data><CustomersSuppliers master='true'><CustSupp>1</CustSupp>"
END = "</CustomersSuppliers></Data></Customers>"


def test_a_document_that_says_utf_16_is_read_as_what_it_is() -> None:
    text = f'<?xml version="1.0" encoding="utf-16"?>{ONE}<City>Forlì</City>{END}'
    for form in (text, f"\ufeff{text}", text.encode(), text.encode("utf-16")):
        [record] = read_answer([form]).records
        assert record.master == {"CustSupp": "1", "City": "Forlì"}


def test_elements_with_and_without_namespace_are_the_same() -> None:
    named = parameters(CUSTOMERS, "Standard/DefaultLight", [Criterion("CustSupp", "1")])
    assert parsed(named).tag.endswith("/Standard/DefaultLight.xsd}Customers")
    mixed = f"<m:Customers xmlns:m='x'><m:Data>{ONE[17:]}{END[:-12]}</m:Data></m:Customers>"
    mixed = mixed.replace("</Data></m:Data>", "</m:Data>").replace("<Data>", "")
    assert read_answer([mixed]).records[0].master["CustSupp"] == "1"


def test_several_documents_in_one_text_are_all_read() -> None:
    data = ONE.removeprefix("<Customers>") + END.removesuffix("</Customers>")
    assert len(read_answer([f"<Customers>{data}{data}</Customers>"]).records) == 2


@pytest.mark.parametrize(
    "text",
    [
        f"<!DOCTYPE Customers>{ONE}{END}",
        f'<!DOCTYPE c [<!ENTITY x "y">]>{ONE}<City>&x;</City>{END}',
        f'<!DOCTYPE c [<!ENTITY x SYSTEM "file:///etc/passwd">]>{ONE}<City>&x;</City>{END}',
        "<Customers><Data>",
        "",
        "Server Error in '/Mago4' Application.",
    ],
    ids=["doctype", "entity", "file", "cut off", "empty", "words"],
)
def test_what_is_no_document_of_mago_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(TemporaryError, match="no document that can be read"):
        read_answer([text])


def test_characters_that_xml_forbids_stop_nothing() -> None:
    assert read_answer([f"{ONE}<City>A\x00\x0bB</City>{END}"]).records[0].master["City"] == "AB"


def test_mago_s_words_come_out_of_a_refusal_and_of_a_warning() -> None:
    refusal = (
        "<maxs:Customers xmlns:maxs='x'><maxs:Diagnostic><maxs:Errors><maxs:Error><maxs:Code>1"
        "</maxs:Code><maxs:Message>Profilo inesistente</maxs:Message></maxs:Error></maxs:Errors>"
        "</maxs:Diagnostic></maxs:Customers>"
    )
    with pytest.raises(RejectedError, match="Mago refuses: Profilo inesistente"):
        read_answer([refusal])
    answer = read_answer([refusal.replace("Error", "Warning")])
    assert (answer.records, answer.warnings) == ([], ["Profilo inesistente"])


def test_no_comment_is_ever_sent() -> None:
    master = ("CustomersSuppliers", {"CustSupp": "<!-- 1 -->"})
    sent = changed_fields(CUSTOMERS, "Standard/X", master, ("Options", {"Blocked": "true"}))
    assert "<!--" not in sent and "&lt;!-- 1 --&gt;" in sent


# Values.


def customer(**master: str) -> Any:
    fields = {"CustSupp": "C1", "CompanyName": "Rossi", **master}
    record = Record("CustomersSuppliers", fields, {}, frozenset())
    return client(record, Mago4Settings(url="sqlite://"), 0)


def test_a_customer_with_a_bad_value_is_quarantined() -> None:
    bad = customer(NaturalPerson="perhaps")
    assert isinstance(bad, Unreadable) and bad.external_id == "C1"
    assert bad.problems[0].field == "NaturalPerson"
    assert "'perhaps' is no true or false" in bad.problems[0].message
    assert isinstance(customer(NaturalPerson="true"), ClientRecord)
    assert isinstance(customer(CustSupp=" "), Unreadable)


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("Amount", "abc", "'abc' is no amount"),
        ("Amount", "NaN", "'NaN' is no amount"),
        ("Amount", "1,5", "'1,5' is no amount"),
        ("InstallmentDate", "31/03/2026", "'31/03/2026' is no date"),
        ("InstallmentDate", "1799-12-31", "no due date"),
        ("DebitCreditSign", "7", "neither debit"),
        ("PaymentTerm", "RB", "'RB' is no number"),
        ("InstallmentType", "5505025", "never opened"),
    ],
)
def test_a_row_with_a_bad_value_is_quarantined_and_the_rest_goes_on(
    acme: Office, server: MagoServer, column: str, value: str, words: str
) -> None:
    spoil(server, lambda text: _with(text, column, value, of="C002"))
    [bad] = acme.unreadable()
    assert bad.external_id == "2|1" and bad.raw
    assert words in bad.problems[0].message
    assert sorted(acme.installments()) == ["1|1", "3|1", "3|2"]


def test_amounts_are_exact_whatever_the_float_says(acme: Office, company: MagoCompany) -> None:
    company.mark(1, 1, Amount=0.1 + 0.2, PayableAmountInBaseCurr=0.1 + 0.2)
    assert acme.installments()["1|1"].residual == Decimal("0.30")
    company.mark(1, 1, Amount=1.5e6)
    assert acme.installments()["1|1"].residual == Decimal("1500000.00")


def test_a_profile_without_what_the_arithmetic_needs_is_refused(
    acme: Office, server: MagoServer
) -> None:
    spoil(server, lambda text: text.replace("DebitCreditSign", "Other").replace("Amount>", "A>"))
    words = r"profile AllUsers/Basic leaves out DebitCreditSign, Amount: export a profile"
    with pytest.raises(ConfigurationError, match=words):
        acme.installments()


def test_a_profile_that_does_not_exist_is_told(table: Table, tmp_path: Path) -> None:
    wrong = {**table, "receivables_profile": "AllUsers/Basso"}
    words = "Mago refuses: the profile AllUsers/Basso of Receivables does not exist"
    with office(wrong, tmp_path) as acme, pytest.raises(RejectedError, match=words):
        acme.installments()


def test_check_tells_what_a_light_profile_leaves_out(table: Table, tmp_path: Path) -> None:
    light = {**table, "customers_profile": "Standard/DefaultLight"}
    with office(light, tmp_path) as acme:
        report = acme.handle.check(date(2026, 3, 2))
        assert {each.code for each in report.warnings} == {"no_options", "no_field", "no_contacts"}
        assert acme.clients()["C001"].name == "Cliente 1"
    with office(table, tmp_path) as acme:
        assert acme.handle.check(date(2026, 3, 2)).warnings == ()


def spoil(server: MagoServer, change: Any) -> None:
    """Let every document that leaves the server be changed on its way."""
    get_data = server.get_data
    server.get_data = lambda sent: {  # type: ignore[method-assign]
        "GetDataResult": [change(text) for text in get_data(sent)["GetDataResult"]]
    }


def _with(text: str, column: str, value: str, of: str) -> str:
    """Another value in the rows of one customer's receivables."""
    if f">{of}<" not in text or "Receivables" not in text:
        return text
    root = parsed(text)
    from lxml import etree

    for element in root.iterfind(f".//{{*}}DetailRow/{{*}}{column}"):
        element.text = value
    return etree.tostring(root, encoding="unicode")


# The wire.

DOCTYPE = b'<!DOCTYPE x [<!ENTITY a "b">]>'
ENVELOPE = (
    b'<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
    b'<GetDataResponse xmlns="http://microarea.it/TbServices/"><GetDataResult/></GetDataResponse>'
    b"</soap:Body></soap:Envelope>"
)
XML = {"content-type": "text/xml"}


def test_a_doctype_around_the_answer_is_refused(acme: Office, server: MagoServer) -> None:
    bad = Answer(body=DOCTYPE + ENVELOPE, headers=XML)
    server.faults["GetData"] = [bad, bad]
    with pytest.raises(TemporaryError, match="something else than SOAP"):
        acme.clients()
    server.faults["GetData"] = [Answer(body=ENVELOPE, headers=XML)]
    assert acme.clients() == {}


@pytest.mark.parametrize(
    "description",
    [
        DOCTYPE + b"<definitions/>",
        b'<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/">'
        b'<wsdl:import namespace="x" location="http://169.254.169.254/x"/></wsdl:definitions>',
        b'<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/"/>',
        b"<html>IIS</html>",
        b"",
    ],
    ids=["doctype", "import", "no service", "page", "empty"],
)
def test_a_description_that_is_none_of_mago_s_is_a_setting(
    acme: Office, server: MagoServer, description: bytes
) -> None:
    path = "/Mago4/LoginManager/LoginManager.asmx"
    server._web.on("GET", path, lambda seen: Answer(body=description, headers=XML))
    with pytest.raises(ConfigurationError, match="check url and instance"):
        acme.handle.check(date(2026, 3, 2))
    assert [seen.path for seen in server._web.seen if "169.254" in seen.path] == []
