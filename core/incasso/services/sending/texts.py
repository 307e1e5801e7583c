"""The office's texts: install the built-in ones, hand them out, check and publish new ones."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from sqlalchemy import Connection

from incasso.contract.text import text
from incasso.domain.acts.work import Work
from incasso.domain.office.actor import Actor
from incasso.domain.sending.texts import TextStatus
from incasso.messages import Template, TemplateProblem, builtin_templates, check_templates
from incasso.messages.render import PARTS, Assumption
from incasso.services.office.actors import admit
from incasso.services.office.office import Office
from incasso.store.proof import journal
from incasso.store.sending import templates

_FIRST: Final = "first."
"""Before the name of a part in its words for a first contact."""


def install_texts(office: Office) -> int:
    """Publish the texts that ship with the hub; the office's own are never touched.

    Returns how many were new. Running it again installs nothing.
    """
    built_in = [(each.key, each.language, parts_of(each)) for each in builtin_templates()]
    with office.store.write() as connection:
        installed = templates.install(connection, built_in, at=office.now())
        if installed:
            facts = {"count": installed}
            event = journal.Event(
                kind="texts.installed", actor=templates.BUILT_IN, on=office.today(), facts=facts
            )
            journal.record(connection, [event], at=office.now())
        return installed


def published_text(connection: Connection, key: str, language: str) -> Template | None:
    """The text in use, ready to be rendered; None if the office has none."""
    found = templates.published(connection, key, language)
    return None if found is None else _template(found)


def published_texts(connection: Connection) -> Mapping[tuple[str, str], Template]:
    """Every text in use by (key, language); read once per run, not once per message."""
    found = map(_template, templates.all_published(connection))
    return {(each.key, each.language): each for each in found}


def draft_text(office: Office, actor: Actor, template: Template) -> int:
    """Saves a text as a draft, also with faults; returns its version number."""
    with office.store.write() as connection:
        by = admit(connection, actor, Work.TEXTS).name
        return templates.save_draft(
            connection,
            template.key,
            template.language,
            parts_of(template),
            by=by,
            at=office.now(),
        )


def publish_text(
    office: Office, actor: Actor, key: str, language: str, *, on: date
) -> tuple[TemplateProblem, ...]:
    """Checks the draft in every worst case and publishes it; with problems nothing changes.

    Raises LookupError without a draft.
    """
    with office.store.write() as connection:
        by = admit(connection, actor, Work.TEXTS).name
        newest = next(iter(templates.versions(connection, key, language)), None)
        if newest is None or newest.status is not TextStatus.DRAFT:
            raise LookupError(
                text("No draft of {key} ({language}) to publish", key=key, language=language)
            )
        if problems := check_templates([_template(newest)], [language]):
            return problems
        version = templates.publish_draft(connection, key, language)
        facts = {"key": key, "language": language, "version": str(version)}
        subject = f"text {key} ({language})"
        event = journal.Event(kind="text.published", actor=by, on=on, subject=subject, facts=facts)
        journal.record(connection, [event], at=office.now())
    return ()


def parts_of(template: Template) -> dict[str, str]:
    """The stored parts of a text beside its key and language, with its header."""
    words = {part: str(getattr(template, part)) for part in PARTS}
    header = {"assumes": ",".join(template.assumes)} if template.assumes else {}
    return words | header | {f"{_FIRST}{part}": own for part, own in template.first.items()}


def _template(stored: templates.StoredTemplate) -> Template:
    parts = {part: stored.parts.get(part, "") for part in PARTS}
    assumes = filter(None, stored.parts.get("assumes", "").split(","))
    return Template(
        key=stored.key,
        language=stored.language,
        **parts,
        asks_interest=None,
        adds_interest=False,
        adds_statement=False,
        assumes=tuple(map(Assumption, assumes)),
        first={
            name.removeprefix(_FIRST): own
            for name, own in stored.parts.items()
            if name.startswith(_FIRST)
        },
    )
