"""What goes wrong on the way loses nothing and closes nothing, and the next reading is right."""

from __future__ import annotations

import threading
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from incasso.contract.errors import AuthenticationError
from incasso_fake_mexal import Company, MexalServer
from tests.mexal.office import Office, days, office, standard, table

ROSSI = "501.00001"
MADE, LATE = days(-90), days(-30)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses and the five minutes of a service, shortened."""
    monkeypatch.setattr("incasso_mexal.web.webapi.pause", lambda seconds: None)
    monkeypatch.setattr("incasso_mexal.web.webapi.PAGE_S", 0.4)


def many(company: Company, count: int = 60) -> None:
    for number in range(1, count + 1):
        company.invoice(ROSSI, [(LATE, "100.00"), (days(30), "50.00")], on=MADE, number=number)


def changed(company: Company) -> None:
    """Something paid, something new, something gone."""
    company.clock.tick(120)
    company.pay(company.postings[3], 1, on=days(0))
    company.invoice(ROSSI, [(LATE, "77.00")], on=days(-1), number=900)


def expected(company: Company) -> Decimal:
    return company.balance(ROSSI, days(0))


@pytest.mark.parametrize("page", [1, 3])
@pytest.mark.parametrize("kind", ["cut", "garbled", "drop", "hang", "stale_next", "html"])
def test_a_broken_page_loses_nothing_and_closes_nothing(
    kind: Any, page: int, company: Company, office: Office
) -> None:
    office.server.pager.cut_at = 10
    many(company, 30)
    office.good()
    before = office.state()
    changed(company)
    office.server.fail(kind, "scadenzario", page=page)
    report = office.sync(on=days(1))
    if report.good:
        assert office.owed(ROSSI) == expected(company), "it was tried again"
    else:
        assert office.state() == before
        assert len(report.reasons) == 1 and "\n" not in report.reasons[0]
    office.server.heal()
    for count in (2, 3):
        office.good(on=days(count))
        assert office.owed(ROSSI) == expected(company)
        assert not any(row.status == "vanished" for row in office.items().values())


@pytest.mark.parametrize("kind", ["cut", "drop", "hang", "busy", "slow", "forward", "html"])
def test_trouble_that_lasts_fails_in_one_sentence_and_ends_with_it(
    kind: Any, company: Company, office: Office
) -> None:
    many(company, 5)
    office.good()
    before = office.state()
    changed(company)
    office.server.fail(kind, "scadenzario", times=None)
    for count in (1, 2):
        report = office.sync(on=days(count))
        assert report.status == "failed"
        assert len(report.reasons) == 1 and "\n" not in report.reasons[0]
        assert "Traceback" not in report.reasons[0]
        assert office.state() == before
    office.server.heal()
    office.clock.now += (days(3) - days(0)) * 1
    office.good(on=days(3))
    assert office.owed(ROSSI) == expected(company)


@pytest.mark.parametrize("kind", ["busy", "slow"])
def test_a_busy_or_slow_server_is_asked_again_and_for_less(
    kind: Any, company: Company, office: Office
) -> None:
    many(company, 5)
    office.server.fail(kind, "scadenzario", times=2)
    office.good()
    assert office.owed(ROSSI) == expected(company)
    if kind == "slow":
        asked = [int(request.query["max"]) for request in office.server.asked("scadenzario")]
        assert asked[2] < asked[1] < asked[0]


def test_a_server_that_cuts_its_pages_early_is_read_to_the_end(
    company: Company, office: Office
) -> None:
    many(company)
    office.server.pager.cut_at, office.server.pager.empty_pages = 7, True
    office.good()
    assert len(office.open()) == 120
    company.clock.tick(3600)
    for posting in company.postings[:25]:
        company.dun(posting, reminded=days(-1))
    office.good()
    assert sum(row.reminded_on == days(-1) for row in office.items().values()) == 25


def test_what_changes_while_it_is_read_is_read_next_time(company: Company, office: Office) -> None:
    many(company)
    office.server.pager.cut_at = 10
    given = office.server.serve
    done: list[int] = []

    def serve(request: Any) -> Any:
        if request.resource.startswith("scadenzario") and len(done) < 6:
            done.append(1)
            company.clock.tick(1)
            company.pay(company.postings[len(done) * 3], 1, on=days(0))
            company.delete(company.postings[-1])
            company.invoice(ROSSI, [(LATE, "1.00")], on=days(-1))
        return given(request)

    office.server.serve = serve  # type: ignore[method-assign]
    office.good()
    office.good()
    office.good(on=days(1))
    office.good(on=days(2))
    assert office.owed(ROSSI) == expected(company)


def test_an_older_mexal_without_some_fields_is_read_all_the_same(
    tmp_path: Path, server: MexalServer
) -> None:
    company = standard(server)
    many(company, 3)
    server.hide("scadenzario", "data_legale", "codice_id_gara", "dt_sca_origine", "numero_esteso")
    server.hide("clienti", "gest_spl_pay", "tp_rating", "pec")
    server.hide("dati-generali/posizione-referenti")
    with office(tmp_path, server) as hub:
        hub.good()
        assert hub.owed(ROSSI) == expected(company)


def test_after_a_401_nothing_is_tried_again_until_a_person_checks(
    company: Company, office: Office
) -> None:
    many(company, 5)
    office.good()
    before = office.state()
    office.server.user.password = "changed"
    for count in range(1, 5):
        report = office.sync(on=days(count))
        assert report.status == "failed"
        assert office.state() == before
    assert office.server.access.bad_logins == 1
    assert not office.server.user.locked
    connector = office.hub.registry.connector("acme")
    with pytest.raises(AuthenticationError):
        connector.check(days(5))
    assert office.server.access.bad_logins == 2, "a person asked for it"
    office.server.user.password = "segreta"
    connector.check(days(5))
    office.good(on=days(5))
    assert office.owed(ROSSI) == expected(company)


def test_an_exclusive_procedure_stops_the_source_until_a_person_checks(
    company: Company, office: Office
) -> None:
    """Mexal answers as to a bad login, and nobody can tell them apart: it is not asked again."""
    many(company, 5)
    office.good()
    before = office.state()
    office.server.access.exclusive = True
    for count in (1, 2):
        assert office.sync(on=days(count)).status == "failed"
    assert len(office.server.asked("scadenzario")) <= 4
    assert office.server.access.bad_logins == 0 and office.state() == before
    office.server.access.exclusive = False
    assert office.sync(on=days(2)).status == "failed"
    office.hub.registry.connector("acme").check(days(2))
    office.good(on=days(2))


def test_a_401_in_the_middle_of_a_reading_changes_nothing(company: Company, office: Office) -> None:
    office.server.pager.cut_at = 20
    many(company)
    office.good()
    before = office.state()
    changed(company)
    office.server.fail("unauthorized", "scadenzario", page=2)
    for count in (1, 2):
        assert office.sync(on=days(count)).status == "failed"
        assert office.state() == before
    office.hub.registry.connector("acme").check(days(2))
    office.good(on=days(2))
    assert office.owed(ROSSI) == expected(company)


def two_sources(server: MexalServer, **settings: Any) -> tuple[str, str]:
    return (
        table("acme", server, **settings),
        table("bis", server, company="BIS", **settings),
    )


@pytest.mark.parametrize("slots", [1, 3])
def test_two_sources_of_one_user_keep_to_its_slots(
    slots: int, tmp_path: Path, server: MexalServer
) -> None:
    for code in ("ACM", "BIS"):
        company = server.company(code)
        company.add_client(ROSSI, "ROSSI SRL")
        for _ in range(30):
            company.invoice(ROSSI, [(LATE, "10.00")], on=MADE)
    server.pager.cut_at, server.delay = 5, 0.01
    with office(tmp_path, server, *two_sources(server, slots=slots)) as hub:
        jobs: list[Callable[[], object]] = [
            *(lambda s=s: hub.good(s) for s in ("acme", "bis")),
            *(
                lambda s=s: hub.hub.registry.connector(s).refresh(("x|2026|20260825|1|1",), days(0))
                for s in ("acme", "bis") * 3
            ),
        ]
        run_all(jobs)
        assert server.user.most_working <= slots
        assert hub.owed(ROSSI, "acme") == hub.owed(ROSSI, "bis") == 300


def run_all(jobs: list[Callable[[], object]]) -> None:
    """At one time; the first failure is raised."""
    failed: list[BaseException] = []

    def run(job: Callable[[], object]) -> None:
        try:
            job()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for error in failed:
        raise error


def test_one_company_that_is_down_leaves_the_others_running(
    tmp_path: Path, server: MexalServer, company: Company
) -> None:
    many(company, 5)
    with MexalServer() as other:
        standard(other).invoice(ROSSI, [(LATE, "1.00")], on=MADE)
        tables = (table("acme", server), table("bis", other))
        with office(tmp_path, server, *tables) as hub:
            hub.good("acme")
            hub.good("bis")
            other.fail("drop", times=None)
            assert hub.sync("bis", on=days(1)).status == "failed"
            hub.good("acme", on=days(1))
            assert hub.owed(ROSSI, "bis") == 1
            assert hub.owed(ROSSI, "acme") == expected(company)
