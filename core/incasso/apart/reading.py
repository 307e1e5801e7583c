"""Ask a child to read, and take what it gives as the type that is expected."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from typing import Any, Final, TypeVar

import msgspec

from incasso.apart import pool
from incasso.apart.bounds import DOCUMENT, Bounds, crashed
from incasso.apart.frames import Frame, Job, Kind, Raised
from incasso.apart.worker import DiedError
from incasso.contract import errors as contract_errors
from incasso.contract.errors import PluginError
from incasso.contract.text_store import from_column

T = TypeVar("T")

_OF_THE_CONTRACT: Final[tuple[type[PluginError], ...]] = tuple(
    each
    for each in vars(contract_errors).values()
    if isinstance(each, type) and issubclass(each, PluginError)
)


def run(
    reader: Callable[..., T],
    *arguments: object,
    answer: Any,
    errors: Sequence[type[Exception]] = (),
    bounds: Bounds = DOCUMENT,
) -> T:
    """What `reader(*arguments)` returns, worked out in the child.

    `reader` is a function of a module, without state; its arguments are bytes, texts, numbers and
    lists of them. `answer` is the type of its result: a msgspec Struct, `bytes`, `tuple[X, ...]`.
    Raises those of `errors` and of the plugin contract that the reader raised, with their
    sentence, and ReadApartError. A child that something else ended is replaced and asked once more.
    """
    job = _job(reader, arguments, errors, bounds)
    try:
        given = _only(job, bounds, errors)
    except DiedError:
        given = _only(job, bounds, errors)
    decoded: T = _decoded(given, answer)
    return decoded


def stream(
    reader: Callable[..., Iterator[bytes]],
    *arguments: object,
    errors: Sequence[type[Exception]] = (),
    bounds: Bounds = DOCUMENT,
) -> Iterator[bytes]:
    """What `reader(*arguments)` yields, worked out in the child while the caller works.

    The time of `bounds` counts while the caller waits. Raises as `run`, in the middle if need be.
    """
    with closing(pool.frames(_job(reader, arguments, errors, bounds), bounds)) as frames:
        for frame in frames:
            _raise_if_raised(frame, errors)
            if frame.kind is Kind.ITEM:
                yield frame.body


def _job(
    reader: Callable[..., Any],
    arguments: Sequence[object],
    errors: Sequence[type[Exception]],
    bounds: Bounds,
) -> Job:
    known = (*errors, *_OF_THE_CONTRACT)
    named = f"{reader.__module__}:{reader.__qualname__}"
    return Job(named, list(arguments), bounds.megabytes, bounds.seconds, list(map(_name, known)))


def _name(of: type) -> str:
    return f"{of.__module__}:{of.__qualname__}"


def _only(job: Job, bounds: Bounds, errors: Sequence[type[Exception]]) -> bytes:
    with closing(pool.frames(job, bounds)) as frames:
        [frame] = frames
    _raise_if_raised(frame, errors)
    return frame.body


def _raise_if_raised(frame: Frame, errors: Sequence[type[Exception]]) -> None:
    if frame.kind is not Kind.RAISED:
        return
    with suppress(msgspec.MsgspecError):
        raised = msgspec.msgpack.decode(frame.body, type=Raised)
        for each in (*errors, *_OF_THE_CONTRACT):
            if _name(each) == raised.name:
                raise each(from_column(raised.message))
    raise crashed("error")


def _decoded(given: bytes, answer: Any) -> Any:
    if answer is bytes:
        return given
    try:
        return msgspec.msgpack.decode(given, type=answer)
    except (msgspec.MsgspecError, ValueError) as error:
        raise crashed(str(error)) from None
