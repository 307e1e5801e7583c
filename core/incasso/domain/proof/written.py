"""What became of changes in the ERPs, blocks and releases, as the log of what left tells it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

import msgspec

from incasso.domain.proof.left import Fate


class Writing(msgspec.Struct, frozen=True, kw_only=True, tag_field="is", tag="writing"):
    """A change that may be made from now on: enough to write it into a database that lost it."""

    write_back: str
    kind: str
    """A `WriteBackKind`."""
    source: str
    client: str
    made_by: str
    """A login; empty: the hub by its rules."""
    block: str
    """The write-back that blocked, of this block: the block's number may be another's elsewhere."""
    reason: str
    """Of the block."""
    made_on: date
    release_when: str
    released_by: str = ""
    release_reason: str = ""
    released_on: date | None = None
    before: dict[str, str] | None = None
    """What is replaced; of a release, what is given back."""
    on: date
    at: datetime


class Written(msgspec.Struct, frozen=True, tag_field="is", tag="written"):
    """The ERP has it."""

    write_back: str
    ref: str
    before: dict[str, str]
    at: datetime


class NotWritten(msgspec.Struct, frozen=True, tag_field="is", tag="not_written"):
    """It certainly was not made this time."""

    write_back: str


class WriteAccount(msgspec.Struct, frozen=True):
    """One change and its fate; the ERP's answer if there was one."""

    writing: Writing
    fate: Fate
    written: Written | None = None
    earlier_doubt: bool = False
    """An earlier try is in doubt: that a later one did nothing says nothing about it."""


def account_writes(found: dict[str, WriteAccount], run: Iterable[object]) -> None:
    """Add the lines of one dispatch to what is found so far, by write-back. Other lines pass.

    A try without an answer is in doubt; what was written once stays written.
    """
    for line in run:
        if isinstance(line, Writing):
            _tried(found, line)
        elif isinstance(line, Written | NotWritten):
            _answered(found, line)


def _tried(found: dict[str, WriteAccount], line: Writing) -> None:
    known = found.get(line.write_back)
    if known is None:
        found[line.write_back] = WriteAccount(line, Fate.IN_DOUBT)
    elif known.fate is not Fate.LEFT:
        doubt = known.fate is Fate.IN_DOUBT
        # What the first try in doubt was about to replace is the value from before our change.
        kept = known.writing if doubt else line
        found[line.write_back] = WriteAccount(kept, Fate.IN_DOUBT, earlier_doubt=doubt)


def _answered(found: dict[str, WriteAccount], line: Written | NotWritten) -> None:
    known = found.get(line.write_back)
    if known is None or known.fate is Fate.LEFT:
        return
    if isinstance(line, Written):
        found[line.write_back] = WriteAccount(known.writing, Fate.LEFT, line)
    elif not known.earlier_doubt:
        found[line.write_back] = WriteAccount(known.writing, Fate.NOT_LEFT)


def replaced(account: WriteAccount) -> Mapping[str, str] | None:
    """The value before our change, as the answer says it, else as it was read before the try."""
    if account.written is not None and account.written.before:
        return account.written.before
    return account.writing.before
