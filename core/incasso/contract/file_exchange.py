"""What every provider plugin does alike that exchanges files through a folder.

Inherit `FolderExchange`, set `folder`, and write only the form: `provider_prepare_lot`,
`provider_identify`, `provider_read`, and what else the form carries.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from shutil import copyfileobj
from typing import BinaryIO, Final

from incasso.contract.capabilities import (
    FULL,
    IMPOSSIBLE,
    Capability,
    Declared,
    ProviderCapability,
    Support,
)
from incasso.contract.context import CallContext
from incasso.contract.errors import OutcomeUnknownError, TemporaryError
from incasso.contract.exchange import Arrival, Batch, Settled, Submitted
from incasso.contract.folder_login import FolderLogin
from incasso.contract.folders import ExchangeFolder
from incasso.contract.hooks import hookimpl
from incasso.contract.text import text
from incasso.contract.values import CheckReport, Page

_NEVER: Final = frozenset(
    {ProviderCapability.QUOTE, ProviderCapability.PULL, ProviderCapability.CALLBACKS}
)
BY_FILES: Final[Mapping[Capability, Declared]] = {
    **{each: IMPOSSIBLE if each in _NEVER else FULL for each in ProviderCapability},
    ProviderCapability.FIND: Declared(
        support=Support.PARTIAL,
        note=text("a file that the agency has taken away is in doubt; by mail nobody can tell"),
    ),
}
"""What a plugin declares whose form carries every kind of message."""

_BEGUN: Final = "begun"
_REMEMBERED: Final = 60
"""Batches; nobody looks for one that left so many batches ago."""
_AT_ONCE: Final = 100
"""Files claimed at one look; the others wait for the next."""


class FolderExchange:
    """The hooks of a provider that have to do with the folder and not with what files hold."""

    folder: FolderLogin

    @hookimpl
    def instance_check(self, ctx: CallContext) -> CheckReport:
        """Reaches the folder; says how many files wait."""
        found = ctx.folder(self.folder).check()
        return CheckReport(
            remote_identity=found.identity, facts=found.facts, warnings=found.warnings
        )

    @hookimpl
    def provider_submit(self, batch: Batch, source: BinaryIO, ctx: CallContext) -> Submitted:
        """Lays the file into the folder, whole or not at all; the same bytes twice are one file."""
        place = ctx.folder(self.folder)
        if ctx.dry_run:
            place.check()
        else:
            _remember(batch, ctx)
            place.put(batch.filename, source)
        return Submitted(ref=batch.filename[:128], at=ctx.now())

    @hookimpl
    def provider_find(self, batch: Batch, ctx: CallContext) -> Submitted | None:
        """Looks for the file. One that is gone may have been taken away: then nobody can tell."""
        if ctx.folder(self.folder).find(batch.filename) is not None:
            return Submitted(ref=batch.filename[:128], at=ctx.now())
        kept = ctx.state.get(_BEGUN)
        if kept is None or batch.id not in kept.value.split("\n"):
            return None
        raise OutcomeUnknownError(
            text(
                "{file} is not in the folder: it may never have been laid there, or the provider "
                "has taken it away already; ask the provider",
                file=batch.filename,
            )
        )

    @hookimpl
    def provider_arrivals(self, ctx: CallContext) -> Iterator[Page[Arrival]]:
        """Claims the files that wait; what was left alone is among the warnings."""
        place = ctx.folder(self.folder)
        items = tuple(_claimed(place))
        yield Page(items=items, warnings=place.remarks())

    @hookimpl
    def provider_open(self, arrival: Arrival, sink: BinaryIO, ctx: CallContext) -> None:
        """Copies a claimed file. Raises RejectedError for one that cannot be trusted."""
        claim = ctx.folder(self.folder).claimed(arrival.identity)
        if claim is None:
            raise TemporaryError(text("{file} is being read by another process", file=arrival.name))
        with claim.open() as content:
            copyfileobj(content, sink)

    @hookimpl
    def provider_settle(self, arrival: Arrival, settled: Settled, ctx: CallContext) -> None:
        """Puts it among the files that are done, or among the refused."""
        claim = ctx.folder(self.folder).claimed(arrival.identity)
        if claim is None:
            return
        if settled is Settled.REFUSED:
            claim.refused(text("nothing in this file could be used; see our answer"))
        else:
            claim.done()


def _claimed(place: ExchangeFolder) -> Iterator[Arrival]:
    count = 0
    for file in place.arrived():
        if (claim := place.claim(file)) is None:
            continue
        yield Arrival(name=file.name, identity=claim.token, size=file.size, at=file.at)
        count += 1
        if count == _AT_ONCE:
            return


def _remember(batch: Batch, ctx: CallContext) -> None:
    """That this batch may be in the folder from now on. Raises TemporaryError."""
    for _ in range(20):
        kept = ctx.state.get(_BEGUN)
        begun = kept.value.split("\n") if kept else []
        if batch.id in begun:
            return
        if ctx.state.swap(_BEGUN, "\n".join([*begun, batch.id][-_REMEMBERED:]), seen=kept):
            return
    raise TemporaryError(text("the hub's database is busy: nothing was handed over"))
