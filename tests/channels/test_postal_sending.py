"""A draft, its price, one confirmation: whatever breaks, no letter is paid twice."""

from __future__ import annotations

from base64 import b64decode
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from incasso.api import (
    Attachment,
    AuthenticationError,
    ConfigurationError,
    Medium,
    OutcomeUnknownError,
    RejectedError,
    TemporaryError,
)
from incasso.plugins.states import State
from incasso.testing.postal import Cut
from tests.channels.postal import ON, letter, post


def test_what_the_service_gets(tmp_path: Path) -> None:
    with post(tmp_path, duplex=True, return_receipt=False) as one:
        prepared, receipt = one.send(letter())
        [sent] = one.service.confirmed
    assert sent.product == "raccomandate" and receipt.ref == f"raccomandate/{sent.number}"
    assert receipt.cost is not None and receipt.cost.amount == Decimal("5.37")
    assert sent.request["opzioni"] == {
        "fronteretro": True,
        "colori": False,
        "autoconfirm": False,
        "ricevuta": True,
        "ar": False,
    }
    [pages] = sent.request["documento"]
    head, _, coded = pages.partition(",")
    assert head == "data:application/pdf;base64" and b64decode(coded) == prepared.content
    assert sent.request["mittente"]["cap"] == "10121"
    assert sent.request["mittente"]["email"] == "crediti@acme.example"
    assert sent.request["destinatari"][0]["comune"] == "Milano"
    assert sent.mark == "d-0001"


@pytest.mark.parametrize(
    ("medium", "table", "product"),
    [
        (Medium.LETTER, {}, "ordinarie"),
        (Medium.LETTER, {"letter_product": "prioritaria"}, "prioritarie"),
        (Medium.TELEGRAM, {}, "telegrammi"),
    ],
)
def test_each_medium_buys_its_product(
    tmp_path: Path, medium: Medium, table: dict[str, Any], product: str
) -> None:
    with post(tmp_path, **table) as one:
        one.send(letter(medium=medium))
        assert [each.product for each in one.service.confirmed] == [product]


@pytest.mark.parametrize("cut", list(Cut))
def test_the_line_breaks_at_each_stage(tmp_path: Path, cut: Cut) -> None:
    """The hub's own way after each error: look, and send again unless it is there."""
    with post(tmp_path) as one:
        one.service.cut = cut
        message = letter()
        before_confirmation = cut in (Cut.BEFORE_CREATION, Cut.AFTER_CREATION)
        if cut is Cut.READING:
            one.send(message)
        else:
            lost = TemporaryError if before_confirmation else OutcomeUnknownError
            with pytest.raises(lost):
                one.send(message)
        one.service.cut = None
        found = one.again().find(message.delivery, ON)
        confirmed = [each.mark for each in one.service.confirmed]
        assert (found is not None) == (confirmed == ["d-0001"])
        _, receipt = one.send(message, attempt=2)
        assert [each.mark for each in one.service.confirmed] == ["d-0001"]
        assert receipt.ref == f"raccomandate/{one.service.confirmed[0].number}"
        assert found is None or found.ref == receipt.ref


def test_a_draft_is_used_again(tmp_path: Path) -> None:
    """A confirmation that is still on its way must meet the same draft."""
    with post(tmp_path) as one:
        one.service.cut = Cut.BEFORE_CONFIRMATION
        with pytest.raises(OutcomeUnknownError):
            one.send(letter())
        one.service.cut = None
        assert one.again().find("d-0001", ON) is None
        one.send(letter(), attempt=2)
        assert len(one.service.letters) == 1


def test_other_pages_wait_until_the_first_draft_is_cold(tmp_path: Path) -> None:
    """A letter of the next day has other words: its draft of yesterday must not leave as well."""
    with post(tmp_path) as one:
        one.service.cut = Cut.BEFORE_CONFIRMATION
        with pytest.raises(OutcomeUnknownError):
            one.send(letter())
        one.service.cut = None
        page = letter().letter
        assert page is not None
        other = msgspec.structs.replace(
            letter(), letter=msgspec.structs.replace(page, content=page.content + b"% later\n")
        )
        with pytest.raises(TemporaryError):
            one.send(other, attempt=2)
        one.time.forward(minutes=11)
        one.send(other, attempt=2)
        first, second = one.service.letters.values()
        assert (first.confirmed, second.confirmed) == (False, True)


def test_a_restored_database_finds_the_letter_by_its_mark(tmp_path: Path) -> None:
    with post(tmp_path) as one:
        _, sent = one.send(letter())
        one._rows._rows.clear()
        found = one.again().find("d-0001", ON)
        assert found is not None and found.ref == sent.ref
        one._rows._rows.clear()
        assert one.send(letter(), attempt=2)[1].ref == sent.ref
        assert len(one.service.letters) == 1


def test_an_answer_that_is_not_the_services_own_proves_nothing(tmp_path: Path) -> None:
    """A proxy's 404 must not say "certainly not sent"."""
    from incasso.testing.network import FAULTS

    with post(tmp_path) as one:
        one.send(letter())
        one.service.fault = FAULTS["404"]
        with pytest.raises(RejectedError):
            one.handle.find("d-0001", ON)


@pytest.mark.parametrize(("most", "sent"), [("5.37", 1), ("5.36", 0)])
def test_a_price_above_the_limit_is_not_paid(tmp_path: Path, most: str, sent: int) -> None:
    with post(tmp_path, max_price=most) as one:
        if sent:
            one.send(letter())
        else:
            with pytest.raises(
                TemporaryError, match=r"5\.37 EUR and max_price allows 5\.36: raise"
            ):
                one.send(letter())
        assert len(one.service.confirmed) == sent


def test_a_letter_that_was_too_dear_leaves_once_the_limit_is_raised(tmp_path: Path) -> None:
    """By the draft that was made for it."""
    with post(tmp_path, max_price="5.36") as one:
        with pytest.raises(TemporaryError):
            one.send(letter())
        one._table["max_price"] = "5.37"
        one.again()
        _, sent = one.send(letter(), attempt=2)
        assert [each.number for each in one.service.letters.values()] == [
            sent.ref.partition("/")[2]
        ]


def test_no_credit_stops_the_account_once(tmp_path: Path) -> None:
    with post(tmp_path) as one:
        one.service.credit = False
        with pytest.raises(AuthenticationError, match="top it up"):
            one.send(letter())
        assert one.handle.view.state is State.PAUSED
        asked = len(one.service.seen)
        with pytest.raises(AuthenticationError):
            one.send(letter("d-0002"))
        assert len(one.service.seen) == asked


def test_the_services_own_refusal_names_the_field(tmp_path: Path) -> None:
    with post(tmp_path) as one:
        original = one.service._about
        from incasso.testing.network import Answer

        said = {
            "success": False,
            "message": "Comune, CAP e provincia in conflitto",
            "error": 12180,
            "data": {"wrong_fields": ["destinatari.0.cap"]},
        }
        one.service._about = lambda *_: Answer.of(said, 422)  # type: ignore[method-assign]
        with pytest.raises(RejectedError, match="in conflitto") as raised:
            one.send(letter())
        assert raised.value.bad_address
        assert [each.field for each in raised.value.problems] == ["destinatari.0.cap"]
        said["error"] = 11010
        with pytest.raises(ConfigurationError):
            one.send(letter())
        one.service._about = original  # type: ignore[method-assign]


def test_tokens_are_made_kept_and_renewed(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.touch(0o600)
    key.write_text("a-key-of-the-post", "utf-8")
    table = {"token": None, "user": "crediti@acme.example", "api_key": {"file": "key"}}
    with post(tmp_path, **table) as one:
        one.send(letter("d-1"))
        one.again()
        one.send(letter("d-2"))
        assert one.service.tokens == 1, "the next process takes the token that was kept"
        one.service.token = "another-one"
        one.send(letter("d-3"))
        assert one.service.tokens == 2, "a token that is refused is made anew, once"
        one.time.forward(hours=24)
        one.send(letter("d-4"))
        assert one.service.tokens == 3
        assert len(one.service.confirmed) == 4
        one.service.api_key = "changed"
        one.time.forward(hours=24)
        with pytest.raises(AuthenticationError):
            one.send(letter("d-5"))


@pytest.mark.parametrize(("duplex", "most"), [(False, 50), (True, 100)])
def test_too_many_pages_are_refused(tmp_path: Path, duplex: bool, most: int) -> None:
    with post(tmp_path, duplex=duplex) as one:
        assert one.handle.prepare(_of(most), ON).parts == most
        with pytest.raises(RejectedError) as raised:
            one.handle.prepare(_of(most + 1), ON)
        assert raised.value.problems[0].field == "letter"


def _of(pages: int) -> Any:
    from io import BytesIO

    from pypdf import PdfWriter

    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(595, 842)
    written = BytesIO()
    writer.write(written)
    page = Attachment(filename="a.pdf", media_type="application/pdf", content=written.getvalue())
    return msgspec.structs.replace(letter(), letter=page)


def test_many_letters_are_remembered_and_the_finished_make_room(tmp_path: Path) -> None:
    from incasso.plugins.state import MemoryRows, StateDoor
    from incasso_postal.memory import Memory, Remembered

    class Context:
        state = StateDoor(MemoryRows(), "post")

    memory = Memory(Context())  # type: ignore[arg-type]
    memory.keep("open", Remembered(ref="raccomandate/0", digest="d" * 16))
    done = Remembered(ref="raccomandate/" + "f" * 24, digest="d" * 16, papers="aass")
    for number in range(4000):
        memory.keep(f"{number:016x}", done)
    kept = memory.all()
    assert "open" in kept, "what may still be confirmed is never dropped"
    assert 1000 < len(kept) < 4000
    assert f"{3999:016x}" in kept
    memory.forget("open")
    assert memory.of("open") is None


def test_letters_side_by_side_share_one_memory(tmp_path: Path) -> None:
    """Four hands write into the same few places at the same time: none loses the other's."""
    from concurrent.futures import ThreadPoolExecutor

    with post(tmp_path) as one:
        names = [f"d-{number}" for number in range(24)]
        with ThreadPoolExecutor(4) as hands:
            refs = list(hands.map(lambda name: one.send(letter(name))[1].ref, names))
        assert len(set(refs)) == 24
        assert sorted(each.mark for each in one.service.confirmed) == sorted(names)
        one.again()
        found = [one.handle.find(name, ON) for name in names]
        assert [each.ref for each in found if each] == refs
