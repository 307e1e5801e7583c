"""What would become of a file, before it is sent: the same reading and matching, nothing kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection

from incasso.contract.errors import RejectedError
from incasso.contract.exchange import ReturnSheet
from incasso.domain.acts.work import Work
from incasso.domain.office.actor import Actor
from incasso.domain.placement.problems import ReturnProblem
from incasso.domain.placement.states import ArrivalState
from incasso.locale.returns import refusal_text
from incasso.plugins.handles import ProviderHandle
from incasso.services.hub.hub import Hub
from incasso.services.office.actors import admit
from incasso.services.placement.carriers import need_carrier
from incasso.services.placement.evidence import Evidence
from incasso.services.placement.fates import Fate, Moment, Origin, RowFate, count
from incasso.services.placement.file_checks import (
    FileProblem,
    gap,
    head_problem,
    total_problem,
)
from incasso.services.placement.take_file import FileReport, lines_of, read_whole
from incasso.services.placement.take_page import take_page
from incasso.store.placement import arrivals

_CHUNK = 1 << 20


class _UndoneError(Exception):
    """Raised to roll back what was only tried."""


def check_file(hub: Hub, actor: Actor, provider: str, path: Path, on: date) -> FileReport:
    """Say what becomes of every row; the database stays as it is.

    Other writers wait meanwhile. Raises ActorError, ConfigurationError, OSError, and errors of the
    plugin.
    """
    with hub.store.read() as connection:
        admit(connection, actor, Work.EXCHANGE)
    handle = need_carrier(hub, provider)
    sha256 = _digest(path)
    with hub.store.read() as connection:
        known = arrivals.known(connection, provider, sha256)
    if known is not None and known.state is not ArrivalState.READING:
        return FileReport(
            provider=provider,
            name=path.name,
            state=known.state,
            repeated=True,
            rows=known.rows,
            counts={each.value: getattr(known, each.value) for each in Fate},
        )
    return _Checking(hub, handle, provider, path, on).report(sha256)


class _Checking:
    def __init__(
        self, hub: Hub, handle: ProviderHandle, provider: str, path: Path, on: date
    ) -> None:
        self._hub, self._handle, self._provider = hub, handle, provider
        self._path, self._on = path, on
        self._sheet = ReturnSheet()

    def report(self, sha256: str) -> FileReport:
        """The file as a whole, then its rows."""
        problem = self._unfit()
        if problem is not None:
            return self._said(ArrivalState.REFUSED, problem, [])
        fates: list[RowFate] = []
        try:
            with self._hub.store.write() as connection:
                fates += self._tried(connection, sha256)
                raise _UndoneError
        except _UndoneError:
            pass
        with self._hub.store.read() as connection:
            missing = gap(connection, self._provider, self._sheet)
        return self._said(ArrivalState.TAKEN, missing, fates)

    def _unfit(self) -> FileProblem | None:
        def opened() -> BinaryIO:
            return self._path.open("rb")

        try:
            with opened() as source:
                self._sheet = self._handle.identify(self._path.name, source, self._on)
            with self._hub.store.read() as connection:
                found = head_problem(connection, self._provider, self._sheet)
            if found is not None:
                return found
            whole = read_whole(self._handle, self._path.name, opened, self._on)
            return total_problem(self._sheet, whole)
        except RejectedError as error:
            return FileProblem(ReturnProblem.WRONG_FORM, {"problem": str(error)})

    def _tried(self, connection: Connection, sha256: str) -> Iterator[RowFate]:
        origin = Origin(provider=self._provider, sha256=sha256, file=self._path.name)
        moment = Moment(on=self._on, at=self._hub.now())
        with self._path.open("rb") as source:
            for page in self._handle.read(self._path.name, source, self._on):
                lines = lines_of(page)
                evidence = Evidence(None, [item for _, item in lines])
                yield from take_page(self._hub, connection, origin, lines, evidence, moment)

    def _said(
        self, state: ArrivalState, problem: FileProblem | None, fates: list[RowFate]
    ) -> FileReport:
        counts = count(fates)
        return FileReport(
            provider=self._provider,
            name=self._path.name,
            state=state,
            rows=len(fates),
            counts={each.value: counts[each] for each in Fate},
            problem=problem.problem if problem else None,
            message=refusal_text(*problem) if problem else "",
            fates=fates,
        )


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as source:
        while block := source.read(_CHUNK):
            digest.update(block)
    return digest.hexdigest()
