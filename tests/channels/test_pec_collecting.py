"""What receipts mean for a message: each fate of it, late, doubled, out of order, not proven."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from incasso.api import CursorExpiredError, DeliveryState, DeliveryUpdate
from incasso.testing.channel_news import updates_in
from incasso.testing.pec import Fate, Kind, PecAuthority, PecProvider, envelope
from tests.channels.pec import AT, MAILBOX, MESSAGE, REF, TO, one, signer, taken
from tests.channels.pec_office import PecInstance, channel_on, provider_of
from tests.channels.servers import ImapServer


@pytest.fixture(scope="module")
def imap() -> Iterator[ImapServer]:
    with ImapServer() as imap:
        yield imap


@pytest.fixture(autouse=True)
def nothing_there(imap: ImapServer) -> None:
    imap.empty()


@pytest.fixture
def provider(imap: ImapServer) -> PecProvider:
    return provider_of(imap)


@pytest.fixture
def over(imap: ImapServer, tmp_path: Path) -> Iterator[PecInstance]:
    with channel_on(imap, tmp_path) as over:
        yield over


def take(provider: PecProvider, fate: Fate = Fate.DELIVERED) -> None:
    provider.fate(TO, fate)
    provider.take(MAILBOX, (TO,), MESSAGE)


def states(news: list[DeliveryUpdate]) -> list[tuple[DeliveryState, bool, bool]]:
    """Of each: the state, whether it is final, whether the address is wrong."""
    return [(each.state, each.permanent, each.bad_address) for each in news]


SENT = (DeliveryState.SENT, True, False)


@pytest.mark.parametrize(
    ("fate", "last"),
    [
        (Fate.DELIVERED, [(DeliveryState.DELIVERED, True, False)]),
        (Fate.UNKNOWN, [(DeliveryState.BOUNCED, True, True)]),
        (Fate.NO_DOMAIN, [(DeliveryState.BOUNCED, True, True)]),
        (Fate.FULL, [(DeliveryState.BOUNCED, True, False)]),
        (Fate.VIRUS, [(DeliveryState.BOUNCED, True, False)]),
        (
            Fate.EXPIRED,
            [(DeliveryState.DELAYED, False, False), (DeliveryState.EXPIRED, True, False)],
        ),
        (
            Fate.DELAYED,
            [(DeliveryState.DELAYED, False, False), (DeliveryState.DELIVERED, True, False)],
        ),
        (Fate.SILENT, []),
    ],
)
def test_each_fate_is_told(
    over: PecInstance,
    provider: PecProvider,
    fate: Fate,
    last: list[tuple[DeliveryState, bool, bool]],
) -> None:
    take(provider, fate)
    news = over.news()
    assert states(news) == [SENT, *last]
    assert {each.ref for each in news} == {REF}
    assert all(each.origin is not None and each.origin.proven for each in news)


@pytest.mark.parametrize(
    ("error", "detail", "bad"),
    [
        ("altro", "5.1.1 - GESTORE - indirizzo non valido", True),
        ("no-dest", "5.1.1 - GESTORE - indirizzo non valido", True),
        ("no-dest", "", True),
        ("no-dominio", "", True),
        ("no-dest", "casella piena", False),
        ("no-dest", "5.2.2 - GESTORE - casella piena", False),
        ("altro", "errore interno", False),
        ("virus", "5.7.1 - GESTORE - virus", False),
    ],
)
def test_an_address_is_wrong_by_code_and_words_before_the_class(
    over: PecInstance, imap: ImapServer, error: str, detail: str, bad: bool
) -> None:
    imap.deliver(one(Kind.NON_DELIVERY, error=error, detail=detail))
    assert states(over.news()) == [(DeliveryState.BOUNCED, True, bad)]


def test_the_untouched_receipt_is_the_evidence(
    over: PecInstance, provider: PecProvider, imap: ImapServer
) -> None:
    take(provider)
    with imap.client() as client:
        client.select_folder("INBOX", readonly=True)
        found = client.fetch(client.search(), ["BODY.PEEK[]"])
    there = [found[number][b"BODY[]"] for number in sorted(found)]
    assert [each.evidence.content for each in over.news() if each.evidence] == there
    assert all(MESSAGE.strip() in each for each in there[1:]), "the complete receipt holds it all"


def test_the_time_is_the_providers_own(over: PecInstance, provider: PecProvider) -> None:
    """Binding on third parties is what is signed, not when we looked."""
    take(provider, Fate.DELAYED)
    assert [each.at for each in over.news()] == [
        AT + timedelta(seconds=2),
        AT + timedelta(hours=12, seconds=2),
        AT + timedelta(hours=15, seconds=2),
    ]


def test_an_ordinary_address_is_told_at_once(over: PecInstance, provider: PecProvider) -> None:
    """`esterno`: an ordinary mail went there, and no proof will ever come."""
    take(provider, Fate.ORDINARY)
    [news] = over.news()
    assert states([news]) == [(DeliveryState.REFUSED, True, True)]
    assert "no certified mailbox" in news.note


@pytest.mark.parametrize("virus", [False, True])
def test_what_the_own_provider_refuses_is_refused(
    over: PecInstance, provider: PecProvider, virus: bool
) -> None:
    provider.virus_here = virus
    content = MESSAGE if virus else MESSAGE.replace(MAILBOX.encode(), b"altro@pec.acme.example")
    provider.take(MAILBOX, (TO,), content)
    [news] = over.news()
    assert states([news]) == [(DeliveryState.REFUSED, True, False)]


def test_disorder_and_doubles_change_nothing(
    over: PecInstance, provider: PecProvider, imap: ImapServer
) -> None:
    provider.reversed = provider.doubled = True
    take(provider)
    news = over.news()
    assert [each.state for each in news] == [DeliveryState.DELIVERED, DeliveryState.SENT]
    assert len({each.update_id for each in news}) == 2


def test_the_verdict_after_a_day_is_known_by_the_time_since_acceptance(
    over: PecInstance, provider: PecProvider, imap: ImapServer
) -> None:
    """Warning and verdict have one form. The code of a verdict alone does not end a message."""
    imap.deliver(one(Kind.ACCEPTANCE, at=AT))
    for hours in (12, 23):
        detail = "5.4.1 - tempo massimo"
        imap.deliver(one(Kind.DELAY, at=AT + timedelta(hours=hours), detail=detail))
    assert [each.state for each in over.news()][1:] == [
        DeliveryState.DELAYED,
        DeliveryState.EXPIRED,
    ]


def test_without_the_acceptance_a_second_notice_or_its_code_is_the_verdict(
    over: PecInstance, imap: ImapServer
) -> None:
    imap.deliver(one(Kind.DELAY, at=AT + timedelta(hours=12)))
    imap.deliver(one(Kind.DELAY, at=AT + timedelta(hours=23)))
    assert [each.state for each in over.news()] == [DeliveryState.DELAYED, DeliveryState.EXPIRED]
    imap.empty()
    imap.deliver(one(Kind.DELAY, at=AT + timedelta(hours=23), detail="5.4.1 - tempo massimo"))
    assert [each.state for each in over.news()] == [DeliveryState.EXPIRED]


def test_a_forged_acceptance_does_not_make_a_warning_a_verdict(
    over: PecInstance, imap: ImapServer
) -> None:
    stranger = PecAuthority(number=1).signer()
    imap.deliver(one(Kind.ACCEPTANCE, at=AT - timedelta(days=2), by=stranger))
    imap.deliver(one(Kind.DELAY, at=AT + timedelta(hours=12)))
    assert over.news()[-1].state is DeliveryState.DELAYED


def test_what_is_not_proven_is_kept_shown_and_proves_nothing(
    over: PecInstance, imap: ImapServer
) -> None:
    mail = one(text=b"stato consegnato").replace(b"stato consegnato", b"stato consegnatO")
    imap.deliver(mail)
    [news] = over.news()
    assert news.origin is not None and not news.origin.proven
    assert news.evidence is not None and news.evidence.content == mail
    assert "not proven" in news.note and "altered" in news.note


def test_a_kind_that_nobody_knows_is_for_a_person(over: PecInstance, imap: ImapServer) -> None:
    from incasso.testing.pec.receipts import daticert

    imap.deliver(one(xml=daticert("nuova-ricevuta", taken(), at=AT)))
    assert [each.state for each in over.news()] == [DeliveryState.UNREADABLE]


def test_envelopes_and_receipts_of_others_are_passed_over(
    over: PecInstance, imap: ImapServer
) -> None:
    """People write from the same mailbox; what comes to it comes in envelopes."""
    imap.deliver(envelope(one(), signer(), to=MAILBOX, sender=TO, at=AT))
    imap.deliver(envelope(MESSAGE, signer(), to=MAILBOX, sender=TO, at=AT, anomaly=True))
    other = MESSAGE.replace(b"hub.d-0001@pec.acme.example", b"12345@thunderbird.example")
    imap.deliver(one(about=taken(content=other)))
    imap.deliver(b"Subject: ciao\r\n\r\n")
    assert over.news() == []


def test_the_recipient_is_told_so_that_the_hub_can_compare(
    over: PecInstance, provider: PecProvider
) -> None:
    take(provider)
    assert [each.recipient for each in over.news()] == ["", TO]


def test_the_mailbox_stays_as_it_was(
    over: PecInstance, provider: PecProvider, imap: ImapServer
) -> None:
    take(provider)
    over.news()
    with imap.client() as client:
        client.select_folder("INBOX", readonly=True)
        flags = client.get_flags(client.search())
    assert not any(b"\\Seen" in each for each in flags.values())


def test_only_what_is_new_comes_after_the_cursor(
    over: PecInstance, provider: PecProvider, imap: ImapServer
) -> None:
    imap.deliver(one(Kind.ACCEPTANCE))
    cursor = over.pages()[-1].cursor
    assert over.news(cursor) == []
    imap.deliver(one(Kind.DELIVERY))
    assert [each.state for each in over.news(cursor)] == [DeliveryState.DELIVERED]


def test_a_new_trust_list_has_receipts_looked_at_again(
    over: PecInstance, imap: ImapServer, tmp_path: Path
) -> None:
    """What nobody could prove yesterday is proven today, and is news."""
    other = PecAuthority(number=1)
    imap.deliver(one(by=other.signer()))
    [page] = over.pages()
    [first] = updates_in(page.items)
    assert not (origin := first.origin) or not origin.proven
    (tmp_path / "trust.toml").write_text(other.trust_list(AT.date()), "utf-8")
    with pytest.raises(CursorExpiredError):
        over.news(page.cursor)
    [again] = over.news()
    assert again.origin is not None and again.origin.proven
    assert again.update_id != page.items[0].update_id


def test_the_first_page_says_what_ends_soon(imap: ImapServer, tmp_path: Path) -> None:
    """`run` repeats it every day: the password's last day is in nine."""
    ends = AT.date() + timedelta(days=9)
    with channel_on(imap, tmp_path, password_expires=ends) as over:
        [page] = over.pages()
    assert [each.code for each in page.warnings] == ["password_expires"]
