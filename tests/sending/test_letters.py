"""Letters as they leave: certified mail carries the page, the page names client and country."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from io import BytesIO

import pytest
import sqlalchemy as sa
from pypdf import PdfReader

from incasso.contract.channel import OutboundMessage
from incasso.domain.office.actor import CLOCK
from incasso.domain.recovery.states import AgreementKind
from incasso.services.sending.dispatch import dispatch
from incasso.store.tables import recovery
from incasso.testing.fakes.channel import FakeChannel
from tests.sending.office import ON, PROVEN, Office


def sent(office: Office, channel: FakeChannel) -> OutboundMessage:
    """The one message that leaves."""
    dispatch(office.hub, CLOCK, ON)
    (found,) = channel.sent
    return found.message


def page(content: bytes) -> str:
    """The words of a letter."""
    pages = PdfReader(BytesIO(content)).pages
    return " ".join(" ".join(each.extract_text() for each in pages).split())


def test_certified_mail_carries_the_letter_behind_a_short_note(
    office: Office, pec: FakeChannel
) -> None:
    """Due on 1 October, 53 days: 100 × 10.40 × 53 / 36500 = 1.51; and 40 for the invoice."""
    office.step(stage=PROVEN)
    message = sent(office, pec)
    (file,) = message.attachments
    assert message.letter is None
    assert (file.filename, file.media_type) == ("lettera-2026-11-23.pdf", "application/pdf")
    assert file.filename in message.text
    for words in ("1219", "100,00"):
        assert words not in message.text
        assert words in page(file.content)
    for words in ("A mezzo PEC", "1,51 €", "40,00 €", "141,51 €", "13 dicembre 2026"):
        assert words in page(file.content)


def test_a_channel_without_files_gets_the_whole_words(
    make_office: Callable[..., Office], mail: FakeChannel
) -> None:
    bare = FakeChannel(("pec",), capabilities=())
    office = make_office(mail=mail, pec=bare)
    office.step(stage=PROVEN)
    message = sent(office, bare)
    assert message.attachments == ()
    assert "1219" in message.text


def registered(office: Office, channel: FakeChannel, **client: object) -> str:
    """The words of a registered letter to such a client."""
    office.step(office.client(**client), stage=PROVEN, medium="registered")
    message = sent(office, channel)
    assert message.letter is not None
    return page(message.letter.content)


def test_a_registered_letter_to_a_person(office: Office, pec: FakeChannel) -> None:
    text = registered(office, pec, name="ROSSI MARIO", tax_code="RSSMRA80A01F205X", is_person=True)
    assert "Raccomandata A/R" in text
    assert "Mario Rossi Via Po 2 10121 Torino" in text
    assert "Gentile Mario Rossi," in text
    assert "La invitiamo e diffidiamo" in text
    assert "art. 1284" in text
    assert "231" not in text


@pytest.mark.parametrize(
    ("country", "language", "line", "sent_as"),
    [
        ("DE", "de", "80331 München GERMANIA", "Einschreiben mit Rückschein"),
        ("FR", "fr", "80331 München FRANCIA", "Lettre recommandée avec accusé de réception"),
        ("GB", "en", "80331 München REGNO UNITO", "Registered letter with advice of receipt"),
    ],
)
def test_abroad_the_country_is_named_for_our_post_and_the_words_are_theirs(
    office: Office, pec: FakeChannel, country: str, language: str, line: str, sent_as: str
) -> None:
    client = office.client(country=country, language="", zip="80331", city="München")
    office.step(client, stage=PROVEN, medium="registered", language=language)
    message = sent(office, pec)
    assert message.letter is not None
    text = page(message.letter.content)
    assert line in text
    assert sent_as in text
    assert message.language == language


def test_interest_begins_after_an_extension(office: Office, pec: FakeChannel) -> None:
    """Put off to 5 November, 18 days: 100 × 10.40 × 18 / 36500 = 0.51."""
    step = office.step(stage=PROVEN)
    (case,) = office.cases(step)
    with office.store.write() as connection:
        connection.execute(
            sa.insert(recovery.agreements).values(
                kind=AgreementKind.EXTENSION,
                source_id=office.source,
                client_id=case.client_id,
                installment_id=case.installment_id,
                from_on=date(2026, 10, 1),
                made_on=date(2026, 10, 1),
                until_on=date(2026, 11, 5),
            )
        )
    text = page(sent(office, pec).attachments[0].content)
    assert "prorogata al 05/11/2026" in text
    assert "0,51 €" in text
