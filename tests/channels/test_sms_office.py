"""An office that sends text messages, from the ledger to what became of each."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from incasso.testing.sms import Fate, TwilioService, sms_service
from tests.channels.sms_office import DAY, SmsOffice, free_port, serving
from tests.cli.command import inside

HOOK = "https://crediti.acme.example/api/v1/callbacks/sms"
CLIENTS = {
    "C1": "333 1234567",
    "C2": "+39 333 7654321",
    "C3": "02 12345678",  # a landline
    "C4": "347/1112223",
    "C5": "0039 340 9998887",
}
FATES = {
    "+393337654321": Fate.NOBODY,
    "+393471112223": Fate.OPTED_OUT,
    "+393409998887": Fate.EXPIRED,
}


def next_month() -> date:
    """A Wednesday: the server of the test lives in the present."""
    day = datetime.now(UTC).date() + timedelta(days=30)
    return day + timedelta(days=(2 - day.weekday()) % 7)


def test_a_case_escalates_by_what_was_delivered(tmp_path: Path) -> None:
    """A landline and a refused number take the next medium on the same day; so do the others as
    soon as it is known that they did not arrive."""
    with sms_service("twilio") as service:
        for number, fate in FATES.items():
            service.fate(number, fate)
        office = SmsOffice(tmp_path / "office", CLIENTS)
        office.use(service, price="0.073")
        office.open(DAY)
        assert "collect only" in office.do("check", "sms").out
        office.leaves()
        assert office.status() == {
            "C1": [("sms", "accepted")],
            "C2": [("sms", "accepted")],
            "C4": [("sms", "opted_out")],
            "C5": [("sms", "accepted")],
        }
        why = office.do("explain", "C3", "--on", DAY).out
        assert "a landline" in " ".join(why.split())
        office.leaves()
        assert [each.client for each in office.sent(DAY)] == ["C3", "C4"]
        for _ in range(2):
            service.move()
        office.do("collect", "--on", DAY)
        office.leaves()
        assert office.status() == {
            "C1": [("sms", "delivered")],
            "C2": [("sms", "bounced"), ("letter", "accepted")],
            "C3": [("letter", "accepted")],
            "C4": [("sms", "opted_out"), ("letter", "accepted")],
            "C5": [("sms", "bounced"), ("letter", "accepted")],
        }
        wrong = office.do("bad-addresses", "--format", "json").rows()
        assert {each["client"] for each in wrong} == {"C2", "C3"}, "off is not wrong"
        assert {each["client"] for each in office.refusals()} == {"C4"}
        [first] = [each for each in service.sent if each.to == "+393331234567"]
        assert first.text.startswith("Acme S.p.A.: non ci risultano pagati 100,00 €")
        costs = office.do("deliveries", "--format", "json").rows()
        known = {each["client"]: each["cost"] for each in costs if each["medium"] == "sms"}
        assert known == {"C1": "0.07", "C2": "0.07", "C4": None, "C5": "0.07"}
        assert office.do("verify").code == 0


def test_news_and_stop_over_a_real_server(tmp_path: Path) -> None:
    """Callbacks arrive doubled and backwards; a STOP blocks the number however it is written."""
    port = free_port()
    public, listens = HOOK.partition("/api")[0], f"http://127.0.0.1:{port}"
    with sms_service("twilio", public=public, listens=listens) as service:
        assert isinstance(service, TwilioService)
        service.fate("+393337654321", Fate.NOBODY)
        clients = {**CLIENTS, "C6": "+39 333 12 34 567"}
        office = SmsOffice(tmp_path / "office", {c: clients[c] for c in ("C1", "C2", "C6")})
        office.use(service, callback_url=HOOK)
        office.open(DAY)
        office.leaves()
        assert len(service.sent) == 3
        for _ in range(2):
            service.move()
        with serving(office, port):
            told = service.call_back(twice=True, backwards=True)
            assert set(told) == {204}
            assert service.make(service.reply("+393331234567", "Stop", HOOK)) == 200
            assert service.make(service.reply("+393337654321", "Pago lunedì", HOOK)) == 200
            forged = service.reply("+393337654321", "Stop", HOOK)
            assert service.make(type(forged)(forged.url, forged.body + b"x", forged.headers)) == 403
        assert office.status() == {
            "C1": [("sms", "delivered")],
            "C2": [("sms", "bounced")],
            "C6": [("sms", "delivered")],
        }
        assert {(each["client"], each["reason"]) for each in office.refusals()} == {
            ("C1", "ha risposto STOP"),
            ("C6", "ha risposto STOP"),
        }
        [reply] = office.do("inbox", "--format", "json").rows()
        assert (reply["client"], reply["sender"]) == ("C2", "+393337654321")
        assert reply["preview"] == "Pago lunedì" and reply["state"] == "new"
        shown = office.do("show", "reply", str(reply["id"]))
        assert "Pago lunedì" in shown.out
        [wrong] = office.do("bad-addresses", "--format", "json").rows()
        assert (wrong["client"], wrong["reason"]) == ("C2", "cellulare inesistente (30005)")
        history = inside(office.folder, "history", "C6", language="en").out
        assert "Does not want to be contacted by SMS" in " ".join(history.split())
        later = f"{next_month()}"
        office.leaves(later)
        assert len(service.sent) == 3, "the second reminder goes by letter"
        assert {"C1", "C6"} <= {each.client for each in office.sent(later)}
        assert office.do("verify").code == 0


@pytest.mark.parametrize("name", ["twilio", "openapi"])
def test_wrong_credentials_stop_the_account_once(tmp_path: Path, name: str) -> None:
    with sms_service(name) as service:
        office = SmsOffice(tmp_path / "office", {c: CLIENTS[c] for c in ("C1", "C2", "C4")})
        office.use(service)
        office.open(DAY)
        service.token = "was-changed-at-the-service"
        office.leaves()
        assert len([each for each in service.seen if each.method == "POST"]) == 1
        assert office.status() == {c: [("sms", "queued")] for c in ("C1", "C2", "C4")}
        checked = office.tries("check", "sms")
        assert checked.code == 1 and re.search("refuses it|does not let", checked.out + checked.err)
        assert office.do("bad-addresses", "--format", "json").rows() == []


def test_a_doubtful_message_is_found_or_stays_doubtful(tmp_path: Path) -> None:
    """The service took it and hung up: found by its words at once. It did not: nobody knows."""
    from incasso.testing.network import Answer

    with sms_service("twilio") as service:
        office = SmsOffice(tmp_path / "office", {c: CLIENTS[c] for c in ("C1", "C2")})
        office.use(service)
        office.open(DAY)
        service.trouble += [Answer(silent=True)]
        service.takes_it = True
        office.leaves()
        assert office.status() == {"C1": [("sms", "accepted")], "C2": [("sms", "accepted")]}
        assert len(service.sent) == 2


def test_a_text_that_costs_too_much_becomes_the_next_medium(tmp_path: Path) -> None:
    with sms_service("twilio") as service:
        office = SmsOffice(tmp_path / "office", {"C1": CLIENTS["C1"]})
        office.use(service)
        config = office.folder / "plugins.toml"
        long = config.read_text().replace(
            "Acme S.p.A.", "Consorzio Acme di Forniture Industriali e Navali del Mediterraneo"
        )
        config.write_text(long + "max_segments = 1\n")
        office.open(DAY)
        office.leaves()
        why = " ".join(office.do("explain", "C1", "--on", DAY).out.split())
        assert "would be paid as 2 messages, at most 1" in why
        office.leaves()
        assert office.status() == {"C1": [("letter", "accepted")]}
        assert service.seen == []


@pytest.mark.parametrize("name", ["twilio", "openapi"])
def test_no_secret_and_no_words_are_left_where_they_do_not_belong(
    tmp_path: Path, name: str
) -> None:
    """Tokens are in their files only; what was written to clients is in the archive only."""
    with sms_service(name) as service:
        service.fate("+393337654321", Fate.NOT_A_NUMBER)
        service.fate("+393471112223", Fate.EXPIRED)
        office = SmsOffice(tmp_path / "office", CLIENTS)
        office.use(service, callback_url=HOOK)
        office.open(DAY)
        told = [office.tries("check", "sms"), office.leaves()]
        service.move()
        service.move()
        told += [office.tries("collect", "--on", DAY), office.tries("history", "C2")]
        right, service.token = service.token, "another-token"
        told += [office.tries("check", "sms"), office.tries("plugins", "list")]
        secrets = [right, *service.secrets.values()]
        words = service.sent[0].text.partition(": ")[2]
        assert len(words) > 60
    printed = "".join(each.out + each.err for each in told)
    assert not [each for each in [*secrets, words] if each in printed]
    for path in office.folder.rglob("*"):
        if not path.is_file() or path.name.startswith("sms-"):
            continue
        content = path.read_bytes()
        assert not [each for each in secrets if each.encode() in content], path
        if "archive" not in path.parts:
            assert words.encode() not in content, path
