"""A composed mail means to every reader what the message said, and never more."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incasso.api import Attachment, InlineImage, Recipient, RejectedError
from incasso.mail import Envelope, UnfitError, compose, message_id
from incasso.testing.samples import HOSTILE_TEXTS
from incasso_smtp.channel import SmtpChannel
from tests.channels.mail import NOW, SENDER, TO, context, message, settings

WHO: Final = Envelope(sender=SENDER, sender_name="Ufficio crediti", to=TO, to_name="Anna Bianchi")
TEXT: Final = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
ONE_LINE: Final = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]))


def read(mail: bytes) -> EmailMessage:
    """The mail as the standard library's reader understands it."""
    return message_from_bytes(mail, policy=policy.default)


def name_in(mail: bytes, header: str) -> str:
    """The name beside the address. `policy.default` in Python 3.11 tears long names apart."""
    raw = message_from_bytes(mail)[header].replace("\r\n", "")
    name, address = parseaddr(raw)
    assert address == TO
    return str(make_header(decode_header(name)))


def lines(text: str) -> str:
    """Text with the line ends of this machine and none at its end: mail keeps no more."""
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")


def replace_name(attachment: Attachment) -> Attachment:
    """The same file under a harmless name."""
    return msgspec.structs.replace(attachment, filename="rate.csv")


def content(mail: EmailMessage, kind: str) -> str:
    """The text of the part of this kind."""
    body = mail.get_body((kind,))
    assert body is not None
    return lines(body.get_content())


@given(text=TEXT, html=TEXT)
def test_any_text_arrives_as_it_was_written(text: str, html: str) -> None:
    mail = read(compose(message(text=text, html=html), WHO, NOW))
    assert content(mail, "plain") == lines(text)
    assert content(mail, "html") == lines(html)


@given(subject=ONE_LINE, name=ONE_LINE)
def test_any_subject_and_name_arrive_as_they_were_written(subject: str, name: str) -> None:
    mail = compose(message(subject=subject), replace(WHO, to_name=name), NOW)
    assert read(mail)["Subject"] == subject
    assert name_in(mail, "To").split() == name.split()


@given(subject=TEXT, text=TEXT, name=TEXT, file=TEXT)
def test_nothing_in_a_message_becomes_a_header(
    subject: str, text: str, name: str, file: str
) -> None:
    attachment = Attachment(filename=file, media_type="text/csv", content=b"1;2")
    try:
        mail = compose(
            message(subject=subject, text=text, attachments=(attachment,)),
            replace(WHO, to_name=name, sender_name=name),
            NOW,
        )
    except UnfitError:
        return
    harmless = compose(message(attachments=(replace_name(attachment),)), WHO, NOW)
    assert read(mail).keys() == read(harmless).keys()


@given(text=TEXT, subject=ONE_LINE)
def test_the_bytes_pass_every_relay(text: str, subject: str) -> None:
    mail = compose(message(text=text, html=text * 40, subject=subject), WHO, NOW)
    assert mail.isascii() and mail.endswith(b"\r\n")
    assert mail.count(b"\n") == mail.count(b"\r") == mail.count(b"\r\n")
    assert max(map(len, mail.split(b"\r\n"))) <= 998


@given(content=st.binary(max_size=2000), name=ONE_LINE.filter(lambda name: 0 < len(name) < 100))
def test_an_attachment_arrives_byte_for_byte(content: bytes, name: str) -> None:
    file = Attachment(filename=name, media_type="application/pdf", content=content)
    mail = read(compose(message(html="<p>x</p>", attachments=(file,)), WHO, NOW))
    [part] = mail.iter_attachments()
    assert part.get_content_type() == "application/pdf"
    assert part.get_content() == content
    assert (part.get_filename() or "").split() == name.split()


@pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS.keys())
def test_hostile_names_survive(text: str) -> None:
    mail = compose(message(text=text), replace(WHO, to_name=text), NOW)
    assert name_in(mail, "To").split() == text.split()
    assert content(read(mail), "plain") == lines(text)


def test_the_headers_say_who_what_and_when() -> None:
    who = replace(WHO, cc=(("Resp. Ufficio, Nord", "resp@example.it"), ("", "b@example.it")))
    mail = read(compose(message(), replace(who, reply_to="risposte@example.it"), NOW))
    assert mail["From"] == "Ufficio crediti <crediti@example.it>"
    assert mail["To"] == "Anna Bianchi <anna.bianchi@example.it>"
    assert [each.addr_spec for each in mail["Cc"].addresses] == ["resp@example.it", "b@example.it"]
    assert mail["Reply-To"] == "risposte@example.it"
    assert mail["Date"].datetime == NOW
    assert mail["Message-ID"] == "<hub.d-0001@example.it>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Incasso-Delivery"] == "d-0001"
    assert "Precedence" not in mail and "List-Unsubscribe" not in mail and "Bcc" not in mail


def test_reminders_on_one_matter_form_a_thread() -> None:
    mail = read(compose(message(thread=("d-1", "d-2")), WHO, NOW))
    assert mail["In-Reply-To"] == message_id("d-2", "example.it")
    assert mail["References"].split() == [message_id(each, "example.it") for each in ("d-1", "d-2")]


def test_text_comes_before_html_and_files_last() -> None:
    """Mail programs show the last alternative they can show."""
    file = Attachment(filename="rate è.pdf", media_type="application/pdf", content=b"%PDF")
    mail = read(compose(message(html="<p>Ciao</p>", attachments=(file, file)), WHO, NOW))
    kinds = [part.get_content_type() for part in mail.walk()]
    assert kinds == [
        *("multipart/mixed", "multipart/alternative", "text/plain", "text/html"),
        *("application/pdf", "application/pdf"),
    ]
    assert [part.get_filename() for part in mail.iter_attachments()] == ["rate è.pdf"] * 2


QR = InlineImage(
    filename="qr.png", media_type="image/png", content=b"\x89PNG", cid="payment-1@incasso.invalid"
)


def test_pictures_travel_beside_the_page_that_shows_them() -> None:
    file = Attachment(filename="rate.pdf", media_type="application/pdf", content=b"%PDF")
    mail = read(compose(message(html="<p>Ciao</p>", images=(QR,), attachments=(file,)), WHO, NOW))
    assert [part.get_content_type() for part in mail.walk()] == [
        *("multipart/mixed", "multipart/alternative", "text/plain"),
        *("multipart/related", "text/html", "image/png", "application/pdf"),
    ]
    picture = next(part for part in mail.walk() if part.get_content_type() == "image/png")
    assert picture["Content-ID"] == "<payment-1@incasso.invalid>"
    assert picture.get_content_disposition() == "inline"
    assert picture.get_content() == QR.content
    assert [part.get_filename() for part in mail.iter_attachments()] == ["rate.pdf"]


def test_a_picture_whose_name_would_begin_a_header_is_refused() -> None:
    for cid in ("x@y>\r\nBcc: z", "", "no address"):
        with pytest.raises(UnfitError) as caught:
            compose(
                message(html="<p>x</p>", images=(msgspec.structs.replace(QR, cid=cid),)), WHO, NOW
            )
        assert caught.value.field == "images"


def test_a_long_plain_subject_stays_legible_in_the_archive() -> None:
    subject = (
        "Sollecito di pagamento: fatture 1201, 1202, 1203 e altre 14 scadute al 28/02/2026 " * 2
    )
    mail = compose(message(subject=subject.strip()), WHO, NOW)
    assert b"fatture 1201, 1202" in mail
    assert read(mail)["Subject"] == subject.strip()


def prepare(**changes: object) -> bytes:
    return SmtpChannel(settings()).channel_prepare(message(**changes), context()).content


def test_a_domain_with_accents_travels_in_ascii() -> None:
    mail = read(prepare(to=Recipient(address="info@caffè.it", name="Caffè")))
    assert mail["To"].addresses[0].addr_spec == "info@xn--caff-8oa.it"


def test_a_wrong_copy_costs_a_warning_and_not_the_message() -> None:
    copies = (Recipient(address="resp@example.it"), Recipient(address="nobody"))
    prepared = SmtpChannel(settings()).channel_prepare(message(cc=copies), context())
    assert read(prepared.content)["Cc"] == "resp@example.it"
    assert [problem.field for problem in prepared.warnings] == ["cc"]


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("to", {"to": Recipient(address="anna.bianchi")}),
        ("to", {"to": Recipient(address="anna@example.it>\r\nBcc: <x@example.it")}),
        ("to", {"to": Recipient(address=TO, name="Anna\0")}),
        ("text", {"text": " \n"}),
        ("subject", {"subject": ""}),
        ("subject", {"subject": "Sollecito\r\nBcc: x@example.it"}),
        ("subject", {"subject": "Sollecito\u2028x"}),
        ("sender", {"sender_name": "Ufficio\0"}),
        ("reply_to", {"reply_to": "nobody"}),
        ("delivery", {"delivery": "d>\r\nBcc: x"}),
        ("delivery", {"thread": ("d 1",)}),
    ],
)
def test_what_cannot_be_sent_is_refused_by_its_field(
    field: str, changes: dict[str, object]
) -> None:
    with pytest.raises(RejectedError) as raised:
        prepare(**changes)
    assert [problem.field for problem in raised.value.problems] == [field]


@pytest.mark.parametrize(
    "file",
    [
        Attachment(filename="", media_type="text/csv", content=b""),
        Attachment(filename="a\r\nb.pdf", media_type="text/csv", content=b""),
        Attachment(filename="a.pdf", media_type="pdf", content=b""),
        Attachment(filename="a.pdf", media_type="a/b\r\nBcc: x", content=b""),
        Attachment(filename="a.pdf", media_type="application/pdf", content=b"x" * 30_000_000),
    ],
    ids=["no name", "line break", "no type", "type with header", "too large"],
)
def test_an_unfit_file_is_refused(file: Attachment) -> None:
    with pytest.raises(RejectedError) as raised:
        prepare(attachments=(file,))
    assert [problem.field for problem in raised.value.problems] == ["attachments"]


def test_a_mail_inside_a_mail_is_only_a_file() -> None:
    """RFC 2046 forbids base64 on message/rfc822; some readers then show nothing at all."""
    inner = compose(message(), WHO, NOW)
    file = Attachment(filename="prima.eml", media_type="message/rfc822", content=inner)
    [part] = read(prepare(attachments=(file,))).iter_attachments()
    assert part.get_content() == inner


def test_preparing_twice_gives_the_same_bytes() -> None:
    file = Attachment(filename="a.pdf", media_type="application/pdf", content=b"%PDF")
    changes = {"html": "<p>x</p>", "attachments": (file,)}
    assert prepare(**changes) == prepare(**changes)
