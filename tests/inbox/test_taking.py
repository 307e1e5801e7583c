"""Messages that come in: whose they are, what is kept, each once, and what the office does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from incasso.contract.channel import DeliveryState, IncomingKind
from incasso.contract.values import Attachment
from incasso.domain.acts.replies import AssignReply, HandReplyOver, ReplyAnswered, ReplyDone
from incasso.domain.acts.undoing import Undo
from incasso.domain.office.actor import CLOCK, Role, Scope, person
from incasso.services.acts import ActError, perform
from incasso.services.office.actors import ActorError
from incasso.services.office.subjects import SubjectError
from incasso.services.proof.client_history import history
from incasso.services.proof.verify import verify
from incasso.services.sending.collect import collect
from incasso.services.sending.dispatch import dispatch
from incasso.services.sending.show_reply import show_reply
from incasso.store.ledger import client_words
from incasso.store.lists.inbox import INBOX
from incasso.store.lists.reading import read_list
from incasso.store.tables import proof
from incasso.store.tables.office import users
from incasso.testing.fakes.channel import FakeChannel
from tests.inbox.mails import OUTLOOK
from tests.sending.conftest import MakeOffice
from tests.sending.office import NOW, ON, Office

BOSS = person("capo", Role.CREDIT_MANAGER)
LATER = NOW + timedelta(hours=1)
SECRET = "abbiamo pagato ieri con bonifico"


@pytest.fixture
def mail() -> FakeChannel:
    return FakeChannel(("email", "pec"))


@pytest.fixture
def office(make_office: MakeOffice, mail: FakeChannel) -> Office:
    office = make_office(mail=mail)
    with office.store.write() as connection:
        connection.execute(
            sa.insert(users),
            [
                {"login": "capo", "role": "credit_manager", "scope": {}},
                {"login": "anna", "role": "operator", "scope": {}},
                {"login": "vendite", "role": "sales", "scope": {}},
            ],
        )
    return office


def named(mail: FakeChannel, delivery: str, name: str) -> None:
    """The provider accepts a message, and tells the name that it gave it."""
    update = mail.report(delivery, DeliveryState.SENT, NOW)
    mail.updates[-1] = msgspec.structs.replace(update, known_as=name)


def test_an_answer_that_came_before_the_receipt_is_given_to_its_client(
    office: Office, mail: FakeChannel
) -> None:
    step = office.step()
    dispatch(office.hub, CLOCK, ON)
    for sender in ("avvocato@legal.example", "altro@legal.example"):
        mail.receive(sender, "contesto", at=NOW, answers=("<opec.1@provider.example>",))
    mail.receive("terzo@legal.example", "contesto", at=NOW, answers=("<opec.2@provider.example>",))
    collect(office.hub, CLOCK, ON)
    assert [row["client"] for row in inbox(office)] == [None] * 3
    numbers = {row["sender"]: row["id"] for row in inbox(office)}
    office.client(code="C77")
    handed = str(numbers["altro@legal.example"])
    perform(office.hub, BOSS, AssignReply(subject=handed, client="acme/C77"), ON)
    named(mail, office.delivery(step).id, "<opec.1@provider.example>")
    collect(office.hub, CLOCK, ON)
    found = {row["sender"]: (row["client"], row["delivery"]) for row in inbox(office)}
    ours = office.delivery(step)
    assert found["avvocato@legal.example"][1] == ours.id
    assert found["altro@legal.example"] == ("C77", None), "a person said so"
    assert found["terzo@legal.example"] == (None, None)
    collect(office.hub, CLOCK, ON)
    assert verify(office.hub).good


def inbox(office: Office, scope: Scope | None = None, **wanted: Any) -> list[dict[str, Any]]:
    with office.store.read() as connection:
        return list(read_list(connection, INBOX, scope or Scope.everything(), **wanted))


def known(office: Office, **fields: Any) -> int:
    """A client who is found by their address, as a sync leaves them."""
    number = office.client(**fields)
    with office.store.write() as connection:
        client_words.renew(connection, [number])
    return number


def test_an_answer_belongs_to_its_message(office: Office, mail: FakeChannel) -> None:
    step = office.step()
    dispatch(office.hub, CLOCK, ON)
    sent = office.delivery(step)
    mail.receive(
        "segretaria@altrove.example",
        SECRET,
        at=LATER,
        answers=("<other@x>", sent.ref, "<older@x>"),
        subject="R: Primo sollecito",
        evidence=Attachment(filename="r.eml", media_type="message/rfc822", content=OUTLOOK),
    )
    report = collect(office.hub, CLOCK, ON)
    assert (report.replies, report.to_answer, report.news) == (1, 1, 0)
    [row] = inbox(office, waiting=True)
    assert (row["client"], row["step"], row["delivery"]) == ("C1", step, sent.id)
    assert (row["state"], row["kind"], row["preview"]) == ("new", "reply", SECRET)
    shown = show_reply(office.hub, Scope.everything(), str(row["id"]))
    assert shown.file is not None and shown.file.content == OUTLOOK
    assert "abbiamo pagato" in shown.text and "Gentile cliente" not in row["preview"]
    told = [each.text for each in history(office.hub, Scope.everything(), "C1", ON)]
    assert any(SECRET in each and "segretaria@altrove.example" in each for each in map(str, told))
    assert verify(office.hub).good


def test_the_words_stand_in_archive_and_list_alone(office: Office, mail: FakeChannel) -> None:
    """A journal can never forget anything."""
    known(office, email="mario@rossi.example")
    mail.receive("mario@rossi.example", SECRET, at=LATER, subject="R: privato")
    collect(office.hub, CLOCK, ON)
    with office.store.read() as connection:
        events = str(connection.execute(sa.select(proof.journal)).all())
    assert "message.received" in events
    assert SECRET not in events and "privato" not in events


def test_who_answers_nothing_is_known_by_the_address(office: Office, mail: FakeChannel) -> None:
    """Of one client, of one of several addresses, of two clients, of one who is gone, of nobody."""
    for email in ("anna@bianchi.example", "amm@verdi.example; Ugo@Verdi.example"):
        known(office, email=email)
    known(office, email="studio@neri.example")
    known(office, pec="studio@neri.example")
    known(office, email="lia@gallo.example", gone_on=ON)
    senders = {
        "Anna@Bianchi.example": "C1",
        "ugo@verdi.example": "C2",
        "studio@neri.example": None,
        "lia@gallo.example": None,
        "anna.bianchi@bianchi.example": None,
        "anna": None,
    }
    for sender in senders:
        mail.receive(sender, "Chi siete?", at=LATER)
    collect(office.hub, CLOCK, ON)
    assert {row["sender"]: row["client"] for row in inbox(office)} == senders


def test_what_is_kept_and_what_waits(office: Office, mail: FakeChannel) -> None:
    known(office)
    of_client, stranger = "c1@example.it", "nessuno@altrove.example"
    for kind in IncomingKind:
        for sender in (of_client, stranger):
            mail.receive(sender, kind.value, at=LATER, kind=kind)
    mail.receive(stranger, "private", at=LATER, keep_unknown=False)
    report = collect(office.hub, CLOCK, ON)
    assert [(row["sender"], row["preview"], row["state"]) for row in inbox(office)] == [
        (of_client, "person", "new"),
        (stranger, "person", "new"),
        (of_client, "automatic", "noted"),
    ]
    assert (report.replies, report.to_answer) == (3, 2)


def test_the_same_message_comes_in_once(make_office: MakeOffice) -> None:
    """Whatever the channel repeats, and where two channels read one mailbox."""
    first, second = (FakeChannel(("email",)) for _ in range(2))
    office = make_office(mail=first, other=second)
    for channel in (first, second):
        channel.receive("a@b.example", at=LATER, evidence=_bytes(b"same"))
    collect(office.hub, CLOCK, ON)
    first.updates *= 2
    assert collect(office.hub, CLOCK, ON).replies == 0
    assert len(inbox(office)) == 1


def _bytes(content: bytes) -> Attachment:
    return Attachment(filename="r.eml", media_type="message/rfc822", content=content)


def received(office: Office, mail: FakeChannel, sender: str = "c1@example.it") -> str:
    """A message in the inbox; its number."""
    mail.receive(sender, "Pago domani", at=LATER)
    collect(office.hub, CLOCK, ON)
    return str(inbox(office)[-1]["id"])


def test_an_answered_one_waits_no_more_and_can_be_taken_back(
    office: Office, mail: FakeChannel
) -> None:
    known(office)
    number = received(office, mail)
    perform(office.hub, BOSS, ReplyAnswered(subject=number, why="risposto per telefono"), ON)
    [row] = inbox(office)
    assert (row["state"], row["state_by"], row["state_on"]) == ("answered", "capo", ON)
    assert inbox(office, waiting=True) == []
    with pytest.raises(ActError, match="settled already"):
        perform(office.hub, BOSS, ReplyDone(subject=number), ON)
    perform(office.hub, BOSS, Undo(subject="last"), ON)
    assert [each["id"] for each in inbox(office, waiting=True)] == [int(number)]
    assert verify(office.hub).good


def test_one_is_handed_over(office: Office, mail: FakeChannel) -> None:
    known(office)
    number = received(office, mail)
    perform(office.hub, BOSS, HandReplyOver(subject=f"reply:{number}", to="anna"), ON)
    [row] = inbox(office, assigned="anna", waiting=True)
    assert (row["state"], row["assigned"]) == ("handed_over", "anna")
    with pytest.raises(ActError, match="nessuno"):
        perform(office.hub, BOSS, HandReplyOver(subject=number, to="nessuno"), ON)


def test_a_person_says_whose_it_is(office: Office, mail: FakeChannel) -> None:
    known(office)
    number = received(office, mail, "commercialista@studio.example")
    assert [row["client"] for row in inbox(office, unknown=True)] == [None]
    with pytest.raises(SubjectError):
        perform(office.hub, BOSS, AssignReply(subject=number, client="C9"), ON)
    perform(office.hub, BOSS, AssignReply(subject=number, client="acme/C1"), ON)
    assert [row["client"] for row in inbox(office, client="C1")] == ["C1"]
    told = map(str, (each.text for each in history(office.hub, Scope.everything(), "C1", ON)))
    assert any("Pago domani" in each for each in told)


def test_one_of_nobody_can_be_settled(office: Office, mail: FakeChannel) -> None:
    number = received(office, mail, "commercialista@studio.example")
    perform(office.hub, BOSS, ReplyDone(subject=number), ON)
    assert inbox(office, waiting=True) == []
    assert verify(office.hub).good


def test_each_sees_and_settles_those_of_their_clients(office: Office, mail: FakeChannel) -> None:
    known(office, agent="A1")
    known(office, agent="A2")
    mine, other = received(office, mail), received(office, mail, "c2@example.it")
    of_nobody = received(office, mail, "commercialista@studio.example")
    scope = Scope(agents=frozenset({"A1"}))
    assert [str(row["id"]) for row in inbox(office, scope)] == [mine]
    with office.store.write() as connection:
        row = {"login": "agente", "role": "agent", "scope": {"agents": ["A1"]}}
        connection.execute(sa.insert(users), [row])
    agent = person("agente", Role.AGENT, scope)
    for number in (other, of_nobody):
        with pytest.raises(SubjectError):
            perform(office.hub, agent, ReplyDone(subject=number), ON)
        with pytest.raises(SubjectError):
            show_reply(office.hub, scope, number)
    perform(office.hub, agent, ReplyDone(subject=mine), ON)
    with pytest.raises(ActorError):
        perform(office.hub, person("vendite", Role.SALES), ReplyDone(subject=other), ON)


@pytest.mark.parametrize("typed", ["99", "zero", "", "9" * 30, "\0"])
def test_a_reply_that_is_not_there(office: Office, typed: str) -> None:
    with pytest.raises(SubjectError):
        perform(office.hub, BOSS, ReplyDone(subject=typed), ON)


def test_a_program_needs_no_answer(office: Office, mail: FakeChannel) -> None:
    known(office)
    mail.receive("c1@example.it", "Torno lunedì", at=LATER, kind=IncomingKind.AUTOMATIC)
    collect(office.hub, CLOCK, ON)
    number = str(inbox(office)[0]["id"])
    with pytest.raises(ActError, match="program"):
        perform(office.hub, BOSS, ReplyDone(subject=number), ON)
    perform(office.hub, BOSS, HandReplyOver(subject=number, to="anna"), ON)
    assert len(inbox(office, waiting=True)) == 1
