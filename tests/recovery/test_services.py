"""Explain, simulate, iters in and out, the last check before leaving: on both databases."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from incasso.contract.media import Medium
from incasso.domain.office.actor import CLOCK, Scope
from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.iter_export import write_iter_file
from incasso.domain.recovery.iter_file import IterFile
from incasso.domain.recovery.iters import AdvanceOn, Mode, Otherwise
from incasso.locale import localize
from incasso.services.cases.progress import release_cases
from incasso.services.hub.hub import Hub
from incasso.services.office.subjects import SubjectError
from incasso.services.recovery.explain import ExplainedCondition, explain
from incasso.services.recovery.iters import (
    IterFileError,
    export,
    import_file,
    publish,
)
from incasso.services.recovery.simulate import carry_out, simulate
from incasso.services.sending.still_blocked import blocked_now
from incasso.store.engine import Store
from incasso.store.lists.listing import Fields
from incasso.store.lists.reading import read_list
from incasso.store.lists.recovery import ITERS
from incasso.store.tables.ledger import installments
from incasso.store.tables.recovery import agreements, cases, steps
from tests.recovery.office import TODAY, Office, after, letters, stage


@pytest.fixture
def office(store: Store) -> Office:
    return Office(store)


def hold(office: Office, client: int) -> None:
    with office.store.write() as connection:
        connection.execute(
            sa.insert(agreements).values(
                kind="hold",
                source_id=office.source,
                client_id=client,
                from_on=TODAY,
                until_on=office.days(5),
                made_on=TODAY,
            )
        )
    office.look()


def test_explain_answers_for_a_client_an_installment_a_case_and_a_step(office: Office) -> None:
    office.publish(letters(stage("one", 5, label="Primo sollecito")))
    client = office.client()
    office.owes(client)
    office.owes(client, due=office.days(30))
    assert [found.decision for found in explain(office.hub, Scope.everything(), "C1", TODAY)] == [
        "step",
        "wait",
    ]
    office.plan()
    for subject in ("R1", "acme/R1", "case:1", "step:1"):
        (found,) = explain(office.hub, Scope.everything(), subject, TODAY)
        assert (found.subject, found.decision, found.case) == ("acme/R1", "in_step", 1)
    with pytest.raises(SubjectError):
        explain(office.hub, Scope.everything(), "nobody", TODAY)


def test_explain_is_said_in_any_language(office: Office) -> None:
    office.publish(letters(stage("one", 5, label="Primo sollecito")))
    client = office.client()
    office.owes(client)
    (today,) = explain(office.hub, Scope.everything(), "R1", TODAY)
    assert localize(today.text, "it") == "Oggi tocca a Primo sollecito (e-mail)."
    hold(office, client)
    (held,) = explain(office.hub, Scope.everything(), "R1", TODAY)
    assert localize(held.text, "it") == "Ferma: sospesa; si riguarda l'08/03/2026."
    texts = {each.name: localize(each.text, "it") for each in held.conditions}
    assert texts["hold"] == "Sospesa fino al 07/03/2026."
    assert texts["stage_due"] == "La data dello stato, 06/02/2026, è arrivata."
    assert localize(held.text, "en") == "Stands still: on hold; looked at again on 08 Mar 2026."


def test_explain_knows_any_day_to_come(office: Office) -> None:
    """Also one on which today's ledger is too old: that is a remark."""
    office.publish(letters(stage("one", 5)))
    office.owes(office.client(), due=TODAY)
    (before,) = explain(office.hub, Scope.everything(), "R1", office.days(4))
    assert (before.decision, before.next_on) == ("wait", office.days(5))
    (then,) = explain(office.hub, Scope.everything(), "R1", office.days(5))
    assert (then.decision, then.stage, then.when) == ("step", "one", "future")
    assert localize(then.text, "it") == "one (e-mail) è in programma."
    (remark,) = (localize(one, "it") for one in then.remarks)
    assert remark.startswith("L'ultima lettura dei dati di acme è del 02/03/2026: finché non si")
    assert not any(c.name == "source_trusted" and c.blocks for c in then.conditions)


def test_explain_answers_for_what_is_closed(office: Office) -> None:
    office.pay(office.owes(office.client()))
    (found,) = explain(office.hub, Scope.everything(), "R1", TODAY)
    why = localize(found.conditions[0].text, "it")
    assert (found.decision, why) == ("nothing", "La rata è chiusa: pagata.")


EVERYTHING = (
    stage("one", 5, channels=(Medium.EMAIL, Medium.LETTER)),
    after(
        "proven",
        3,
        channels=(Medium.PEC, Medium.EMAIL),
        advance_on=AdvanceOn.DELIVERED,
        proof_days=2,
        otherwise=Otherwise.FALLBACK,
    ),
    after("boss", 3, mode=Mode.APPROVE),
    after("park", 4, action=Action.PARK, channels=(), container="legal", advance_on="done"),
)


def test_simulate_changes_nothing_and_says_what_comes(office: Office) -> None:
    office.publish(letters(*EVERYTHING))
    for number in range(6):
        client = office.client(f"C{number}", pec="" if number % 2 else "c@pec.example.it")
        office.owes(client, 1_000 * (number + 1), due=office.days(-10 + 4 * number))
    before = office.rows(sa.select(installments))
    forecast = simulate(office.hub, Scope.everything(), TODAY, 30, people="done")
    assert office.rows(sa.select(installments)) == before
    assert office.cases() == office.steps() == []
    for number in range(30):
        office.plan(office.days(number))
        with office.store.write() as connection:
            carry_out(connection, office.on, "done")
    assert len(forecast.steps) == len(office.steps())
    assert forecast.counted("on", "stage", "medium") == _counted(office)
    assert {case.container for case in office.cases() if case.state == "parked"} == {"legal"}


def test_a_forecast_step_holds_what_it_takes_in_while_it_waits(office: Office) -> None:
    office.publish(letters(stage("boss", 1, mode=Mode.APPROVE)))
    client = office.client()
    office.owes(client, 1_000, due=office.days(-3))
    office.owes(client, 2_000, due=office.days(5))
    (forecast,) = simulate(office.hub, Scope.everything(), TODAY, 10).steps
    assert simulate(office.hub, Scope(agents=frozenset({"A9"})), TODAY, 10).steps == []
    for number in range(10):
        office.plan(office.days(number))
    (real,) = office.steps()
    assert (forecast.total, forecast.installments) == (Decimal("30.00"), 2)
    assert (forecast.on, real.total) == (real.due_on, 3_000)


def test_what_its_iter_closed_stays_closed_until_the_bill_comes_back(office: Office) -> None:
    office.publish(
        letters(
            stage("one", 1),
            after("end", 1, action=Action.CLOSE, channels=(), advance_on=AdvanceOn.DONE),
        )
    )
    owed = office.owes(office.client(), 5_000, due=office.days(-5))
    for number in range(3):
        office.plan(office.days(number))
        with office.store.write() as connection:
            carry_out(connection, office.on, "nothing")
    assert [case.state for case in office.cases()] == ["closed"]
    office.change(owed, residual=4_000)
    office.plan(office.days(4))
    assert len(office.cases()) == 1
    assert any(c.name == "finished" and c.blocks for c in _conditions(office, owed))
    office.change(owed, unpaid_on=office.days(4))
    office.plan(office.days(5))
    assert [case.state for case in office.cases()] == ["closed", "open"]


def _conditions(office: Office, installment: int) -> tuple[ExplainedCondition, ...]:
    (row,) = office.rows(sa.select(installments.c.key).where(installments.c.id == installment))
    (found,) = explain(office.hub, Scope.everything(), row.key, office.on)
    return found.conditions


def _counted(office: Office) -> dict[tuple[object, ...], int]:
    found: dict[tuple[object, ...], int] = {}
    for step in office.steps():
        key = (step.due_on, step.stage, step.medium)
        found[key] = found.get(key, 0) + 1
    return found


def test_what_was_exported_changes_nothing_when_it_comes_back(
    office: Office, tmp_path: Path
) -> None:
    """Also in an office that never chose a contact policy: the file tells the one in force."""
    file = tmp_path / "iters.toml"
    file.write_text(write_iter_file([letters(stage("promemoria", 1))]), "utf-8")
    assert import_file(office.hub, CLOCK, file, on=TODAY).published == (("bonifico", 1),)
    file.write_text(export(office.hub), "utf-8")
    assert not import_file(office.hub, CLOCK, file, on=TODAY).changed


def test_simulate_tries_iters_that_are_not_published(office: Office) -> None:
    office.publish(letters(stage("one", 5)))
    office.owes(office.client(), due=TODAY)
    other = IterFile(iters=(letters(stage("sooner", 2), key="bonifico"),))
    tried = simulate(office.hub, Scope.everything(), TODAY, 10, other)
    assert [(step.on, step.stage) for step in tried.steps] == [(office.days(2), "sooner")]
    assert tried.steps[0].total == Decimal("100.00")
    assert [step.stage for step in simulate(office.hub, Scope.everything(), TODAY, 10).steps] == [
        "one"
    ]


FILE = """
[[iter]]
key = "bonifico"
label = "Mancato bonifico"

[[iter.stage]]
key = "primo"
days = 5
channels = ["email"]
template = "primo_sollecito"

[exclusions]
min_amount = "10.00"

[contact_policy]
conversations_per_week = 2
"""


def test_importing_publishes_once_and_exporting_gives_it_back(
    office: Office, tmp_path: Path
) -> None:
    file = tmp_path / "iters.toml"
    file.write_text(FILE)
    office.owes(office.client())
    office.plan()
    first = import_file(office.hub, CLOCK, file, on=TODAY)
    assert (first.published, first.exclusions, first.contact_policy) == (
        (("bonifico", 1),),
        True,
        True,
    )
    assert first.looking_again == 1
    again = import_file(office.hub, CLOCK, file, on=TODAY)
    assert (again.published, again.unchanged, again.changed) == ((), ("bonifico",), False)
    written = export(office.hub)
    file.write_text(written)
    assert not import_file(office.hub, CLOCK, file, on=TODAY).changed
    assert export(office.hub) == written


def iters(hub: Hub) -> list[Fields]:
    """Every version there is, as the list shows it."""
    with hub.store.read() as connection:
        return list(read_list(connection, ITERS, Scope.everything(), everything=True))


def test_a_changed_iter_is_a_new_version_and_the_old_one_retires(office: Office) -> None:
    office.publish(letters(stage("one", 5)))
    office.owes(office.client())
    office.plan()
    changed = IterFile(iters=(letters(stage("one", 6)),))
    assert publish(office.hub, CLOCK, changed, on=TODAY).published == (("bonifico", 2),)
    listed = [(row["version"], row["status"], row["cases"]) for row in iters(office.hub)]
    assert listed == [(1, "retired", 1), (2, "published", 0)]


def test_a_file_with_problems_publishes_nothing(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "iters.toml"
    file.write_text(FILE.replace("primo_sollecito", "primo_solecito").replace("days", "dais"))
    with pytest.raises(IterFileError) as caught:
        import_file(office.hub, CLOCK, file, on=TODAY)
    assert [problem.wrong.key for problem in caught.value.problems] == ["dais", "template"]
    assert "did you mean 'primo_sollecito'?" in str(caught.value)
    assert iters(office.hub) == []


@pytest.mark.parametrize("content", [b"\xff\xfe", None])
def test_a_file_that_cannot_be_read_is_told_in_words(
    office: Office, tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "iters.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(IterFileError):
        import_file(office.hub, CLOCK, file, on=TODAY)


def test_exporting_what_is_not_published_is_refused(office: Office) -> None:
    with pytest.raises(LookupError):
        export(office.hub, ["nothing"])


def test_the_last_check_names_what_blocks(office: Office) -> None:
    office.publish(letters(stage("one", 5)))
    first, second, third = (office.client(code) for code in ("C1", "C2", "C3"))
    paid, _held, _free = office.owes(first), office.owes(second), office.owes(third)
    office.plan()
    office.pay(paid)
    hold(office, second)
    one, two, three = (case.id for case in office.cases())
    with office.store.write() as connection:
        found = blocked_now(connection, [one, two, three], TODAY)
        assert found == {one: "pagata", two: "sospesa"}
        assert blocked_now(connection, [one], TODAY, language="en") == {one: "paid"}
        assert blocked_now(connection, [], TODAY) == {}


def test_the_last_check_knows_nothing_of_a_closed_case(office: Office) -> None:
    office.publish(letters(stage("one", 5)))
    office.owes(office.client())
    office.plan()
    office.update(cases, cases.c.id > 0, state="closed")
    with office.store.write() as connection:
        assert blocked_now(connection, [1], TODAY) == {1: "nessuna pratica"}


def test_releasing_cases_keeps_the_rest_of_the_step(office: Office) -> None:
    office.publish(letters(stage("one", 5)))
    client = office.client()
    office.owes(client, 100)
    office.owes(client, 250)
    office.plan()
    with office.store.write() as connection:
        assert release_cases(connection, [1], TODAY, "pagata") == 0
        assert release_cases(connection, [1], TODAY, "pagata") == 0
    assert [(step.status, step.total) for step in office.steps()] == [("ready", 250)]
    with office.store.write() as connection:
        assert release_cases(connection, [2], TODAY, "sospesa") == 1
    assert [(step.status, step.reason) for step in office.steps()] == [("cancelled", "sospesa")]


def test_what_was_released_is_planned_again(office: Office) -> None:
    office.publish(letters(stage("one", 5)))
    office.owes(office.client())
    office.plan()
    with office.store.write() as connection:
        release_cases(connection, [1], TODAY, "contestata")
    office.plan(TODAY + timedelta(days=1))
    assert [step.status for step in office.steps()] == ["cancelled", "ready"]
    assert len(office.rows(sa.select(steps))) == 2
