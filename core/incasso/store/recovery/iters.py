"""Published iters and the office's rules in the database; versions never change."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.contract.errors import IncassoError
from incasso.contract.text import Text, text
from incasso.domain.recovery.contact_policy import DEFAULT_POLICY, ContactPolicy
from incasso.domain.recovery.exclusions import NOTHING_EXCLUDED, Exclusions
from incasso.domain.recovery.facts import Rulebook, Version
from incasso.domain.recovery.iters import Iter, Stage
from incasso.domain.recovery.states import IterStatus
from incasso.store.proof.sealed_rows import SETTINGS
from incasso.store.tables.office import office_settings
from incasso.store.tables.recovery import iter_versions, iters
from incasso.store.written_rows import written


class SpoiltRulesError(IncassoError):
    """What the office published cannot be read any more: somebody changed the database."""


_PLACE: Final = re.compile(r"`(\$[^`]*)`$")
"""Where in the value msgspec stumbled."""


def read_rules(connection: Connection) -> Rulebook:
    """What is published now: iters by priority, then key; exclusions; contact policy."""
    query = (
        sa.select(iter_versions.c.id, iter_versions.c.version, iter_versions.c.definition)
        .join(iters, iters.c.id == iter_versions.c.iter_id)
        .where(iter_versions.c.status == IterStatus.PUBLISHED)
        .order_by(iter_versions.c.priority, iters.c.key)
    )
    return Rulebook(
        iters=tuple(_version(row) for row in connection.execute(query)),
        exclusions=_setting(connection, "exclusions", Exclusions, NOTHING_EXCLUDED),
        policy=_setting(connection, "contact_policy", ContactPolicy, DEFAULT_POLICY),
    )


def versions(connection: Connection, ids: Collection[int] | None = None) -> dict[int, Version]:
    """Versions by id, published or retired; every one without ids."""
    query = sa.select(iter_versions.c.id, iter_versions.c.version, iter_versions.c.definition)
    if ids is not None:
        query = query.where(iter_versions.c.id.in_(ids))
    return {row.id: _version(row) for row in connection.execute(query)}


def stages_from(value: Any) -> tuple[Stage, ...] | None:
    """A case's private stages as kept in the database."""
    if value is None:
        return None
    stages: tuple[Stage, ...] = _read_as(tuple[Stage, ...], value, text("the stages of a case"))
    return stages


def publish(connection: Connection, new: Iter, *, at: datetime, by: str) -> int | None:
    """Publish a new version of an iter; the ones before it retire. Its number.

    None if the published version is identical: nothing is written then.
    """
    iter_id = _iter_id(connection, new)
    definition = _kept(new)
    last = connection.execute(
        sa.select(iter_versions.c.version, iter_versions.c.status, iter_versions.c.definition)
        .where(iter_versions.c.iter_id == iter_id)
        .order_by(iter_versions.c.version.desc())
        .limit(1)
    ).one_or_none()
    # As values: what was not said and what says the default are kept in two ways.
    if (
        last is not None
        and last.status == IterStatus.PUBLISHED
        and msgspec.convert(last.definition, Iter) == new
    ):
        return None
    retire = sa.update(iter_versions).where(iter_versions.c.iter_id == iter_id)
    retired = retire.values(status=IterStatus.RETIRED).returning(iter_versions.c.id)
    for other in connection.scalars(retired):
        written(connection, iter_versions.name, other)
    number = 1 if last is None else last.version + 1
    insert = sa.insert(iter_versions).values(
        iter_id=iter_id,
        version=number,
        status=IterStatus.PUBLISHED,
        priority=new.priority,
        definition=definition,
        published_at=at,
        published_by=by,
    )
    made = connection.execute(insert.returning(iter_versions.c.id)).scalar_one()
    written(connection, iter_versions.name, made)
    return number


def save_setting(connection: Connection, key: str, value: Any) -> None:
    """Keep an office setting."""
    table, kept = office_settings, _kept(value)
    update = sa.update(table).where(table.c.key == key).values(value=kept)
    if not connection.execute(update).rowcount:
        connection.execute(sa.insert(table).values(key=key, value=kept))
    if key in SETTINGS:
        written(connection, table.name, key)


def _kept(value: Any) -> Any:
    """A value exactly as a JSON column gives it back, so that equal ones compare equal."""
    return msgspec.json.decode(msgspec.json.encode(value))


def _version(row: Any) -> Version:
    named = row.definition.get("key", "") if isinstance(row.definition, dict) else ""
    what = text("version {n} of the iter {key}", n=row.version, key=named)
    return Version(id=row.id, number=row.version, iter=_read_as(Iter, row.definition, what))


def _read_as(kind: Any, kept: Any, what: Text) -> Any:
    """What was kept. Raises SpoiltRulesError."""
    try:
        return msgspec.convert(kept, kind)
    except msgspec.ValidationError as error:
        place = _PLACE.search(str(error))
        raise SpoiltRulesError(
            text(
                "{what} cannot be read as it stands in the database ({place}): somebody changed it "
                "beside the hub. Put back a backup, or write the row as it was: `incasso verify` "
                "says what was altered.",
                what=what,
                place=place[1] if place else "$",
            )
        ) from None


def _iter_id(connection: Connection, new: Iter) -> int:
    found = connection.execute(sa.select(iters.c.id, iters.c.label).where(iters.c.key == new.key))
    row = found.one_or_none()
    if row is None:
        made = sa.insert(iters).values(key=new.key, label=new.label).returning(iters.c.id)
        return int(connection.execute(made).scalar_one())
    if row.label != new.label:
        connection.execute(sa.update(iters).where(iters.c.id == row.id).values(label=new.label))
    return int(row.id)


def _setting(connection: Connection, key: str, kind: type[Any], default: Any) -> Any:
    query = sa.select(office_settings.c.value).where(office_settings.c.key == key)
    found = connection.execute(query).one_or_none()
    if found is None:
        return default
    return _read_as(kind, found.value, text("the setting {name}", name=key))


def stage_labels(connection: Connection) -> dict[str, str]:
    """What the office calls each stage of its iters, by key; the newest version's word counts."""
    found: dict[str, str] = {}
    for definition in connection.scalars(
        sa.select(iter_versions.c.definition).order_by(iter_versions.c.id)
    ):
        for stage in definition.get("stages", ()):
            found[stage["key"]] = stage.get("label") or stage["key"]
    return found
