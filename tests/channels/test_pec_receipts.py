"""Receipts of certified mail: every kind is recognised, and only what is signed proves anything."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incasso.testing.pec import Kind, PecAuthority, envelope
from incasso.testing.pec.receipts import daticert, file, mixed, signed
from incasso_pec.receipts import daticert as pec_xml
from incasso_pec.receipts import rem
from incasso_pec.receipts.notice import Dialect, Event, UnreadableError
from incasso_pec.receipts.parts import may_be_receipt
from tests.channels.pec import (
    AT,
    MAILBOX,
    MESSAGE,
    REF,
    TO,
    authority,
    one,
    read,
    signer,
    taken,
    trusting,
)

EVENTS = {
    Kind.ACCEPTANCE: Event.ACCEPTED,
    Kind.NON_ACCEPTANCE: Event.REFUSED,
    Kind.TAKEN_IN_CHARGE: Event.ON_ITS_WAY,
    Kind.DELIVERY: Event.DELIVERED,
    Kind.NON_DELIVERY: Event.NOT_DELIVERED,
    Kind.DELAY: Event.LATE,
    Kind.VIRUS: Event.NOT_DELIVERED,
}


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_is_recognised_and_proven(kind: Kind) -> None:
    reading = read(one(kind))
    assert reading.notice is not None and reading.proven, reading.doubt
    assert reading.notice.event is EVENTS[kind] and reading.notice.kind == kind.value
    assert reading.notice.about == REF and reading.notice.sender == MAILBOX


@pytest.mark.parametrize("part", ["completa", "breve", "sintetica"])
def test_a_delivery_receipt_of_each_form_is_one(part: str) -> None:
    about = taken(content=MESSAGE.replace(b"completa", part.encode()))
    reading = read(one(about=about))
    assert reading.notice is not None and reading.proven
    assert (reading.notice.part, reading.notice.recipient) == (part, TO)


def test_what_the_xml_says_is_read_whole() -> None:
    """By hand, as a provider writes it in 2026: an unknown mailbox is `altro`."""
    notice = pec_xml.read(
        b"""<?xml version="1.0" encoding="UTF-8"?>
<postacert tipo="errore-consegna" errore="altro">
  <intestazione>
    <mittente>Crediti@pec.acme.example</mittente>
    <destinatari tipo="certificato">anna@pec.it</destinatari>
    <destinatari tipo="esterno">bruno@example.it</destinatari>
    <risposte/><oggetto>Diffida &amp; messa in mora</oggetto>
  </intestazione>
  <dati>
    <gestore-emittente>GESTORE S.p.A.</gestore-emittente>
    <data zona="+0200"><giorno>19/09/2026</giorno><ora>15:41:19</ora></data>
    <identificativo>opec1@pec.example</identificativo>
    <msgid>&lt;hub.d-1@pec.acme.example&gt;</msgid>
    <consegna>Anna@pec.it</consegna>
    <errore-esteso>5.1.1 - indirizzo non valido</errore-esteso>
  </dati>
</postacert>"""
    )
    assert notice.dialect is Dialect.PEC
    assert notice.event is Event.NOT_DELIVERED
    assert notice.about == "<hub.d-1@pec.acme.example>"
    assert (notice.sender, notice.recipient) == ("crediti@pec.acme.example", "anna@pec.it")
    assert [(each.address, each.certified) for each in notice.addressees] == [
        ("anna@pec.it", True),
        ("bruno@example.it", False),
    ]
    assert notice.at == datetime(2026, 9, 19, 13, 41, 19, tzinfo=UTC)
    assert (notice.error, notice.detail) == ("altro", "5.1.1 - indirizzo non valido")
    assert (notice.issuer, notice.identifier) == ("GESTORE S.p.A.", "opec1@pec.example")


@pytest.mark.parametrize(
    "told", ['zona="+0200"><giorno>31/02/2026</giorno><ora>1:2:3</ora>', 'zona="Rome">', ">"]
)
def test_an_impossible_date_is_none(told: str) -> None:
    xml = f"<postacert tipo='accettazione'><dati><data {told}</data></dati></postacert>"
    assert pec_xml.read(xml.replace("<data >", "<data>").encode()).at is None


def test_headers_count_in_any_case() -> None:
    """Sogei writes `X-Tiporicevuta`; nothing says that the others keep to the RFC's letters."""
    mail = one().replace(b"X-Ricevuta:", b"x-RICEVUTA:").replace(b"X-Riferimento", b"x-riferimento")
    assert may_be_receipt(mail) and read(mail).proven


def test_a_broken_text_part_changes_nothing() -> None:
    """Aruba's texts of 2026 hold broken characters under a wrong label: nobody reads them."""
    assert read(one(text=b"\xef\xbf\xbd\xff\xfe stato accettato \x00")).proven


def test_line_ends_of_the_way_are_no_alteration() -> None:
    """What is signed has CRLF; a mail that was saved with bare LF is still the same mail."""
    assert read(one().replace(b"\r\n", b"\n")).proven


# What is no receipt.


def test_an_envelope_is_none_whatever_is_in_it() -> None:
    """A debtor mails us a copy of a receipt: it arrives inside an envelope, with our number."""
    for anomaly in (False, True):
        mail = envelope(
            one(),
            signer(),
            to=MAILBOX,
            sender=TO,
            at=AT,
            anomaly=anomaly,
            headers={"X-Riferimento-Message-ID": REF, "X-Ricevuta": "avvenuta-consegna"},
        )
        assert not may_be_receipt(mail)


def test_a_forwarded_receipt_is_none() -> None:
    mail = b"From: anna@example.it\r\nSubject: Fwd: CONSEGNA\r\nX-Trasporto: errore\r\n" + one()
    assert not may_be_receipt(mail)
    wrapped = b"From: a@b.it\r\nContent-Type: message/rfc822\r\n\r\n" + one()
    assert not may_be_receipt(wrapped)


def test_an_ordinary_mail_is_none() -> None:
    assert not may_be_receipt(b"Subject: CONSEGNA: Diffida\r\n\r\nX-Ricevuta: accettazione\r\n")


# What proves nothing.


@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_one_altered_bit_of_what_is_signed_is_found(place: float, bit: int) -> None:
    """Wherever it is; only the second copy of a line end is nobody's word (LF or CRLF)."""
    mail = one(Kind.ACCEPTANCE)
    begin = mail.index(b"Content-Type: multipart/mixed")
    end = mail.index(b"Content-Type: application/pkcs7-signature")
    position = begin + int(place * (end - begin - 60))
    altered = bytearray(mail)
    altered[position] ^= 1 << bit
    if bytes(altered).replace(b"\r\n", b"\n") == mail.replace(b"\r\n", b"\n"):
        return
    assert not read(bytes(altered)).proven


def test_one_altered_letter_is_told() -> None:
    mail = one(text=b"stato accettato")
    reading = read(mail.replace(b"stato accettato", b"stato accettatO"))
    assert "altered" in reading.doubt and reading.notice is not None


def test_an_altered_signature_proves_nothing() -> None:
    mail = one()
    begin = mail.index(b"\r\n\r\n", mail.index(b"smime.p7s", mail.index(b"pkcs7-signature; name")))
    for offset in range(40, 3000, 311):
        altered = bytearray(mail)
        place = begin + offset
        altered[place] = ord("A") if altered[place] != ord("A") else ord("B")
        reading = read(bytes(altered))
        # Of the certificate of the authority only the copy in our list counts.
        if reading.proven:
            assert _same_signer(bytes(altered), mail)


def _same_signer(one: bytes, other: bytes) -> bool:
    """Whether two mails differ in the unused parts of the signature alone."""
    cut = re.compile(rb"(?s)smime\.p7s.*")
    return cut.sub(b"", one) == cut.sub(b"", other)


def test_another_authority_proves_nothing() -> None:
    other = PecAuthority(number=1)
    assert "trusted authority" in read(one(by=other.signer())).doubt
    assert read(one(by=other.signer()), trusting(authority(), other)).proven


def test_a_domain_that_the_authority_may_not_name_proves_nothing() -> None:
    """Its list of domains (nameConstraints) holds although the authority itself is the anchor."""
    outside = authority().signer("posta-certificata@pec.stranger.example")
    assert "trusted authority" in read(one(by=outside)).doubt


def test_the_sender_must_be_whom_the_certificate_names() -> None:
    mail = one().replace(b"From: posta-certificata@", b"From: direzione@")
    assert "sent by direzione@" in read(mail).doubt


def test_a_certificate_must_be_valid_at_the_receipts_time() -> None:
    short = authority().signer(ends=AT - timedelta(days=1))
    assert not read(one(by=short)).proven
    assert read(one(by=short, at=AT - timedelta(days=2))).proven, "it was valid then"
    later = authority().signer(begins=AT + timedelta(days=1))
    assert not read(one(by=later)).proven


def test_no_signature_at_all_proves_nothing() -> None:
    plain = f"X-Ricevuta: avvenuta-consegna\r\nX-Riferimento-Message-ID: {REF}\r\n\r\nok\r\n"
    reading = read(plain.encode())
    assert reading.notice is None and "not signed" in reading.doubt


def test_a_true_receipt_of_somebody_elses_message_proves_nothing() -> None:
    """A debtor with a certified mailbox sends one under our Message-ID, and gets true receipts."""
    about = taken(sender=TO)
    assert f"about a message of {TO}" in read(one(about=about)).doubt


def test_a_true_receipt_under_other_headers_proves_nothing() -> None:
    """Headers are not signed: a receipt of one message could be given those of another."""
    moved = one(headers={"X-Riferimento-Message-ID": "<hub.d-9999@pec.acme.example>"})
    reading = read(moved)
    assert "another message" in reading.doubt
    assert reading.notice is not None and reading.notice.about == REF


def test_the_xml_inside_the_original_is_never_read() -> None:
    """An attachment of ours, or of a debtor's, may bear the name of the real one."""
    forged = daticert(Kind.DELIVERY, taken(), at=AT, recipient=TO)
    content = MESSAGE.partition(b"\r\n\r\n")[0] + b"\r\n"
    content += mixed([file("daticert.xml", "application/xml", forged)])
    reading = read(one(Kind.DELIVERY, about=taken(content=content), xml=b"<nothing/>"))
    assert reading.notice is None and not reading.proven


def test_two_xml_files_of_one_name_are_refused() -> None:
    parts = [
        file(name, "application/xml", daticert(kind, taken(), at=AT, recipient=TO))
        for name, kind in (("daticert.xml", Kind.NON_DELIVERY), ("DATICERT.XML", Kind.DELIVERY))
    ]
    mail = signed(
        mixed(parts),
        signer(),
        to=MAILBOX,
        subject="CONSEGNA: Diffida",
        at=AT,
        headers={"X-Ricevuta": "avvenuta-consegna", "X-Riferimento-Message-ID": REF},
    )
    reading = read(mail)
    assert reading.notice is None and "twice" in reading.doubt


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE postacert SYSTEM "Postacert.dtd">',
        '<!DOCTYPE postacert [<!ENTITY e "avvenuta-consegna">]>',
        '<!DOCTYPE postacert [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
    ],
)
def test_a_doctype_is_refused(doctype: str) -> None:
    xml = daticert(Kind.DELIVERY, taken(), at=AT, recipient=TO, doctype=doctype)
    with pytest.raises(UnreadableError, match="DOCTYPE"):
        pec_xml.read(xml)
    reading = read(one(xml=xml))
    assert reading.notice is None and not reading.proven


@given(st.binary(max_size=300))
def test_no_mail_makes_the_reader_fail(noise: bytes) -> None:
    mail = one(Kind.ACCEPTANCE)
    begin = mail.index(b"daticert.xml")
    for spoiled in (noise, mail[: begin + 30] + noise + mail[begin + 60 :], mail[:begin] + noise):
        assert not read(spoiled).proven


@given(st.text(max_size=200))
def test_no_xml_makes_the_reader_fail(noise: str) -> None:
    for given_ in (noise, f"<postacert tipo='{noise}'/>", f"<postacert>{noise}</postacert>"):
        try:
            pec_xml.read(given_.encode("utf-8", "surrogatepass"))
        except UnreadableError:
            continue


# Of the same receipt twice, and of trust that comes later.


def test_a_second_copy_has_the_same_key() -> None:
    mail = one()
    assert read(mail).key == read(b"Received: by another\r\n" + mail).key
    assert read(mail).key != read(one(Kind.ACCEPTANCE)).key


def test_what_is_proven_later_is_news() -> None:
    mail = one(by=PecAuthority(number=1).signer())
    before = read(mail)
    after = read(mail, trusting(PecAuthority(number=1)))
    assert not before.proven
    assert after.key != before.key


# European evidence.


def evidence(event: str, namespace: str = rem.NAMESPACE) -> bytes:
    return f"""<?xml version="1.0"?>
<e:Evidence xmlns:e="{namespace}" version="EN319522v1.2.1">
  <e:EvidenceIdentifier>ev-1</e:EvidenceIdentifier>
  <e:ERDSEventId>http://uri.etsi.org/19522/Event/{event}</e:ERDSEventId>
  <e:EventReasons><e:EventReason><Code>http://uri.etsi.org/19522/v1#/Reason/R1</Code>
    <Details>casella piena</Details></e:EventReason></e:EventReasons>
  <EventTime>2026-09-19T15:41:19+02:00</EventTime>
  <e:SenderDetails><Identifier>mailto:{MAILBOX}</Identifier></e:SenderDetails>
  <e:RecipientDetails><Identifier>mailto:{TO}</Identifier></e:RecipientDetails>
  <e:MessageIdentifier>{REF.strip("<>")}</e:MessageIdentifier>
</e:Evidence>""".encode()


def test_european_evidence_gives_the_same_record() -> None:
    notice = rem.read(evidence("ContentConsignment"))
    assert (notice.dialect, notice.event) == (Dialect.REM, Event.DELIVERED)
    assert (notice.sender, notice.recipient, notice.about) == (MAILBOX, TO, REF)
    assert notice.at == datetime(2026, 9, 19, 13, 41, 19, tzinfo=UTC)
    assert notice.detail == "R1 casella piena"
    assert rem.read(evidence("SomethingNew")).event is Event.OTHER
    with pytest.raises(UnreadableError):
        rem.read(evidence("ContentConsignment", "http://example.it"))


def test_european_evidence_in_a_signed_mail_is_read() -> None:
    mail = signed(
        mixed([file("evidence.xml", "application/xml", evidence("ContentConsignmentFailure"))]),
        signer(),
        to=MAILBOX,
        subject="REM ContentConsignmentFailure: Diffida",
        at=AT,
        headers={"X-REM-Subject": "REM ContentConsignmentFailure: Diffida"},
    )
    assert may_be_receipt(mail)
    reading = read(mail)
    assert reading.proven and reading.notice is not None
    assert reading.notice.event is Event.NOT_DELIVERED


def test_daticert_goes_before_evidence_beside_it() -> None:
    """Today's receipts have both names in their headers; what is law today is `daticert.xml`."""
    mail = one(headers={"X-REM-Subject": "REM ContentConsignment: Diffida"})
    reading = read(mail)
    assert reading.notice is not None and reading.notice.dialect is Dialect.PEC
    assert message_from_bytes(mail)["X-REM-Subject"]
