"""Whatever a file can have wrong has words, also where the domain knows codes only."""

from __future__ import annotations

from incasso.contract.settings import Wrong
from incasso.domain.office.assignment import AssignmentFault
from incasso.domain.placement.outcome_file import OutcomeFault
from incasso.domain.placement.provider_rules import ProviderFault
from incasso.domain.recovery.iter_rules import IterFault
from incasso.locale.file_problems import FAULTS, problem_of, worded


def test_every_code_has_words() -> None:
    assert set(FAULTS) == {*IterFault, *AssignmentFault, *ProviderFault, *OutcomeFault}


def test_values_stand_in_the_words() -> None:
    wrong = Wrong(key="pool[2]", code=AssignmentFault.NO_USER, values={"login": "marta"})
    problem = problem_of(wrong, "rules.toml", "assignment")
    assert (problem.field, problem.message) == ("rules.toml: pool[2]", "marta is no user")


def test_a_misspelt_name_gets_the_nearest_one() -> None:
    values = {"name": "sollecitto", "known": ("promemoria", "sollecito")}
    wrong = Wrong(key="template", code=IterFault.NO_SUCH_TEMPLATE, values=values)
    assert worded(wrong).hint == "did you mean 'sollecito'?"
