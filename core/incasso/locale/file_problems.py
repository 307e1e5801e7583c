"""What is wrong in a file of the office, in words: iters, assignment rules, providers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from incasso.contract.settings import Wrong, nearest, problem_line
from incasso.contract.text import Text, template, text
from incasso.contract.values import Problem
from incasso.domain.office.assignment import AssignmentFault
from incasso.domain.placement.outcome_file import OutcomeFault
from incasso.domain.placement.provider_file import ProviderProblem
from incasso.domain.recovery.iter_file import IterProblem
from incasso.domain.recovery.iter_rules import IterFault
from incasso.locale.provider_problems import PROVIDER_FAULTS

FAULTS: Final[Mapping[str, tuple[str, str]]] = {
    IterFault.NEEDS_CHANNELS: (
        template("a message needs at least one medium"),
        template('write ["email"]'),
    ),
    IterFault.NEEDS_TEMPLATE: (
        template("a message needs a template"),
        template("`incasso templates list` names them"),
    ),
    IterFault.NEEDS_TO: (
        template("an internal notice needs somebody to go to"),
        template('write ["responsabile"]'),
    ),
    IterFault.NEEDS_CONTAINER: (
        template("parking needs a container"),
        template('write "legal"'),
    ),
    IterFault.NEEDS_SERVICE: (
        template("a placement needs a service"),
        template('write "extrajudicial"'),
    ),
    IterFault.NO_SUCH_TEMPLATE: (template("there is no template {name!r}"), ""),
    IterFault.NO_SUCH_CONTAINER: (template("there is no container {name!r}"), ""),
    IterFault.NO_RECIPIENT: (template("{name!r} is neither a role nor an address"), ""),
    IterFault.DONE_BY_PEOPLE: (
        template("{action} is done by a person"),
        template('write mode = "manual"'),
    ),
    IterFault.ONLY_MESSAGES_COUNT: (
        template("only messages are sent or delivered"),
        template('write "done"'),
    ),
    IterFault.SAYS_NOTHING: (
        template("{action} sends no text"),
        template("only messages do"),
    ),
    IterFault.TELLS_NOBODY: (
        template("{action} tells none of your own people"),
        template("only notify sends a summary"),
    ),
    IterFault.MEETS_NOBODY: (
        template("{action} is not for the client"),
        template("only messages to the client, calls and visits have a contact"),
    ),
    IterFault.CARRIES_NOTHING: (
        template("{action} carries no documents"),
        template("only messages do"),
    ),
    IterFault.NO_MEDIUM_CARRIES: (
        template("none of these media carries documents"),
        template('add "email" or "letter"'),
    ),
    IterFault.NOTHING_ATTACHED: (
        template("nothing is attached"),
        template('write attach = ["invoice"] too'),
    ),
    IterFault.FORMAL_TOO_EARLY: (
        template("a reminder before the due date is no formal notice"),
        template("leave it out, or write days after the due date"),
    ),
    IterFault.INTEREST_TOO_EARLY: (
        template("nothing bears interest before the due date"),
        template("leave it out, or write days after the due date"),
    ),
    IterFault.STATES_NOTHING: (
        template("the statement is of interest that the message does not ask for"),
        template("leave one of interest = false and statement = true out"),
    ),
    IterFault.NO_STAGES: (
        template("an iter needs at least one stage"),
        template("write [[iter.stage]] with its keys below"),
    ),
    IterFault.SAME_STAGE: (
        template("two stages are called {name}"),
        template("give each its own key"),
    ),
    IterFault.NOTHING_BEFORE: (
        template("the first stage has no stage before it"),
        template("write due_date or unpaid_date"),
    ),
    IterFault.SAME_OUTCOME: (template("another outcome has this key"), ""),
    IterFault.NO_OUTCOME: (
        template("{name!r} is no key of an outcome"),
        template("small letters, digits and _ only"),
    ),
    IterFault.SAME_ITER: (
        template("two iters have this key"),
        template("give each its own key"),
    ),
    IterFault.EMPTY_RANGE: (template("is below min_amount: nothing would ever match"), ""),
    IterFault.NO_HOURS: (template("{given!r} are no hours"), template('write "08:30-21:00"')),
    IterFault.HOURS_BACKWARDS: (template("{given!r} end before they begin"), ""),
    AssignmentFault.NO_USER: (
        template("{login} is no user"),
        template("`incasso users` lists them"),
    ),
    AssignmentFault.NOT_OF_A_CLIENT: (
        template("says something about installments, and clients are assigned"),
        template("leave it out"),
    ),
    **PROVIDER_FAULTS,
    OutcomeFault.NOT_NAMED: (
        template("is missing"),
        template("name it, or choose another `then`"),
    ),
    OutcomeFault.NO_USE: (
        template("has no use here"),
        template('write then = "{then}", or leave {name} out'),
    ),
    OutcomeFault.NO_KEY: (template("is no key"), template("letters, digits, - and _ only")),
    OutcomeFault.SAME_END: (template("{end} stands there twice"), template("leave one out")),
}
"""Message and cure of each code."""


def worded(wrong: Wrong) -> Wrong:
    """The same with words; what every file can have wrong has its own."""
    if wrong.message:
        return msgspec.structs.replace(
            wrong, message=_brief(wrong.message), hint=_brief(wrong.hint)
        )
    message, hint = FAULTS[wrong.code]
    cure: str = Text(hint, wrong.values) if hint else ""
    if known := wrong.values.get("known"):
        cure = nearest(wrong.values["name"], known)
    said = _brief(Text(message, wrong.values))
    return msgspec.structs.replace(wrong, message=said, hint=_brief(cure))


LONGEST_SHOWN: Final = 200
"""Letters of a key or value that a sentence repeats."""


def _start(given: str) -> str:
    return given if len(given) <= LONGEST_SHOWN else f"{given[:LONGEST_SHOWN]}…"


def _brief(said: str) -> str:
    """The same sentence, where what somebody wrote into the file is repeated only so far."""
    if not isinstance(said, Text):
        return said
    values = {
        name: _start(value) if type(value) is str else value for name, value in said.values.items()
    }
    return Text(said.template, values, said.plural, said.context)


def problem_of(wrong: Wrong, file: str, code: str) -> Problem:
    """The same in the words of the contract, with its file."""
    said = worded(wrong)
    field = text("{file}: {key}", file=file, key=said.key) if said.key else file
    return Problem(code=code, field=field, message=said.message, hint=said.hint)


def iter_problem_text(problem: IterProblem) -> Text:
    """One line: file, place, what is wrong, and the cure."""
    said = worded(problem.wrong)
    return problem_line(problem.file, _place(problem), said.message, said.hint)


def _place(problem: IterProblem) -> list[Text]:
    places = (
        (problem.iter, text("iter {key}", key=_start(problem.iter))),
        (problem.stage, text("stage {key}", key=_start(problem.stage))),
        (problem.wrong.key, text("key {key}", key=_start(problem.wrong.key))),
    )
    return [said for given, said in places if given]


def provider_problem_text(problem: ProviderProblem) -> Text:
    """One line: file, table, key, what is wrong, and the cure."""
    said = worded(problem.wrong)
    places = [text("key {key}", key=_start(said.key))] if said.key else []
    name = _start(problem.name)
    if problem.table == "provider":
        places.insert(0, text("provider {key}", key=name))
    elif problem.table:
        places.insert(0, text("price list {key}", key=name))
    return problem_line(problem.file, places, said.message, said.hint)


def outcome_problem_text(file: str, wrong: Wrong) -> Text:
    """The same of a table of outcomes."""
    said = worded(wrong)
    places = [text("key {key}", key=_start(said.key))] if said.key else []
    return problem_line(file, places, said.message, said.hint)
