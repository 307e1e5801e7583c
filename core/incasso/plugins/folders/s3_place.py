"""A place in a bucket. Objects appear whole, and cannot be renamed: a copy leaves both for a while.

So a file is claimed by a small object beside it that can be made only once: the service refuses the
second who writes it (`If-None-Match`). A claim whose reader took too long is followed by one with
the next number, which again only one can make.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO

from incasso.contract.errors import ConfigurationError
from incasso.contract.folder_login import Bucket, FolderLogin
from incasso.contract.folders import Arrived, FolderFacts, Stored
from incasso.contract.settings import wrong_key
from incasso.contract.text import text
from incasso.contract.values import Problem
from incasso.plugins.folders import names, spool
from incasso.plugins.folders.places import WORKING, Opened
from incasso.plugins.folders.s3_held import MARK, BucketHeld, digest, identity
from incasso.plugins.folders.s3_objects import Objects


class BucketPlace:
    """The place of a bucket; `client` is the library's."""

    def __init__(
        self, client: Any, given: Bucket, login: FolderLogin, now: Callable[[], datetime]
    ) -> None:
        self._s3 = Objects(client, given)
        self._login = login
        self._now = now
        self._out = _prefix(login.outgoing)
        self._in = _prefix(login.incoming)
        self._remarks: tuple[Problem, ...] = ()

    def put(self, name: str, content: BinaryIO, stored: Stored) -> None:
        """In one request, if the name is free. Raises FileExistsError, OutcomeUnknownError."""
        self._s3.create(self._out + name, content, effect=name)

    def stored(self, name: str, opened: Opened) -> Stored | None:
        """What lies there under the name, read whole."""
        with spool.empty() as copy:
            try:
                self._s3.read(self._out + name, copy)
            except FileNotFoundError:
                return None
            copy.seek(0)
            with opened(copy) as content:
                found = spool.measured(content)
        return Stored(name=names.unsealed(name), size=found.size, sha256=found.sha256)

    def waiting(self) -> Sequence[Arrived]:
        """Objects that nobody has claimed, or whose reader took too long."""
        marks = self._marks()
        found, remarks = [], []
        for each in self._s3.listed(self._in):
            name = each["Key"].removeprefix(self._in)
            if not name or names.is_hidden(name):
                continue
            if not names.is_readable(name):
                remarks.append(names.odd_name(name))
            elif (number := self._next(marks.get(digest(identity(name, each))))) is not None:
                found.append(_arrived(name, each, number))
        self._remarks = tuple(remarks)
        return sorted(found, key=lambda each: (each.name, each.at, each.identity))

    def remarks(self) -> tuple[Problem, ...]:
        """Objects whose names cannot be taken."""
        return self._remarks

    def claim(self, file: Arrived) -> BucketHeld | None:
        """Write the mark; of two who try, the service refuses one."""
        number, _, name = file.ref.partition("/")
        try:
            found = self._s3.head(self._in + name)
        except FileNotFoundError:
            return None
        if identity(name, found) != file.identity:
            return None
        held = self._held(file, int(number), self._now())
        return held if held.made() and held.is_still_there() else None

    def claimed(self, token: str) -> BucketHeld | None:
        """The object that the mark of the token stands beside, if no later mark does."""
        digest_, _, number = token.partition("-")
        last = self._marks().get(digest_)
        if last is None or last[0] != int(number):
            return None
        for each in self._s3.listed(self._in):
            name = each["Key"].removeprefix(self._in)
            if digest(identity(name, each)) == digest_:
                return self._held(_arrived(name, each, last[0]), last[0], last[1])
        return None

    def _held(self, file: Arrived, number: int, since: datetime) -> BucketHeld:
        name = file.ref.partition("/")[2]
        claim = names.ClaimName(since=since, worker=names.worker(), name=name)
        return BucketHeld(self._s3, self._in, file, number, claim, keep=self._login.keep)

    def check(self) -> FolderFacts:
        """Reach it; see that a name can be taken once only."""
        waiting = self.waiting()
        if self._login.probe:
            self._probe()
        return FolderFacts(
            identity=f"s3://{self._s3.given.bucket}/{self._in.rstrip('/')}",
            waiting=len(waiting),
            facts={
                text("service"): self._s3.service,
                text("files waiting"): str(len(waiting)),
            },
            warnings=self._remarks,
        )

    def _probe(self) -> None:
        for prefix in (self._out, f"{self._in}{WORKING}/"):
            key = prefix + names.part("incasso-probe")
            self._s3.create(key, spool.nothing())
            try:
                self._s3.create(key, spool.nothing())
            except FileExistsError:
                continue
            finally:
                self._s3.remove(key)
            raise _takes_names_twice(self._s3.given)

    def _marks(self) -> Mapping[str, tuple[int, datetime]]:
        """By file: the number of its last claim, and since when by the service's clock."""
        marks: dict[str, tuple[int, datetime]] = {}
        for each in self._s3.listed(f"{self._in}{WORKING}/"):
            if found := MARK.fullmatch(each["Key"].rpartition("/")[2]):
                mark = int(found[2]), each["LastModified"]
                marks[found[1]] = max(mark, marks.get(found[1], mark))
        return marks

    def _next(self, mark: tuple[int, datetime] | None) -> int | None:
        """The number of the claim to make; None while somebody reads it."""
        if mark is None:
            return 1
        late = self._now() - timedelta(minutes=self._login.take_over_after_m)
        return mark[0] + 1 if mark[1] < late else None


def _arrived(name: str, found: Mapping[str, Any], number: int) -> Arrived:
    return Arrived(
        name=names.unsealed(name),
        size=found["Size"],
        at=found["LastModified"].astimezone(UTC),
        identity=identity(name, found),
        ref=f"{number}/{name}",
    )


def _prefix(folder: str) -> str:
    bare = folder.strip("/")
    return f"{bare}/" if bare not in ("", ".") else ""


def _takes_names_twice(given: Bucket) -> ConfigurationError:
    words = text(
        "the service of {bucket} writes an object twice although it was asked to write it "
        "once only (If-None-Match): two readers could take one file",
        bucket=given.bucket,
    )
    cure = text("use Amazon S3, or a service that knows conditional writes")
    return ConfigurationError([wrong_key("s3", words, cure)])
