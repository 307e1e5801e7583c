"""A file in a bucket that is being read: the mark beside it, and where it goes afterwards."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, BinaryIO, Final

from incasso.contract.errors import TemporaryError
from incasso.contract.folders import Arrived
from incasso.contract.text import text
from incasso.plugins.folders import spool
from incasso.plugins.folders.names import ClaimName
from incasso.plugins.folders.places import DONE, REFUSED, WORKING
from incasso.plugins.folders.s3_objects import Objects

MARK: Final = re.compile(r"([0-9a-f]{24})-(\d{4})\.claim")
"""The file and the number of the claim; the first is 1."""


class BucketHeld:
    """An object with our mark beside it."""

    def __init__(
        self,
        objects: Objects,
        prefix: str,
        file: Arrived,
        number: int,
        claim: ClaimName,
        *,
        keep: bool,
    ) -> None:
        self._s3 = objects
        self._prefix = prefix
        self.file = file
        self._number = number
        self._moved = claim
        self._name = claim.name
        self._key = prefix + claim.name
        self._etag = etag_in(file.identity)
        self._digest = digest(file.identity)
        self._keep = keep

    @property
    def token(self) -> str:
        """The file and the number of the claim."""
        return f"{self._digest}-{self._number:04}"

    def made(self) -> bool:
        """Whether the mark is ours."""
        try:
            self._s3.create(self._mark(self._number), spool.nothing())
        except FileExistsError:
            return False
        return True

    def is_still_there(self) -> bool:
        """Whether its last reader did not finish just before; else our mark goes again."""
        if self._s3.exists(self._key):
            return True
        self.give_back()
        return False

    def fetch(self, sink: BinaryIO) -> None:
        """Write it into the sink, if it is still the object that was claimed."""
        try:
            self._s3.read(self._key, sink, IfMatch=self._etag)
        except (FileNotFoundError, FileExistsError):
            raise self._lost() from None

    def done(self) -> None:
        """A copy into `done`, then it goes from where it was."""
        self._still_ours()
        if self._keep:
            self._copied(DONE)
        self._gone()

    def refused(self, words: str) -> None:
        """A copy into `refused`, the reason beside it."""
        self._still_ours()
        key = f"{self._prefix}{REFUSED}/{self._moved}.txt"
        self._s3.create(key, spool.of(words.encode("utf-8")))
        self._copied(REFUSED)
        self._gone()

    def give_back(self) -> None:
        """Without our mark it waits again."""
        self._s3.remove(self._mark(self._number))

    def _still_ours(self) -> None:
        if self._s3.exists(self._mark(self._number + 1)):
            raise self._lost()

    def _copied(self, folder: str) -> None:
        try:
            self._s3.copy(self._key, f"{self._prefix}{folder}/{self._moved}", self._etag)
        except (FileNotFoundError, FileExistsError):
            raise self._lost() from None

    def _gone(self) -> None:
        """The object first: while a mark is there nobody reads it."""
        with suppress(FileNotFoundError):
            if self._s3.head(self._key)["ETag"] == self._etag:  # else another came in its place
                self._s3.remove(self._key)
        for number in range(1, self._number + 1):
            self._s3.remove(self._mark(number))

    def _mark(self, number: int) -> str:
        return f"{self._prefix}{WORKING}/{self._digest}-{number:04}.claim"

    def _lost(self) -> TemporaryError:
        return TemporaryError(
            text("{name} was taken over by another reader, who finishes it", name=self._name)
        )


def identity(name: str, found: Mapping[str, Any]) -> str:
    """The service names the content (ETag) and says when it came."""
    etag, stamp = found["ETag"].strip('"'), f"{found['LastModified'].timestamp():.0f}"
    return f"{name}/{stamp}/{etag}"


def etag_in(identity: str) -> str:
    """The ETag as the service takes it."""
    return f'"{identity.rpartition("/")[2]}"'


def digest(identity: str) -> str:
    """The identity as a part of a key."""
    return hashlib.sha256(identity.encode()).hexdigest()[:24]
