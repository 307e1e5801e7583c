"""A folder holds each message once, whole, and beside it what it is about."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from email import message_from_bytes, policy
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incasso.api import (
    AboutInstallment,
    Attachment,
    DeliveryState,
    InlineImage,
    Medium,
    OutboundMessage,
    Receipt,
    ReceiptStatus,
    Recipient,
    RejectedError,
    Subject,
    TemporaryError,
)
from incasso.testing import samples
from incasso_folder.channel import FolderChannel, FolderSettings
from tests.channels.mail import context


def channel(folder: Path, **changes: Any) -> FolderChannel:
    return FolderChannel(FolderSettings(folder=folder, **changes))


def put(over: FolderChannel, message: OutboundMessage, day: int = 2) -> Receipt:
    """Prepare and send on a day of March 2026."""
    ctx = msgspec.structs.replace(context(), on=date(2026, 3, day))
    return over.channel_send(message, over.channel_prepare(message, ctx), ctx)


def inside(folder: Path) -> list[str]:
    """Every file below a folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("medium", "suffix"),
    [
        (Medium.EMAIL, "eml"),
        (Medium.PEC, "eml"),
        (Medium.LETTER, "pdf"),
        (Medium.REGISTERED, "pdf"),
        (Medium.FAX, "pdf"),
        (Medium.SMS, "txt"),
        (Medium.TELEGRAM, "txt"),
    ],
)
def test_each_medium_has_its_file(tmp_path: Path, medium: Medium, suffix: str) -> None:
    message = samples.message(medium)
    receipt = put(channel(tmp_path), message)
    assert inside(tmp_path) == sorted([f"2026-03-02/d-0001.{suffix}", "2026-03-02/d-0001.json"])
    content = (tmp_path / f"2026-03-02/d-0001.{suffix}").read_bytes()
    note = json.loads((tmp_path / "2026-03-02/d-0001.json").read_text(encoding="utf-8"))
    assert note["sha256"] == sha256(content).hexdigest()
    assert note["medium"] == medium and note["to"]
    assert receipt.ref == "d-0001" and receipt.status is ReceiptStatus.ACCEPTED


def test_the_note_says_what_the_message_is_about(tmp_path: Path) -> None:
    credits = [
        AboutInstallment(
            key=key, document_number="1", due_date=date(2026, 1, 1), residual=Decimal("0.10")
        )
        for key in ("B", "A", "NC")
    ]
    about = Subject(
        step="7",
        source="acme",
        client="C001",
        installments=tuple(credits[:2]),
        credits=tuple(credits[2:]),
        total=Decimal("1E+3"),
        currency="CHF",
    )
    message = msgspec.structs.replace(
        samples.message(Medium.EMAIL), about=about, subject="Perché €", language="de"
    )
    put(channel(tmp_path), message)
    text = (tmp_path / "2026-03-02/d-0001.json").read_text(encoding="utf-8")
    assert "Perché €" in text, "people read it too"
    note = json.loads(text)
    note.pop("sha256")
    assert note == {
        "delivery": "d-0001",
        "step": "7",
        "source": "acme",
        "client": "C001",
        "medium": "email",
        "to": "anna.bianchi@example.it",
        "subject": "Perché €",
        "installments": ["A", "B"],
        "credits": ["NC"],
        "total": "1000",
        "currency": "CHF",
        "language": "de",
        "file": "d-0001.eml",
        "at": "2026-03-02T09:30:00+00:00",
    }


def test_a_mail_opens_in_any_mail_program(tmp_path: Path) -> None:
    file = Attachment(filename="rate è.pdf", media_type="application/pdf", content=samples.PDF)
    message = msgspec.structs.replace(
        samples.message(Medium.EMAIL),
        html="<p>Città</p>",
        attachments=(file,),
        cc=(Recipient(address="resp@example.it", name="Nicolò, resp."),),
        thread=("d-0000",),
    )
    put(channel(tmp_path), message)
    content = (tmp_path / "2026-03-02/d-0001.eml").read_bytes()
    mail = message_from_bytes(content, policy=policy.default)
    assert mail["To"].addresses[0].addr_spec == "anna.bianchi@example.it"
    assert mail["Cc"].addresses[0].display_name == "Nicolò, resp."
    assert mail["X-Incasso-Delivery"] == "d-0001"
    assert mail["In-Reply-To"].startswith("<hub.d-0000@")
    [part] = mail.iter_attachments()
    assert (part.get_filename(), part.get_content()) == ("rate è.pdf", samples.PDF)
    html = mail.get_body(("html",))
    assert html is not None and "Città" in html.get_content()


def test_a_mail_holds_the_pictures_that_its_page_shows(tmp_path: Path) -> None:
    picture = InlineImage(filename="qr.png", media_type="image/png", content=b"PNG", cid="q@x")
    message = msgspec.structs.replace(
        samples.message(Medium.EMAIL), html='<img src="cid:q@x">', images=(picture,)
    )
    put(channel(tmp_path), message)
    content = (tmp_path / "2026-03-02/d-0001.eml").read_bytes()
    mail = message_from_bytes(content, policy=policy.default)
    related = mail.get_body(("related",))
    assert related is not None
    page, image = related.iter_parts()
    assert "cid:q@x" in page.get_content()
    assert (image["Content-ID"], image.get_content()) == ("<q@x>", b"PNG")
    assert image.get_content_disposition() == "inline"


def test_the_same_delivery_twice_leaves_one_file_even_on_another_day(tmp_path: Path) -> None:
    over, message = channel(tmp_path), samples.message(Medium.EMAIL)
    first = put(over, message)
    again = put(over, msgspec.structs.replace(message, text="altro"), day=3)
    assert again == first
    assert len(inside(tmp_path)) == 2


def test_many_at_once_leave_one_file(tmp_path: Path) -> None:
    message = samples.message(Medium.LETTER)
    with ThreadPoolExecutor(4) as threads:
        receipts = list(threads.map(lambda _: put(channel(tmp_path), message), range(12)))
    assert {receipt.ref for receipt in receipts} == {"d-0001"}
    assert len(inside(tmp_path)) == 2


def test_what_was_put_is_found_although_the_print_room_took_the_page(tmp_path: Path) -> None:
    over = channel(tmp_path)
    sent = put(over, samples.message(Medium.LETTER))
    (tmp_path / "2026-03-02/d-0001.pdf").unlink()
    assert over.channel_find("d-0001", context()) == sent
    assert over.channel_find("d-0002", context()) is None
    assert over.channel_find("../d-0001", context()) is None


def test_content_without_note_was_not_sent(tmp_path: Path) -> None:
    """A crash between the two: the note is what counts, and sending again repairs it."""
    over = channel(tmp_path)
    put(over, samples.message(Medium.EMAIL))
    (tmp_path / "2026-03-02/d-0001.json").unlink()
    assert over.channel_find("d-0001", context()) is None
    put(over, samples.message(Medium.EMAIL))
    assert len(inside(tmp_path)) == 2


def test_the_content_is_safe_before_the_note_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stop at any instant leaves both, or nothing that counts; and nothing half-written."""
    done: list[str] = []
    real_fsync, real_replace = os.fsync, Path.replace

    def fsync(handle: int) -> None:
        done.append("fsync")
        real_fsync(handle)

    def replace(path: Path, target: Path) -> Path:
        done.append(target.suffix)
        return real_replace(path, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(Path, "replace", replace)
    put(channel(tmp_path / "outbox"), samples.message(Medium.EMAIL))
    assert done == ["fsync", "fsync", ".eml", "fsync", ".json", "fsync"]


def test_no_space_is_temporary_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = channel(tmp_path)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(TemporaryError, match="No space left"):
            put(over, samples.message(Medium.EMAIL))
    assert inside(tmp_path) == []
    assert over.channel_find("d-0001", context()) is None
    put(over, samples.message(Medium.EMAIL))
    assert len(inside(tmp_path)) == 2


def test_a_folder_that_is_not_there_proves_nothing(tmp_path: Path) -> None:
    """It may be a share that is not connected: "not found" would send everything twice."""
    with pytest.raises(TemporaryError):
        channel(tmp_path / "outbox").channel_find("d-0001", context())


@pytest.mark.parametrize("folder", ["a file", "a file/outbox"])
def test_a_folder_that_cannot_be_is_told(tmp_path: Path, folder: str) -> None:
    (tmp_path / "a file").write_bytes(b"")
    over = channel(tmp_path / folder)
    with pytest.raises(TemporaryError):
        over.instance_check(context())
    with pytest.raises(TemporaryError):
        put(over, samples.message(Medium.EMAIL))


@given(delivery=st.one_of(st.text(), st.sampled_from(["..", "../x", "a/b", "a\\b", ".x", "x\0"])))
def test_nothing_is_ever_written_outside(
    tmp_path_factory: pytest.TempPathFactory, delivery: str
) -> None:
    base = tmp_path_factory.mktemp("base")
    message = msgspec.structs.replace(samples.message(Medium.SMS), delivery=delivery)
    try:
        put(channel(base / "outbox"), message)
    except RejectedError:
        assert inside(base) == []
    else:
        assert len(inside(base / "outbox" / "2026-03-02")) == len(inside(base)) == 2


def test_a_file_is_accepted_and_never_claims_to_be_delivered(tmp_path: Path) -> None:
    over = channel(tmp_path)
    put(over, samples.message(Medium.REGISTERED))
    assert over.channel_poll(("d-0001",), context()) == ()


def test_for_a_demo_it_may_count_as_delivered(tmp_path: Path) -> None:
    over = channel(tmp_path, counts_as_delivered=True)
    put(over, samples.message(Medium.REGISTERED))
    [update] = over.channel_poll(("d-0001", "d-0002"), context())
    assert (update.ref, update.state) == ("d-0001", DeliveryState.DELIVERED)


@pytest.mark.parametrize(
    ("medium", "field", "changes"),
    [
        (Medium.EMAIL, "to", {"to": Recipient(address="nessuno")}),
        (Medium.EMAIL, "subject", {"subject": "x\r\nBcc: y@example.it"}),
        (Medium.EMAIL, "subject", {"subject": ""}),
        (Medium.PEC, "text", {"text": " "}),
        (Medium.SMS, "to", {"to": Recipient(address="anna@example.it")}),
        (Medium.LETTER, "letter", {"letter": None}),
        (Medium.LETTER, "to", {"to": Recipient(name="Anna")}),
        (Medium.FAX, "to", {"to": Recipient(name="Anna")}),
        (Medium.TELEGRAM, "to", {"to": Recipient(name="Anna")}),
    ],
)
def test_what_cannot_be_sent_is_refused_by_its_field(
    tmp_path: Path, medium: Medium, field: str, changes: dict[str, Any]
) -> None:
    message = msgspec.structs.replace(samples.message(medium), **changes)
    with pytest.raises(RejectedError) as raised:
        channel(tmp_path).channel_prepare(message, context())
    assert [problem.field for problem in raised.value.problems] == [field]


@pytest.mark.parametrize("text", samples.HOSTILE_TEXTS.values(), ids=samples.HOSTILE_TEXTS.keys())
def test_hostile_names_become_files_too(tmp_path: Path, text: str) -> None:
    message = samples.message(Medium.EMAIL)
    to = msgspec.structs.replace(message.to, name=text)
    put(channel(tmp_path), msgspec.structs.replace(message, to=to, text=text, sender_name=text))
    mail = message_from_bytes(
        (tmp_path / "2026-03-02/d-0001.eml").read_bytes(), policy=policy.default
    )
    assert mail.get_content().split() == text.split()


def test_a_domain_with_accents_is_written_as_mail_wants_it(tmp_path: Path) -> None:
    message = samples.message(Medium.EMAIL)
    to = msgspec.structs.replace(message.to, address="anna@città.example")
    put(channel(tmp_path), msgspec.structs.replace(message, to=to))
    content = (tmp_path / "2026-03-02/d-0001.eml").read_bytes()
    assert b"<anna@xn--citt-3na.example>" in content
