"""The stage a step carries out: its iter's, or the case's own copy where a person changed it."""

from __future__ import annotations

from sqlalchemy import Connection

from incasso.domain.iters import Stage
from incasso.store import sending
from incasso.store.iters import stages_from, versions


def stage_of(connection: Connection, version: int, step: int, key: str) -> Stage:
    """The stage of one step; an iter version never loses a stage, so there always is one."""
    for line in sending.lines(connection, [step]).get(step, ()):
        for own in stages_from(line.private_stages) or ():
            if own.key == key:
                return own
    return versions(connection, [version])[version].iter.stage(key) or Stage(key=key)
