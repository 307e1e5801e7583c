"""The demo: four iters that any office could start with, and weeks that add up."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from incasso.contract.errors import ConfigurationError
from incasso.contract.ledger import InstallmentRecord, PaymentMethod
from incasso.contract.media import Medium
from incasso.demo import office, play_people
from incasso.demo.office import ready_folder
from incasso.demo.play import business_days, play
from incasso.demo.play_summary import Summary
from incasso.demo.portfolio import Portfolio
from incasso.domain.office.actor import Scope
from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.iter_file import IterFile, read_iter_file
from incasso.domain.recovery.iters import Mode
from incasso.domain.recovery.matching import Candidate, fails
from incasso.locale.history import has_words
from incasso.messages import builtin_templates
from incasso.services.hub.hub import Hub, build_hub
from incasso.services.recovery.explain import explain
from incasso.store.lists.ledger import INSTALLMENTS
from incasso.store.lists.listing import Fields
from incasso.store.lists.proof import JOURNAL
from incasso.store.lists.reading import read_list
from incasso.store.lists.sending import DELIVERIES
from tests.demo.conftest import START

BY_PROVIDERS = ("pec", "sms", "letter", "registered")
DEMO = Path(__file__).parents[2] / "core" / "incasso" / "demo"


@pytest.fixture(scope="module")
def iters() -> IterFile:
    """The iters that ship with the demo."""
    known = {each.key for each in builtin_templates()}
    return read_iter_file((DEMO / "iters.toml").read_text("utf-8"), templates=known)


def test_the_four_iters_are_without_fault(iters: IterFile) -> None:
    assert iters.problems == ()
    assert [each.key for each in iters.iters] == [
        "insoluto", "contrassegno", "bonifico", "ordinario",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("method", "unpaid", "expected"),
    [
        (PaymentMethod.RIBA, True, "insoluto"),
        (PaymentMethod.SDD, True, "insoluto"),
        (PaymentMethod.COD, False, "contrassegno"),
        (PaymentMethod.TRANSFER, False, "bonifico"),
        (PaymentMethod.RIBA, False, "ordinario"),
        (PaymentMethod.DIRECT, False, "ordinario"),
        (PaymentMethod.CHEQUE, False, "ordinario"),
    ],
)
def test_every_way_to_pay_has_its_iter(
    iters: IterFile, method: PaymentMethod, unpaid: bool, expected: str
) -> None:
    who = Candidate(
        source="acme", client="C1", residual=Decimal(500), payment_method=method, unpaid=unpaid
    )
    ranked = sorted(iters.iters, key=lambda each: each.priority)
    assert next(each.key for each in ranked if not fails(each.match, who)) == expected


def test_nothing_formal_leaves_without_a_persons_word(iters: IterFile) -> None:
    for each in iters.iters:
        for stage in each.stages:
            if stage.template == "ultimo_avviso" or stage.action is Action.PLACE:
                assert stage.mode is Mode.APPROVE
            if stage.template == "ultimo_avviso":
                assert set(stage.channels) == {Medium.PEC, Medium.REGISTERED}


def test_transfers_are_reminded_before_they_are_due(iters: IterFile) -> None:
    first = next(each for each in iters.iters if each.key == "bonifico").stages[0]
    assert first.before_due
    assert first.template == "promemoria"


def test_business_days() -> None:
    days = list(business_days(date(2026, 12, 21), 2))
    assert date(2026, 12, 25) not in days
    assert len(days) == 8


def test_a_folder_with_somebodys_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "lavoro.xlsx").write_bytes(b"x")
    with pytest.raises(ConfigurationError, match="no demo office"):
        ready_folder(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["lavoro.xlsx"]


def test_an_office_made_of_a_demo_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = ready_folder(tmp_path / "office")
    ready_folder(tmp_path / "office")
    with monkeypatch.context() as later:
        later.setattr(office, "_shipped", lambda name: f"# a later version of {name}\n")
        ready_folder(tmp_path / "office")
    ready_folder(tmp_path / "office")
    config.write_text(config.read_text("utf-8") + "\n# ours\n", "utf-8")
    (config.parent / "incasso.db").write_bytes(b"precious")
    with pytest.raises(ConfigurationError, match="no demo office"):
        ready_folder(tmp_path / "office")
    assert (config.parent / "incasso.db").read_bytes() == b"precious"


def test_everything_comes_in_and_goes_out(summary: Summary) -> None:
    assert summary.days == 15
    assert summary.came_in.clients == 40
    assert summary.came_in.installments > 100
    assert summary.came_in.paid > 0
    assert summary.left["email"] > 0
    assert summary.handled > 0
    assert summary.to_do


def test_what_left_lies_in_the_folder_or_went_to_a_provider(summary: Summary) -> None:
    notes = [json.loads(path.read_text()) for path in summary.folder.glob("outbox/**/*.json")]
    in_folder = {medium: n for medium, n in summary.left.items() if medium not in BY_PROVIDERS}
    assert Counter(note["medium"] for note in notes) == Counter(in_folder)
    assert len({note["delivery"] for note in notes}) == len(notes)


def test_certified_mail_comes_back_with_signed_receipts(summary: Summary) -> None:
    assert summary.came_back["pec"]["delivered"] > 0
    with build_hub(summary.folder / "plugins.toml") as hub, hub.store.read() as connection:
        found = list(read_list(connection, DELIVERIES, Scope.everything()))
    delivered = [each for each in found if (each["medium"], each["status"]) == ("pec", "delivered")]
    assert len(delivered) == summary.came_back["pec"]["delivered"]
    kept = [path.read_bytes() for path in (summary.folder / "archive").rglob("*") if path.is_file()]
    receipts = [each for each in kept if b"X-Ricevuta: avvenuta-consegna" in each]
    assert len(receipts) == len(delivered), "each is proven by a receipt in the archive"
    assert "folder" in (summary.folder / "plugins.toml").read_text()
    left_behind = [
        each for name in ("pec", "post", "sms") for each in summary.folder.glob(f"{name}-*")
    ]
    assert not left_behind, "nothing of the providers"


def test_no_message_speaks_of_what_was_paid_that_morning(summary: Summary) -> None:
    portfolio = Portfolio(7, START, clients=40, installments=160)
    ledgers: dict[date, dict[str, InstallmentRecord]] = {}
    for path in summary.folder.glob("outbox/**/*.json"):
        note = json.loads(path.read_text())
        if note["subject"].startswith("Per conoscenza"):
            continue  # a copy repeats what left before it
        day = date.fromisoformat(note["at"][:10])
        if day not in ledgers:
            ledgers[day] = {row.key: row for row in portfolio.ledger(day)}
        owed = [ledgers[day][key].residual for key in note["installments"]]
        assert all(residual > 0 for residual in owed), (note["subject"], owed)
        credits = sum(
            -row.residual
            for row in ledgers[day].values()
            if row.client == note["client"] and row.residual < 0
        )
        # What is asked is net of the client's open credits, each of which one message shows.
        assert 0 <= sum(owed) - Decimal(note["total"]) <= credits


def test_every_installment_is_explained(summary: Summary) -> None:
    with build_hub(summary.folder / "plugins.toml") as hub:
        with hub.store.read() as connection:
            wanted = list(read_list(connection, INSTALLMENTS, Scope.everything(), on=summary.last))
        for each in wanted:
            [found] = explain(
                hub, Scope.everything(), f"rata {each['source']}/{each['key']}", summary.last
            )
            assert found.text
            assert found.conditions


def test_the_four_bad_rows_wait_with_their_reason(summary: Summary) -> None:
    assert len(summary.quarantined) == 4
    assert all(each.problem and each.hint and each.row for each in summary.quarantined)


def test_it_explains_itself(summary: Summary) -> None:
    assert summary.why is not None
    assert any(blocks for _, blocks in summary.why.conditions)


def test_it_tells_one_clients_history_and_shows_a_message(summary: Summary) -> None:
    assert summary.story is not None
    assert summary.story.lines
    days = [day for day, _ in summary.story.lines]
    assert days == sorted(days)
    assert summary.leaving is not None
    assert any(summary.leaving.words)
    assert summary.kept + summary.broken > 0


ABOUT_A_CLIENT = re.compile(
    r"(client|installment|case|step|delivery|agreement|order block|write-back|document|payment)\b"
)


def test_every_event_about_a_client_says_whose(summary: Summary) -> None:
    """Without source and client it would be missing in the history."""
    with (
        build_hub(summary.folder / "plugins.toml") as hub,
        hub.store.read() as connection,
    ):
        events = list(read_list(connection, JOURNAL, Scope.everything()))
    about = [each for each in events if ABOUT_A_CLIENT.match(each["subject"])]
    kinds = {each["kind"] for each in about}
    assert kinds >= {"agreement.made", "delivery.accepted", "step.done", "step.approved"}
    assert kinds & {"agreement.kept", "agreement.broken"}
    assert [each for each in about if not (each["source"] and each["client"])] == []
    assert [each["kind"] for each in about if not has_words(each["kind"])] == []
    named = {each["kind"] for each in events if each["client"]}
    assert named == {each["kind"] for each in about}


def test_equal_seeds_play_equal_weeks(tmp_path: Path) -> None:
    """Two weeks, in which people do their share, with a dozen clients: whatever draws lots does."""
    once, again = (
        play(tmp_path / name, 7, START, 2, clients=10, installments=40)
        for name in ("once", "again")
    )
    names = "came_in left carried_out handled to_do quarantined why kept broken leaving"
    for name in names.split():
        assert getattr(again, name) == getattr(once, name), name
    assert once.came_in and once.left and once.handled and once.to_do


def test_nobody_does_what_was_let_go_earlier_that_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = play_people._listed

    def twice(hub: Hub, **wanted: Any) -> list[Fields]:
        rows = listed(hub, **wanted)
        return rows * 2 if wanted["mode"] is Mode.MANUAL else rows

    monkeypatch.setattr(play_people, "_listed", twice)
    summary = play(tmp_path / "office", 7, START, 2, clients=10, installments=40)
    assert summary.handled


def test_the_summary_fits_a_terminal(summary: Summary) -> None:
    console = Console(width=100, record=True, file=None, quiet=True)
    with console.capture() as capture:
        console.quiet = False
        console.print(summary)
    shown = capture.get()
    for title in (
        "Entrato", "Uscito", "Da fare oggi", "In quarantena", "Perché", "Storia di",
        "come parte", "accordi mantenuti",
    ):  # fmt: skip
        assert title in shown
