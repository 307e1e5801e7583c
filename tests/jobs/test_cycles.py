"""A cycle in parts: its stages in order, whatever becomes of its jobs, and every job done once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from incasso.contract.errors import TemporaryError
from incasso.domain.office.actor import CLOCK
from incasso.domain.office.jobs import DEATHS, LASTS, RETRIES, STAGES, JobState, ranges
from incasso.domain.sending.routes import Carrier, Routes, routes_of
from incasso.services.running import cycle
from incasso.services.running.scheduler import NoJobError, again
from incasso.services.running.tasks import Result
from incasso.store.engine import Store
from incasso.store.jobs import rows
from incasso.store.office.runner import save_schedule
from incasso.store.tables.ledger import installments
from incasso.store.tables.proof import journal
from tests.databases import migrated_store
from tests.jobs.crew import ON, Crew, tasks_in

BROKEN = Result(problem="the share is not mounted", again=True)


def test_stages_are_done_in_order_and_every_job_once(crew: Crew) -> None:
    crew.start()
    crew.work()
    assert tasks_in(crew.done) == [task.value for task in STAGES["run"]]
    assert crew.done[:3] == ["sync acme", "sync beta", "collect mail"]
    assert len(crew.done) == len(set(crew.done))
    assert set(crew.states().values()) == {JobState.DONE}


def test_a_stage_waits_for_its_last_job(crew: Crew) -> None:
    """Two processes: one of them is still at the first source."""
    crew.start()
    first, second = crew.carrier(crew._pretended()), crew.carrier(crew._pretended())
    slow = crew.next()
    assert slow is not None
    with crew.store.write() as connection:
        rows.begin(connection, slow, "elsewhere 1", crew.at)
    quick = crew.next()
    assert quick is not None
    second.carry_out(quick)
    assert crew.next() is None, "nothing of the next stage may begin"
    first.carry_out(slow)
    assert crew.next() is not None


def test_a_job_carried_out_again_does_nothing(crew: Crew) -> None:
    """A wake-up that comes twice, or after another process has taken the job over and done it."""
    crew.start("collect")
    number = crew.next()
    assert number is not None
    carrier = crew.carrier(crew._pretended())
    carrier.carry_out(number)
    carrier.carry_out(number)
    assert crew.done == ["collect mail"]


def test_one_that_fails_stops_nothing_and_is_tried_again_later_and_later(crew: Crew) -> None:
    crew.results["sync acme"] = [BROKEN] * (1 + len(RETRIES))
    crew.start()
    crew.work()
    assert tasks_in(crew.done) == [task.value for task in STAGES["run"]]
    assert crew.states()["sync acme"] == JobState.WAITING
    assert crew.row("cycle run").state == JobState.FAILED
    for tries, wait in enumerate(RETRIES, 2):
        crew.at += wait - timedelta(seconds=1)
        assert crew.next() is None
        crew.at += timedelta(seconds=1)
        crew.work()
        assert crew.done.count("sync acme") == tries
    failed = crew.row("sync acme")
    assert (failed.state, failed.problem) == (JobState.FAILED, BROKEN.problem)
    assert crew.states(JobState.WAITING, JobState.RUNNING) == {}


def test_what_comes_late_is_followed_by_what_it_held_back(crew: Crew) -> None:
    crew.results["sync acme"] = [BROKEN]
    crew.start()
    crew.work()
    run = crew.row("cycle run")
    assert (run.state, run.problem) == (
        JobState.FAILED,
        "not everything went well: read the ledger acme",
    )
    crew.done.clear()
    crew.at += RETRIES[0]
    crew.work()
    assert crew.done[0] == "sync acme"
    assert tasks_in(crew.done[1:]) == ["plan", "house", "dispatch", "orders"]
    assert crew.row("cycle late").state == JobState.DONE
    run = crew.row("cycle run")
    assert (run.state, run.problem) == (JobState.DONE, "")


def test_what_is_only_to_be_looked_at_once_more_is_no_failure_of_the_run(crew: Crew) -> None:
    about = "dispatch"
    crew.results[about] = [Result(after=timedelta(minutes=1))]
    crew.start()
    crew.work()
    assert crew.states()[about] == JobState.WAITING
    assert crew.row("cycle run").state == JobState.DONE
    crew.at += timedelta(minutes=1)
    crew.work()
    assert crew.states()[about] == JobState.DONE


def test_a_channel_that_rests_is_gone_on_with_as_often_as_it_takes(crew: Crew) -> None:
    """A certified mailbox takes six a minute: hours of work, and nobody waits in between."""
    about = "dispatch"
    crew.start()
    for _ in range(3 * DEATHS):
        crew.results[about] = [Result(rests_until=crew.at + timedelta(minutes=1))]
        crew.work()
        assert crew.states()[about] == JobState.WAITING
        assert crew.row("cycle run").state == JobState.DONE, "the rest of the run went on"
        crew.at += timedelta(minutes=1)
    crew.work()
    assert crew.states()[about] == JobState.DONE


def test_a_channel_that_rests_beyond_its_day_is_left_to_the_next(crew: Crew) -> None:
    about = "dispatch"
    crew.start()
    crew.results[about] = [Result(rests_until=crew.at + LASTS + timedelta(seconds=1))]
    crew.work()
    assert crew.states()[about] == JobState.DONE


def test_what_no_second_try_can_help_waits_for_a_person(crew: Crew) -> None:
    crew.results["sync acme"] = [Result(problem="it would close too much", cure="look at it")]
    crew.start()
    crew.work()
    assert crew.row("sync acme").state == JobState.FAILED
    crew.done.clear()
    again(crew.hub, CLOCK, crew.row("sync acme").id)
    crew.work()
    assert crew.done[0] == "sync acme"
    assert crew.row("sync acme").state == JobState.DONE
    with pytest.raises(NoJobError):
        again(crew.hub, CLOCK, crew.row("sync acme").id)


def test_a_job_of_which_processes_die_is_given_up_and_the_rest_goes_on(crew: Crew) -> None:
    crew.start()
    deadly = crew.next()
    assert deadly is not None
    with crew.store.write() as connection:
        for _ in range(DEATHS):
            rows.begin(connection, deadly, "elsewhere 1", crew.at)
    crew.carrier(crew._pretended()).carry_out(deadly)
    crew.work()
    assert "sync acme" not in crew.done
    assert tasks_in(crew.done) == [task.value for task in STAGES["run"]]
    assert "processes ended" in crew.row("sync acme").problem


def test_a_run_whose_day_is_over_is_not_gone_on_with(crew: Crew) -> None:
    """A server that was off over the weekend: nothing is sent as of Friday."""
    crew.start()
    crew.forward(days=2)
    crew.work()
    assert crew.done == []
    assert set(crew.states().values()) == {JobState.FAILED}


def test_what_is_long_over_leaves_the_list(crew: Crew) -> None:
    with crew.store.write() as connection:
        save_schedule(connection, {})
    crew.start("collect")
    crew.work()
    crew.forward(days=29)
    crew.tick()
    assert crew.states()
    crew.forward(days=2)
    crew.tick()
    assert crew.states() == {}


def test_a_run_in_parts_comes_to_what_a_run_in_one_piece_comes_to(
    crew: Crew, tmp_path: Path
) -> None:
    twin = Crew(migrated_store(tmp_path / "twin.db", tmp_path / "archive-of-twin"), tmp_path)
    for one in (crew, twin):
        one.exports["beta"].fails_after = 0
        one.exports["beta"].failure = TemporaryError("share not mounted")
    report = cycle.run(twin.hub, CLOCK, ON)
    crew.start()
    crew.work(real=True)
    assert report.planned is not None and report.planned.looked == 5
    assert _told(crew.store) == _told(twin.store)
    assert crew.states(JobState.WAITING) == {"sync beta": JobState.WAITING}
    assert "share not mounted" in crew.row("sync beta").problem
    crew.exports["beta"].fails_after = None
    crew.at += RETRIES[0]
    crew.work(real=True)
    assert crew.row("cycle late").state == JobState.DONE
    with crew.store.read() as connection:
        looked = connection.scalar(sa.select(sa.func.count()).select_from(installments))
    assert looked == 8
    twin.hub.registry.close()
    twin.store.close()


def _told(store: Store) -> dict[str, object]:
    """The journal's line about the run."""
    query = sa.select(journal).where(journal.c.kind.like("run.%")).order_by(journal.c.id)
    with store.read() as connection:
        (row,) = connection.execute(query).all()
    return {"kind": row.kind, "syncs": row.facts["syncs"]}


def test_every_step_has_one_route(crew: Crew) -> None:
    both = frozenset({"acme", "beta"})
    mail = frozenset({"email"})
    carriers = [
        Carrier("mail_acme", mail, frozenset({"acme"})),
        Carrier("mail_beta", mail | {"pec"}, frozenset({"beta"})),
        Carrier("spare", frozenset({"pec"}), both),
        Carrier("print", frozenset({"letter"}), both),
    ]
    assert routes_of(carriers) == {
        "mail_acme": Routes({"acme": mail}),
        "mail_beta, spare": Routes({"acme": frozenset({"pec"}), "beta": mail | {"pec"}}),
        "print": Routes({"acme": frozenset({"letter"}), "beta": frozenset({"letter"})}),
        "": Routes({name: mail | {"pec", "letter"} for name in both}, inside=False),
    }


def test_ranges_begin_and_end_with_blocks() -> None:
    pages = [(1, 700), (701, 1500), (1501, 1600), (1601, 5000)]
    assert ranges(pages, 1024) == [(0, 1023), (1024, 2047), (2048, 5119)]
    assert ranges([], 1024) == []
