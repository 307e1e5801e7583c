"""The table of outcomes in and out as a file."""

from __future__ import annotations

from datetime import date

from incasso.contract.errors import IncassoError
from incasso.contract.text import lines
from incasso.domain.acts.work import Work
from incasso.domain.office.actor import Actor
from incasso.domain.placement.outcome_file import read_outcomes, write_outcomes
from incasso.locale.file_problems import outcome_problem_text
from incasso.services.office.actors import admit
from incasso.services.office.office import Office
from incasso.store.placement import outcomes
from incasso.store.proof import journal
from incasso.store.proof.journal import Event


class OutcomeFileError(IncassoError):
    """The file has problems; nothing of it was published."""


def import_outcomes(office: Office, actor: Actor, given: str, file: str, on: date) -> bool:
    """Publish the table; whether anything changed. Raises OutcomeFileError, ActorError."""
    rules, wrong = read_outcomes(given)
    if wrong:
        raise OutcomeFileError(lines(outcome_problem_text(file, each) for each in wrong))
    with office.store.write() as connection:
        who = admit(connection, actor, Work.OUTCOMES)
        if not outcomes.publish(connection, rules):
            return False
        facts = {"ends": [each.end.value for each in rules]}
        event = Event(kind="outcomes.published", actor=who.name, on=on, facts=facts)
        journal.record(connection, [event], at=office.now())
    return True


def export_outcomes(office: Office) -> str:
    """The table in force, byte for byte the same for the same rules."""
    with office.store.read() as connection:
        return write_outcomes(outcomes.rules(connection))
