"""Handing a lot over, request by request, each of them once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, BinaryIO, Final
from urllib.parse import quote

from incasso.api import (
    Batch,
    CallContext,
    HttpResponse,
    OutcomeUnknownError,
    PlacementRef,
    PlacementUpdate,
    PluginError,
    RefusalReason,
    RejectedError,
    Submitted,
    TemporaryError,
    UpdateKind,
    counted,
    text,
)
from incasso_webservice.mapping import Place, ServiceMapping
from incasso_webservice.memory import Answer, Memory, Progress
from incasso_webservice.service import Service, found, found_text, read
from incasso_webservice.writing import Line, lines

_RESERVE: Final = timedelta(seconds=45)
"""So much of the call's time is left for the last request and its answer."""
_NOT_FOUND: Final = 404
_WORDS: Final = 40


class Placing:
    """The requests of one mapping to one service."""

    def __init__(self, service: Service, mapping: ServiceMapping) -> None:
        self._service = service
        self._mapping = mapping

    def submit(self, batch: Batch, source: BinaryIO, ctx: CallContext) -> Submitted:
        """All requests that were not answered yet. Raises TemporaryError where time ends."""
        memory = Memory(ctx, batch.id)
        if not memory.finished:
            memory.sweep()
            count = sum(1 for _ in source)
            source.seek(0)
            done = self._settled(memory, ctx)
            for number, line in enumerate(lines(source), start=1):
                if number > done:
                    self._in_time(ctx, number - 1, count)
                    self._request(batch, memory, number, count, line, ctx)
            memory.finish()
        return _receipt(batch, memory, ctx)

    def find(self, batch: Batch, ctx: CallContext) -> Submitted | None:
        """Whether all of it was taken: as remembered, and asked where an answer was lost."""
        memory = Memory(ctx, batch.id)
        if not memory.finished:
            done = self._settled(memory, ctx)
            progress = memory.progress()
            if progress is None or progress.in_doubt or done < progress.of:
                return None
            memory.finish()
        return _receipt(batch, memory, ctx)

    def _settled(self, memory: Memory, ctx: CallContext) -> int:
        """How many requests are answered, after asking about one whose answer was lost."""
        progress = memory.progress()
        if progress is None or not progress.in_doubt:
            return 0 if progress is None else progress.done
        if self._mapping.place.key_header:
            return progress.done  # the same key again is the same claim
        known = self._known(progress.name, ctx)
        if known is None:
            memory.undo(progress)
            return progress.done
        memory.done(progress.begun, progress.of, (known,))
        return progress.begun

    def _known(self, ours: str, ctx: CallContext) -> Answer | None:
        find = self._mapping.find
        if find is None:
            raise OutcomeUnknownError
        path = find.path.replace("{placement}", quote(ours, safe=""))
        answer = self._service.get(ctx, path, returns=(_NOT_FOUND,))
        if answer.status == _NOT_FOUND:
            return None
        return Answer(
            ours=ours, at=ctx.now(), on=ctx.on, theirs=found_text(read(answer), find.id)[:128]
        )

    def _request(
        self,
        batch: Batch,
        memory: Memory,
        number: int,
        count: int,
        line: Line,
        ctx: CallContext,
    ) -> None:
        memory.begin(number, count, line.placements[0])
        try:
            answers = self._answered(f"{batch.id}-{number}", line, ctx)
        except OutcomeUnknownError:
            raise
        except PluginError as error:
            memory.undo(Progress(done=number - 1, begun=number, of=count))
            if number > 1 and isinstance(error, RejectedError):
                raise TemporaryError(_half_way(number - 1, count, str(error))) from None
            raise
        memory.done(number, count, answers)

    def _answered(self, key: str, line: Line, ctx: CallContext) -> tuple[Answer, ...]:
        place = self._mapping.place
        headers = {place.key_header: key} if place.key_header else {}
        several = bool(place.batch)
        answer = self._service.post(
            ctx,
            place.path,
            bytes(line.body),
            headers,
            returns=() if several else place.refused_with,
        )
        if several:
            return tuple(_of_several(place, line, read(answer, effect=True), ctx))
        return (_of_one(place, line.placements[0], answer, ctx),)

    def _in_time(self, ctx: CallContext, done: int, count: int) -> None:
        if ctx.deadline - ctx.now() < _RESERVE:
            raise TemporaryError(_half_way(done, count, text("the time of one call is over")))


def _half_way(done: int, count: int, why: str) -> str:
    return text(
        "{done} of {count} requests are answered, the next call goes on there: {why}",
        done=done,
        count=count,
        why=why,
    )


def _of_one(place: Place, ours: str, answer: HttpResponse, ctx: CallContext) -> Answer:
    if answer.status not in place.refused_with:
        return _taken(place, ours, read(answer, effect=True), ctx)
    try:
        said = read(answer)
    except TemporaryError:
        said = None
    if not isinstance(said, dict):
        told = text("the service answers {status}, without a reason", status=answer.status)
        raise RejectedError(told, code=str(answer.status))
    return _refused(place, ours, said, ctx)


def _of_several(place: Place, line: Line, said: Any, ctx: CallContext) -> Iterator[Answer]:
    answers = found(said, place.answers)
    by_ours = {
        found_text(each, place.ours): each
        for each in (answers if isinstance(answers, list) else ())
    }
    if missing := [each for each in line.placements if each not in by_ours]:
        names = ", ".join(missing[:5])
        told = text("the service's answer does not say what became of {names}", names=names)
        raise OutcomeUnknownError(told)
    for ours in line.placements:
        one = by_ours[ours]
        refused = found_text(one, place.error) and not found_text(one, place.id)
        yield (_refused if refused else _taken)(place, ours, one, ctx)


def _taken(place: Place, ours: str, said: Any, ctx: CallContext) -> Answer:
    theirs = found_text(said, place.id)
    if not theirs:
        raise OutcomeUnknownError(text("the service's answer has no “{place}”", place=place.id))
    return Answer(ours=ours, at=ctx.now(), on=ctx.on, theirs=theirs[:128])


def _refused(place: Place, ours: str, said: Any, ctx: CallContext) -> Answer:
    code = found_text(said, place.error)
    reason = place.errors.get(code, RefusalReason.OTHER.value)
    words = ": ".join(filter(None, (code, found_text(said, place.error_text))))
    return Answer(ours=ours, at=ctx.now(), on=ctx.on, reason=reason, words=words[:_WORDS])


def _receipt(batch: Batch, memory: Memory, ctx: CallContext) -> Submitted:
    answers = memory.answers()
    return Submitted(
        ref=batch.id,
        at=ctx.now(),
        note=counted("{n} placement answered", "{n} placements answered", n=len(answers)),
        updates=tuple(_update(batch, each) for each in answers),
    )


def _update(batch: Batch, answer: Answer) -> PlacementUpdate:
    kind = UpdateKind.REFUSED if answer.reason else UpdateKind.ACKNOWLEDGED
    return PlacementUpdate(
        placement=PlacementRef(ours=answer.ours, theirs=answer.theirs),
        update_id=f"{batch.id}-{answer.ours}-{kind}",
        at=answer.at,
        on=answer.on,
        kind=kind,
        refused=RefusalReason(answer.reason) if answer.reason else None,
        text=answer.words,
    )
