"""The office's texts by key, language and version; a published version never changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import ColumnElement, Connection, select

from incasso.domain.sending.texts import TextStatus
from incasso.store.records import columns_of, maybe_record, records
from incasso.store.tables.sending import templates
from incasso.store.written_rows import written

BUILT_IN = "incasso"
"""Who made the texts that ship with the hub."""


class StoredTemplate(msgspec.Struct, frozen=True):
    """One version of one text; `parts` are its subject, text, html, letter and short."""

    key: str
    language: str
    version: int
    status: TextStatus
    parts: Mapping[str, str]
    made_by: str


def published(connection: Connection, key: str, language: str) -> StoredTemplate | None:
    """The version that messages are written with now; None if the office has none."""
    query = _VERSIONS.where(*_text(key, language), _IN_USE)
    return maybe_record(connection, StoredTemplate, query)


def all_published(connection: Connection) -> tuple[StoredTemplate, ...]:
    """Every text in use, by key and language."""
    query = _VERSIONS.where(_IN_USE).order_by(templates.c.key, templates.c.language)
    return tuple(records(connection, StoredTemplate, query))


def versions(connection: Connection, key: str, language: str) -> tuple[StoredTemplate, ...]:
    """Every version of one text, newest first."""
    query = _VERSIONS.where(*_text(key, language)).order_by(templates.c.version.desc())
    return tuple(records(connection, StoredTemplate, query))


def save_draft(
    connection: Connection,
    key: str,
    language: str,
    parts: Mapping[str, str],
    *,
    by: str,
    at: datetime,
) -> int:
    """Saves a draft; one per key and language, saving again replaces it."""
    newest = next(iter(versions(connection, key, language)), None)
    made = {"parts": dict(parts), "made_by": by, "made_at": at}
    if newest is not None and newest.status == TextStatus.DRAFT:
        connection.execute(templates.update().where(*_version(key, language, newest.version)), made)
        return newest.version
    version = 1 if newest is None else newest.version + 1
    connection.execute(
        templates.insert(),
        {"key": key, "language": language, "version": version, "status": TextStatus.DRAFT, **made},
    )
    return version


def publish_draft(connection: Connection, key: str, language: str) -> int:
    """Publishes the draft and retires the previous version. Raises LookupError without a draft."""
    newest = next(iter(versions(connection, key, language)), None)
    if newest is None or newest.status != TextStatus.DRAFT:
        raise LookupError(f"no draft of {key} ({language}) to publish")
    retire = templates.update().where(*_text(key, language), _IN_USE)
    publish = templates.update().where(*_version(key, language, newest.version))
    for change, status in ((retire, TextStatus.RETIRED), (publish, TextStatus.PUBLISHED)):
        for changed in connection.scalars(change.values(status=status).returning(templates.c.id)):
            written(connection, templates.name, changed)
    return newest.version


def install(
    connection: Connection,
    built_in: Iterable[tuple[str, str, Mapping[str, str]]],
    *,
    at: datetime,
) -> int:
    """Publish the texts that ship with the hub; how many were new or better.

    A text that the office has ever written itself is not changed, nor is an unfinished draft.
    """
    installed = 0
    for key, language, parts in built_in:
        known = versions(connection, key, language)
        ours = all(each.made_by == BUILT_IN for each in known)
        if ours and (not known or known[0].parts != parts):
            save_draft(connection, key, language, parts, by=BUILT_IN, at=at)
            publish_draft(connection, key, language)
            installed += 1
    return installed


def languages_of(connection: Connection) -> Mapping[str, frozenset[str]]:
    """Per key, the languages it is published in: what a message's language is chosen from."""
    rows = connection.execute(select(templates.c.key, templates.c.language).where(_IN_USE))
    found: dict[str, set[str]] = {}
    for key, language in rows:
        found.setdefault(key, set()).add(language)
    return {key: frozenset(each) for key, each in found.items()}


_VERSIONS: Final = select(*columns_of(StoredTemplate, templates))
_IN_USE: Final = templates.c.status == TextStatus.PUBLISHED


def _text(key: str, language: str) -> tuple[ColumnElement[bool], ...]:
    return (templates.c.key == key, templates.c.language == language)


def _version(key: str, language: str, version: int) -> tuple[ColumnElement[bool], ...]:
    return (*_text(key, language), templates.c.version == version)
