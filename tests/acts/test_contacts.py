"""Contacts without a step, appointments to call back, and corrected addresses."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from incasso.domain.acts.attachments import Attachment
from incasso.domain.acts.contacts import CallBack, Contact, Correct
from incasso.domain.acts.steps import Done
from incasso.domain.office.actor import Scope
from incasso.locale import localize
from incasso.services.acts import ActError
from incasso.services.hub.hub import Hub
from incasso.services.office.actors import person_named
from incasso.services.proof.attachments import AttachmentError, attachment
from incasso.services.proof.verify import verify
from incasso.services.recovery.iters import IterFileError, export, import_file
from incasso.store.ledger.corrections import lay_on_again
from incasso.store.lists.contacts import BAD_ADDRESSES, CALLBACKS, CONTACTS, CORRECTIONS
from incasso.store.lists.listing import Listing
from incasso.store.lists.reading import read_list
from incasso.store.recovery.heard import read_contacts
from incasso.store.sending.wrong_addresses import mark_bad
from incasso.store.tables import ledger, proof, recovery
from tests.acts.office import MONDAY, NOON, Small, delivery, step
from tests.acts.test_agreements import FRIDAY, events_said, rows
from tests.doing import do

TUESDAY = date(2026, 11, 24)


def listed(hub: Hub, listing: Listing, on: date = MONDAY, **wanted: Any) -> list[dict[str, Any]]:
    with hub.store.read() as connection:
        return list(read_list(connection, listing, Scope.everything(), on=on, **wanted))


def test_a_call_from_the_client_is_recorded_with_everything(hub: Hub, small: Small) -> None:
    said = do(
        hub,
        Contact(
            subject="F1/1",
            kind="inbound_call",
            who="Sig. Rossi",
            number="011 5550100",
            outcome="will_pay",
            minutes=4,
            text="paga venerdì",
            call_back=CallBack(on=TUESDAY, at=time(15, 30)),
        ),
    )
    assert localize(said, "en") == (
        "Recorded (call from the client), to be called back on 24 Nov 2026 15:30: "
        "installment acme/F1/1."
    )
    (found,) = listed(hub, CONTACTS)
    assert found == {
        "id": 1,
        "source": "acme",
        "client": "C1",
        "installment": "F1/1",
        "step": None,
        "on": MONDAY,
        "at": NOON,
        "kind": "inbound_call",
        "reached": True,
        "by": "anna",
        "who": "Sig. Rossi",
        "number": "011 5550100",
        "outcome": "will_pay",
        "minutes": 4,
        "note": "paga venerdì",
        "call_back_on": TUESDAY,
        "call_back_time": "15:30",
        "client_name": "Rossi Srl",
    }
    (event,) = events_said(hub)
    assert (event.kind, event.client, event.facts["outcome"]) == (
        "client.contacted",
        "C1",
        "will_pay",
    )


@pytest.mark.parametrize(
    ("kind", "outcome", "counted"),
    [
        ("call", "will_pay", 1),
        ("visit", "", 1),
        ("call", "no_answer", 0),
        ("call", "", 0),
        ("inbound_call", "", 0),
        ("note", "", 0),
        ("email", "", 0),
    ],
)
def test_only_calls_and_visits_that_reached_somebody_count(
    hub: Hub, small: Small, kind: str, outcome: str, counted: int
) -> None:
    do(hub, Contact(subject="C1", kind=kind, outcome=outcome))
    with hub.store.read() as connection:
        had = read_contacts(connection, {small.client}, MONDAY, messages_too=False)
    assert (had[small.client].contacts(MONDAY).today if counted else len(had)) == counted


def test_what_cannot_be_a_contact_is_refused(hub: Hub, small: Small) -> None:
    for wrong, told in (
        (Contact(subject="C1", kind="moon"), "not a kind of contact: choose from call"),
        (Contact(subject="C1", kind="call", outcome="will_pya"), "did you mean 'will_pay'"),
        (Contact(subject="C1", kind="call", minutes=-1), "-1 minutes are no contact"),
        (Contact(subject="C1", kind="call", text="x" * 2001), "2001 letters: shorten it to 2000"),
        (Contact(subject="C1", kind="call", why="x" * 2001), "The reason has 2001 letters"),
        (Done(subject=f"step:{small.step}", outcome="x" * 2001), "The outcome has 2001 letters"),
        (
            Contact(subject="C1", kind="call", call_back=CallBack(on=date(2026, 11, 22))),
            "The day to call back 2026-11-22 is before 2026-11-23",
        ),
    ):
        with pytest.raises(ActError, match=told):
            do(hub, wrong)
    assert rows(hub, recovery.conversations) == []


def test_an_appointment_stands_until_the_client_was_spoken_with(hub: Hub, small: Small) -> None:
    morning = CallBack(on=TUESDAY, at=time(9, 5))
    do(hub, Contact(subject="C1", kind="call", outcome="no_answer", call_back=morning))
    (found,) = listed(hub, CALLBACKS)
    assert (found["call_back_on"], found["call_back_time"]) == (TUESDAY, "09:05")
    assert listed(hub, CALLBACKS, due=True) == []
    assert len(listed(hub, CALLBACKS, TUESDAY, due=True)) == 1
    do(hub, Contact(subject="C1", kind="note", text="sede chiusa"))
    do(hub, Contact(subject="C1", kind="call", outcome="no_answer"))
    assert len(listed(hub, CALLBACKS)) == 1
    # A call that does not say what came of it reached nobody.
    do(hub, Contact(subject="C1", kind="call", text="provato"))
    do(hub, Contact(subject="C1", kind="inbound_call", outcome="no_answer"))
    assert len(listed(hub, CALLBACKS)) == 1
    assert [row["reached"] for row in listed(hub, CONTACTS)] == [False] * 5
    promised = CallBack(on=FRIDAY)
    do(hub, Contact(subject="C1", kind="call", outcome="call_back", call_back=promised))
    (found,) = listed(hub, CALLBACKS)
    assert (found["call_back_on"], found["call_back_time"]) == (FRIDAY, "")
    do(hub, Contact(subject="C1", kind="inbound_call"))
    assert listed(hub, CALLBACKS) == []


def test_a_call_that_a_step_asked_for_may_name_an_appointment(hub: Hub, small: Small) -> None:
    with hub.store.write() as connection:
        connection.execute(sa.update(recovery.steps).values(mode="manual", action="call"))
    call = f"step:{small.step}"
    later = CallBack(on=TUESDAY, at=time(15, 30))
    do(hub, Done(subject=call, not_reached=True, call_back=later))
    do(hub, Done(subject=call, outcome="has_paid"))
    first, second = rows(hub, recovery.conversations)
    assert (first.effective, first.call_back_time, first.step_id) == (False, "15:30", small.step)
    assert (second.effective, second.outcome) == (True, "has_paid")


OUTCOMES = """
[[outcome]]
key = "richiama"
label = "Richiama lui"
[[outcome]]
key = "segreteria"
reached = false
"""


def test_the_office_has_a_list_of_outcomes_of_its_own(
    hub: Hub, small: Small, tmp_path: Path
) -> None:
    file = tmp_path / "esiti.toml"
    file.write_text(OUTCOMES, encoding="utf-8")
    anna = person_named(hub, "anna")
    assert import_file(hub, anna, file, on=MONDAY).outcomes
    assert not import_file(hub, anna, file, on=MONDAY).changed
    do(hub, Contact(subject="C1", kind="call", outcome="segreteria"))
    with pytest.raises(ActError, match="known: richiama, segreteria"):
        do(hub, Contact(subject="C1", kind="call", outcome="xxxx"))
    assert [row.effective for row in rows(hub, recovery.conversations)] == [False]
    assert '[[outcome]]\nkey = "segreteria"\nreached = false' in export(hub)
    file.write_text(OUTCOMES + OUTCOMES + '[[outcome]]\nkey = "A B"', encoding="utf-8")
    with pytest.raises(IterFileError, match=r"(?s)'A B' is no key.*another outcome"):
        import_file(hub, anna, file, on=MONDAY)


def client(hub: Hub) -> Any:
    return rows(hub, ledger.clients)[0]


def test_a_correction_is_in_force_at_once_with_its_origin(hub: Hub, small: Small) -> None:
    said = do(hub, Correct(subject="C1", email=" amm@rossi.it ", country="it", from_="telefonata"))
    assert str(said) == "Corrected e-mail address, country: client acme/C1."
    assert (client(hub).email, client(hub).country) == ("amm@rossi.it", "IT")
    first, second = listed(hub, CORRECTIONS)
    assert (first["field"], first["value"], first["erp_value"]) == (
        "email",
        "amm@rossi.it",
        "c1@example.it",
    )
    assert (first["origin"], first["made_by"], first["made_on"]) == ("telefonata", "anna", MONDAY)
    assert (second["field"], second["value"], second["erp_value"]) == ("country", "IT", "")
    with pytest.raises(ActError, match="Nothing to correct"):
        do(hub, Correct(subject="C1", email="amm@rossi.it", from_="telefonata"))


def synced(hub: Hub, **values: str) -> list[Any]:
    """As a sync writes a client whose fingerprint changed."""
    with hub.store.write() as connection:
        connection.execute(sa.update(ledger.clients).values(**values))
        return lay_on_again(connection, 1, TUESDAY)


def test_the_erp_wins_when_its_own_value_changes(hub: Hub, small: Small) -> None:
    """A sync that brings the old value again, because another field changed, changes nothing."""
    do(hub, Correct(subject="C1", email="amm@rossi.it", from_="telefonata"))
    assert synced(hub, email="c1@example.it", city="Torino") == []
    assert (client(hub).email, client(hub).city) == ("amm@rossi.it", "Torino")
    (overruled,) = synced(hub, email="nuova@rossi.it")
    assert (overruled.client, overruled.field, overruled.value, overruled.erp_value) == (
        "C1",
        "email",
        "amm@rossi.it",
        "nuova@rossi.it",
    )
    assert client(hub).email == "nuova@rossi.it"
    assert listed(hub, CORRECTIONS) == []
    (ended,) = listed(hub, CORRECTIONS, everything=True)
    assert (ended["ended_on"], ended["ended_by"]) == (TUESDAY, "erp")


def test_a_second_correction_remembers_what_the_erp_says(hub: Hub, small: Small) -> None:
    for email in ("uno@rossi.it", "due@rossi.it"):
        do(hub, Correct(subject="C1", email=email, from_="telefonata"))
    (found,) = listed(hub, CORRECTIONS)
    assert (found["value"], found["erp_value"]) == ("due@rossi.it", "c1@example.it")
    assert synced(hub, email="c1@example.it") == []
    assert client(hub).email == "due@rossi.it"


def test_what_cannot_be_an_address_is_refused(hub: Hub, small: Small) -> None:
    with hub.store.write() as connection:
        mark_bad(
            connection,
            source_id=1,
            client_id=small.client,
            medium="email",
            address="c1@example.it",
            since=NOON,
            reason="unknown user",
        )
    wrong: list[tuple[dict[str, Any], str]] = [
        ({}, "Say what is right"),
        ({"email": "rossi"}, "name@example.it"),
        ({"pec": "a@b@c"}, "name@example.it"),
        ({"phone": "chiedere"}, r"\+39 011 5550100"),
        ({"mobile": "12"}, r"\+39 011 5550100"),
        ({"country": "Italia"}, "two letters"),
        ({"address": "via\nRoma"}, "one line"),
        ({"city": " "}, "An empty town corrects nothing"),
        ({"zip": ""}, "An empty postal code corrects nothing"),
        ({"zip": "1012"}, "five digits"),
        ({"zip": "SW1A 1AA", "country": "IT"}, "five digits"),
        ({"province": "Torino"}, "two letters, such as TO"),
        ({"email": "c1@example.it"}, "proved wrong before"),
    ]
    for fields, told in wrong:
        with pytest.raises(ActError, match=told):
            do(hub, Correct(subject="C1", from_="telefonata", **fields))
    with pytest.raises(ActError, match="where it comes from"):
        do(hub, Correct(subject="C1", from_=" ", email="a@rossi.it"))
    assert client(hub).email == "c1@example.it"
    do(hub, Correct(subject="C1", from_="telefonata", email="a@rossi.it; b@rossi.it", fax=""))
    assert client(hub).email == "a@rossi.it; b@rossi.it"
    do(hub, Correct(subject="C1", from_="visura", zip="SW1A 1AA", province="London", country="gb"))
    do(hub, Correct(subject="C1", from_="visura", zip="10121", province="TO", country="it"))
    assert (client(hub).zip, client(hub).province) == ("10121", "TO")


def test_a_file_beside_an_act_is_found_again(hub: Hub, small: Small) -> None:
    file = Attachment(name="piano.pdf", content=b"%PDF firmato")
    do(hub, Contact(subject="C1", kind="note", attach=(file, file)))
    (event,) = events_said(hub)
    digest = "a1beb1eb0d11f52c2ec7fd5d0c4aee79e1b1f0b3f0e4a4f3"
    (first, _) = event.facts["attached"]
    assert (first["name"], first["size"]) == ("piano.pdf", 12)
    found, content = attachment(hub, Scope.everything(), first["sha256"][:12])
    assert (found.client, found.act, content) == ("C1", "contact", b"%PDF firmato")
    with pytest.raises(AttachmentError, match="No attachment begins with"):
        attachment(hub, Scope(sources=frozenset({"beta"})), first["sha256"])
    for wrong in (digest, "", "zz", "%"):
        with pytest.raises(AttachmentError, match="No attachment begins with"):
            attachment(hub, Scope.everything(), wrong)
    assert verify(hub).problems == ()


def test_files_that_are_none_are_refused(hub: Hub, small: Small) -> None:
    empty = Attachment(name="vuoto.pdf", content=b"")
    large = Attachment(name="video.mp4", content=b"x" * 10_000_001)
    small_one = Attachment(name="a", content=b"a")
    for files, told in (
        ((empty,), "vuoto.pdf is empty"),
        ((large,), "video.mp4 is larger than 10 MB"),
        ((small_one,) * 21, "21 files are too many"),
    ):
        with pytest.raises(ActError, match=told):
            do(hub, Contact(subject="C1", kind="note", attach=files))
    assert rows(hub, proof.attachments) == []


def task_after(hub: Hub, small: Small, status: str) -> None:
    """The mail of a stage left for both cases and came to this; a person has a task instead."""
    with hub.store.write() as connection:
        delivery(connection, small.step, "D-1", status=status, to="c1@example.it")
        connection.execute(sa.update(recovery.steps).values(status="failed"))
        connection.execute(sa.update(recovery.step_cases).values(cycle=5))
        step(connection, list(small.cases), action="task", mode="manual", medium="")


def bounced(hub: Hub, small: Small) -> None:
    with hub.store.write() as connection:
        mark_bad(
            connection,
            source_id=1,
            client_id=small.client,
            medium="email",
            address="c1@example.it",
            since=NOON,
            reason="unknown user",
            delivery="D-1",
            evidence_sha256="ab",
        )


def test_a_corrected_address_takes_the_place_of_one_that_bounced(hub: Hub, small: Small) -> None:
    """The task ends, its cases are free for the message; the bounce and its proof stay listed."""
    task_after(hub, small, "bounced")
    bounced(hub, small)
    do(hub, Correct(subject="C1", phone="011 5550100", from_="visura"))
    assert [row.status for row in rows(hub, recovery.steps)] == ["failed", "ready"]
    said = do(hub, Correct(subject="C1", email="nuova@example.it", from_="telefonata"))
    assert "what waited for an address can leave" in said
    assert [row.status for row in rows(hub, recovery.steps)] == ["failed", "cancelled"]
    assert [row.step_id for row in rows(hub, recovery.cases)] == [None, None]
    (bad,) = listed(hub, BAD_ADDRESSES)
    assert (bad["address"], bad["delivery"], bad["evidence_sha256"]) == (
        "c1@example.it",
        "D-1",
        "ab",
    )


def test_after_a_message_without_proof_a_person_decides(hub: Hub, small: Small) -> None:
    """Its address is no worse than before: another field changes nothing about it."""
    task_after(hub, small, "accepted")
    do(hub, Correct(subject="C1", phone="011 5550100", from_="visura"))
    assert [row.status for row in rows(hub, recovery.steps)] == ["failed", "ready"]
    do(hub, Done(subject="step:2", outcome="sentito"))
    assert [row.status for row in rows(hub, recovery.steps)] == ["failed", "counted"]


def test_done_with_another_address_sends_again(hub: Hub, small: Small) -> None:
    task_after(hub, small, "accepted")
    do(hub, Done(subject="step:2", email="nuova@example.it"))
    assert [row.status for row in rows(hub, recovery.steps)] == ["failed", "done"]
    assert [row.step_id for row in rows(hub, recovery.cases)] == [None, None]
