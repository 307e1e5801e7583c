"""The stage a step carries out: its iter's, or the case's own copy where a person changed it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sqlalchemy import Connection

from incasso.domain.recovery.iters import Stage
from incasso.store.recovery.iters import stages_from, versions
from incasso.store.sending import page_reads


class StageOfStep(Protocol):
    """Which stage of which version a step carries out."""

    @property
    def step_id(self) -> int:
        """The step."""

    @property
    def iter_version_id(self) -> int | None:
        """The version of its iter; null: a task outside every iter."""

    @property
    def stage(self) -> str:
        """The key of the stage."""


def stages_of(connection: Connection, steps: Sequence[StageOfStep]) -> dict[int, Stage]:
    """The stages by step. A step by hand has a bare one."""
    known = versions(connection, {row.iter_version_id for row in steps if row.iter_version_id})
    private = page_reads.private_stages(connection, {row.step_id for row in steps})
    found = {}
    for row in steps:
        own = stages_from(private.get(row.step_id)) or ()
        of_iter = known[row.iter_version_id].iter.stages if row.iter_version_id else ()
        stages = (*own, *of_iter)
        bare = Stage(key=row.stage)
        found[row.step_id] = next((each for each in stages if each.key == row.stage), bare)
    return found
