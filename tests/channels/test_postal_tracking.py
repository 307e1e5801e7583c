"""What the tracking says, and what it means in law; numbers, papers and callbacks."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from incasso.api import (
    DeliveryState,
    DeliveryUpdate,
    Medium,
    PostalOutcome,
    RejectedError,
)
from incasso.testing.channel_news import updates_in
from incasso.testing.postal import PostalFate
from incasso.testing.records import sound
from incasso_postal.answers import Event
from incasso_postal.products import Product
from incasso_postal.tracking import outcome_of
from tests.channels.postal import ON, Post, letter, post


def test_many_letters_are_read_from_the_list(tmp_path: Path) -> None:
    """Ten need one question and no more; nine are asked one by one, and so are those of which the
    list says nothing."""
    with post(tmp_path) as one:
        one.service.papers = False
        refs = [one.send(letter(f"d-{number:04}"))[1].ref for number in range(10)]
        one.service.advance(5)

        def asked(*some: str) -> list[str]:
            one.service.seen.clear()
            one.again()
            found = news(one, *some)
            assert {each.ref for each in found} >= set(some)
            paths = [each.path for each in one.service.seen]
            return [each for each in paths if not each.endswith(("accettazione", "archiviazione"))]

        assert asked(*refs) == ["/raccomandate/"]
        assert sorted(asked(*refs[1:])) == sorted(f"/{ref}" for ref in refs), "one for its papers"
        one.service.list_is_empty = True
        assert len(asked(*refs)) == 11


def news(one: Post, *refs: str) -> list[DeliveryUpdate]:
    return sound(one.handle.poll(refs, ON))


@pytest.mark.parametrize(
    ("fate", "state", "bad_address", "words"),
    [
        (PostalFate.DELIVERED, DeliveryState.DELIVERED, False, "delivered"),
        (PostalFate.COLLECTED, DeliveryState.DELIVERED, False, "collected"),
        (PostalFate.REFUSED, DeliveryState.DELIVERED, False, "counts as delivered"),
        (PostalFate.UNCLAIMED, DeliveryState.DELIVERED, False, "compiuta giacenza"),
        (PostalFate.UNTRACEABLE, DeliveryState.BOUNCED, True, "cannot be traced"),
        (PostalFate.MOVED, DeliveryState.BOUNCED, True, "has moved"),
        (PostalFate.LOST, DeliveryState.BOUNCED, False, "lost"),
        (PostalFate.SILENT_RETURN, DeliveryState.UNREADABLE, False, "does not say why"),
        (PostalFate.UNDER_WAY, DeliveryState.SENT, False, "on its way"),
    ],
)
def test_each_fate(
    tmp_path: Path, fate: PostalFate, state: DeliveryState, bad_address: bool, words: str
) -> None:
    with post(tmp_path) as one:
        one.service.papers = False
        one.service.fate("Anna Bianchi", fate)
        _, receipt = one.send(letter())
        one.service.advance(5)
        found = news(one, receipt.ref)
        assert (found[-1].state, found[-1].bad_address) == (state, bad_address)
        assert words in found[-1].note
        assert {each.tracking for each in found} == {one.service.confirmed[0].post_number}
        assert found == news(one, receipt.ref), "the same again is the same"


@pytest.mark.parametrize(
    ("product", "code", "words", "final", "outcome"),
    [
        # One code, several meanings: by the words beside it.
        (Product.REGISTERED, "01", "Consegnata al mittente", True, PostalOutcome.RETURNING),
        (
            Product.REGISTERED,
            "01",
            "Consegnata al mittente per compiuta giacenza",
            True,
            PostalOutcome.UNCLAIMED,
        ),
        (Product.REGISTERED, "01", "Ritirata in giacenza", True, PostalOutcome.COLLECTED),
        (Product.REGISTERED, "04", "", True, PostalOutcome.DELIVERED),
        (Product.REGISTERED, "02", "In giacenza", False, PostalOutcome.HELD),
        (
            Product.REGISTERED,
            "03",
            "Restituita: indirizzo insufficiente",
            True,
            PostalOutcome.WRONG_ADDRESS,
        ),
        # 03 and 04 of another product are no codes of this one.
        (Product.PRIORITY, "03", "Non consegnabile", False, None),
        (Product.PRIORITY, "01", "", True, None),
        (Product.PRIORITY, "C", "", True, PostalOutcome.DELIVERED),
        (Product.ORDINARY, "01", "", True, None),
        (Product.TELEGRAM, "77", "Destinatario sconosciuto", True, PostalOutcome.UNKNOWN),
        (Product.TELEGRAM, "77", "Destinatario sconosciuto", False, None),
    ],
)
def test_a_code_means_what_its_product_says(
    product: Product, code: str, words: str, final: bool, outcome: PostalOutcome | None
) -> None:
    at = datetime(2026, 3, 9, tzinfo=UTC)
    assert outcome_of(product, Event(code=code, words=words, at=at, final=final)) is outcome


def test_papers_come_as_evidence_also_after_the_end(tmp_path: Path) -> None:
    with post(tmp_path) as one:
        _, receipt = one.send(letter())
        one.service.papers = False
        one.service.advance(5)
        assert all(each.evidence is None for each in news(one, receipt.ref))
        one.service.papers = True
        one.again()
        late = news(one)  # the hub asks no more about a letter that was delivered
        names = [each.evidence.filename.partition("-")[0] for each in late if each.evidence]
        assert names == ["accettazione", "archiviazione"]
        again = [each.update_id for each in news(one) if each.evidence]
        assert again == [each.update_id for each in late if each.evidence], "once for a crash"
        assert not news(one), "and then no more"
        assert not [each for each in late if each.state is DeliveryState.BOUNCED]


def test_a_letter_without_tracking_is_asked_for_its_acceptance_only(tmp_path: Path) -> None:
    with post(tmp_path) as one:
        _, receipt = one.send(letter(medium=Medium.LETTER))
        asked = len(one.service.seen)
        news(one, receipt.ref)
        assert len(one.service.seen) > asked
        one.time.forward(days=4)
        asked = len(one.service.seen)
        news(one, receipt.ref)
        news(one, receipt.ref)
        assert len(one.service.seen) == asked


def test_a_callback_is_only_noted(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.touch(0o600)
    secret.write_text("known to the post", "utf-8")
    url = "https://hub.example/hooks/post"
    with post(tmp_path, callback_url=url, callback_secret={"file": "secret"}) as one:
        one.send(letter())
        request = one.service.callback(one.service.confirmed[0])
        [note] = updates_in(one.handle.parse_callback(request, ON).updates)
        assert (note.ref, note.state) == ("d-0001", DeliveryState.SENT)
        assert note.origin is not None and not note.origin.proven
        for wrong in ({}, {"x-incasso-secret": "guessed"}, {"x-incasso-secret": ""}):
            with pytest.raises(RejectedError):
                one.handle.parse_callback(msgspec.structs.replace(request, headers=wrong), ON)
        junk = msgspec.structs.replace(request, body=b"[" * 5000)
        assert not one.handle.parse_callback(junk, ON).updates


def test_an_answer_without_sense_is_no_news(tmp_path: Path) -> None:
    with post(tmp_path) as one:
        one.service.papers = False
        _, receipt = one.send(letter())
        [sent] = one.service.confirmed
        ends = {"definitivo": True}
        sent.tracking = [{"type": "01"}, {"timestamp": "x"}, {"timestamp": 10**30}, {}, ends]
        assert [each.state for each in news(one, receipt.ref)] == [DeliveryState.SENT]
