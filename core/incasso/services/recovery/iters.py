"""Iters in and out as files: import publishes what changed, export writes it back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import Connection

from incasso.contract.errors import IncassoError
from incasso.contract.settings import Wrong
from incasso.contract.text import lines, text
from incasso.domain.acts.work import Work
from incasso.domain.office.actor import Actor
from incasso.domain.recovery.facts import Rulebook
from incasso.domain.recovery.iter_export import write_iter_file
from incasso.domain.recovery.iter_file import IterFile, IterProblem, read_iter_file
from incasso.domain.recovery.iters import Iter
from incasso.locale.file_problems import iter_problem_text
from incasso.locale.system_words import system_words
from incasso.messages import builtin_templates
from incasso.services.office.actors import admit
from incasso.services.office.office import Office
from incasso.services.recovery.preview import rules_with
from incasso.services.sending.texts import published_texts
from incasso.store.ledger import totals
from incasso.store.proof import journal
from incasso.store.recovery import agenda, contacts
from incasso.store.recovery import iters as store


class IterFileError(IncassoError):
    """The iter file has problems; nothing of it was published."""

    def __init__(self, problems: Sequence[IterProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__(lines(map(iter_problem_text, problems)))


@dataclass(frozen=True, kw_only=True)
class ImportReport:
    """What an import changed."""

    published: tuple[tuple[str, int], ...] = ()
    """New versions: iter and number."""
    unchanged: tuple[str, ...] = ()
    exclusions: bool = False
    contact_policy: bool = False
    outcomes: bool = False
    """Whether these changed."""
    looking_again: int = 0
    """Installments that the next plan looks at because of it."""

    @property
    def changed(self) -> bool:
        """Whether anything is different now."""
        return bool(self.published or self.exclusions or self.contact_policy or self.outcomes)


def read_file(office: Office, path: Path) -> IterFile:
    """Read and check an iter file against the hub's templates. Raises IterFileError."""
    try:
        given = path.read_text("utf-8-sig")
    except OSError as error:
        raise _refused(path.name, system_words(error)) from None
    except UnicodeDecodeError:
        raise _refused(path.name, text("the file is not UTF-8"), text("save it as UTF-8")) from None
    with office.store.read() as connection:
        known = {key for key, _ in published_texts(connection)}
    known |= {template.key for template in builtin_templates()}
    read = read_iter_file(given, path.name, templates=known)
    if read.problems:
        raise IterFileError(read.problems)
    return read


def only_iter(given: str, file: str) -> Iter:
    """The iter of a file that holds a single one, as a case's own course. Raises IterFileError.

    The case has been through something before: its first stage may be counted from that.
    """
    read = read_iter_file(given, file, follows=True)
    if read.problems:
        raise IterFileError(read.problems)
    if len(read.iters) != 1:
        message = text("the file has {count} iters", count=len(read.iters))
        raise _refused(file, message, text("leave the one whose stages to use"))
    return read.iters[0]


def import_file(office: Office, actor: Actor, path: Path, *, on: date) -> ImportReport:
    """Publish the iters of a file, and its exclusions and contact policy if it has them.

    A version never changes: an iter that differs from its published version gets a new one, an
    identical one gets none. Running cases keep their version. Raises IterFileError with every
    problem; then nothing is published.
    """
    return publish(office, actor, read_file(office, path), on=on)


def would_publish(office: Office, actor: Actor, read: IterFile) -> ImportReport:
    """What `publish` would change; nothing is written. Raises ActorError for who may not."""
    with office.store.read() as connection:
        admit(connection, actor, Work.ITERS)
        in_force = store.read_rules(connection)
        settings = _changing(connection, read, in_force)
    before = {version.iter.key: version for version in in_force.iters}
    after = {version.iter.key: version for version in rules_with(in_force, read).iters}
    keys = [one.key for one in read.iters]
    return ImportReport(
        published=tuple((key, after[key].number) for key in keys if after[key] != before.get(key)),
        unchanged=tuple(key for key in keys if after[key] == before.get(key)),
        **settings,
    )


def _changing(connection: Connection, read: IterFile, in_force: Rulebook) -> dict[str, bool]:
    """Which settings of the office the file changes."""
    return {
        "exclusions": read.exclusions not in (None, in_force.exclusions),
        "contact_policy": read.policy not in (None, in_force.policy),
        "outcomes": read.outcomes not in ((), contacts.outcomes(connection)),
    }


def publish(office: Office, actor: Actor, read: IterFile, *, on: date) -> ImportReport:
    """Publish what a file said; see `import_file`."""
    with office.store.write() as connection:
        by = admit(connection, actor, Work.ITERS).name
        in_force = store.read_rules(connection)
        numbers = {
            one.key: store.publish(connection, one, at=office.now(), by=by) for one in read.iters
        }
        report = ImportReport(
            published=tuple((key, number) for key, number in numbers.items() if number),
            unchanged=tuple(key for key, number in numbers.items() if not number),
            **_changing(connection, read, in_force),
        )
        if report.exclusions:
            store.save_setting(connection, "exclusions", read.exclusions)
        if report.contact_policy:
            store.save_setting(connection, "contact_policy", read.policy)
        if report.outcomes:
            store.save_setting(connection, contacts.OUTCOMES, read.outcomes)
        looking = _review(connection, report, on)
        if report.published:
            totals.bills_changed(connection, on)
        if report.changed:
            facts = {
                "published": dict(report.published),
                "exclusions": report.exclusions,
                "contact_policy": report.contact_policy,
                "outcomes": report.outcomes,
            }
            event = journal.Event(kind="iters.published", actor=by, on=on, facts=facts)
            journal.record(connection, [event], at=office.now())
    return ImportReport(**{**vars(report), "looking_again": looking})


def _review(connection: Connection, report: ImportReport, on: date) -> int:
    """Running cases keep their version, but exclusions and the contact policy hold for all."""
    if report.exclusions or report.contact_policy:
        return agenda.review_all(connection, on)
    return agenda.review_uncased(connection, on) if report.published else 0


def export(office: Office, keys: Collection[str] = ()) -> str:
    """The published iters as one file, byte for byte the same for the same iters.

    With keys only those; without, the exclusions and the contact policy too. Raises LookupError
    for a key that is not published.
    """
    with office.store.read() as connection:
        rules = store.read_rules(connection)
        own = contacts.own_outcomes(connection)
    chosen: list[Iter] = [version.iter for version in rules.iters]
    if not keys:
        return write_iter_file(chosen, rules.exclusions, rules.policy, own)
    missing = sorted(set(keys) - {one.key for one in chosen})
    if missing:
        raise LookupError(text("No published iter is called {names}", names=list(missing)))
    return write_iter_file([one for one in chosen if one.key in keys])


def _refused(file: str, message: str, hint: str = "") -> IterFileError:
    wrong = Wrong(key="", code="refused", message=message, hint=hint)
    return IterFileError([IterProblem(file=file, wrong=wrong)])
