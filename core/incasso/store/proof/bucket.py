"""Copies of the anchor in an S3 bucket, best one with object lock: nobody can take them away.

Access comes the SDK's usual way: environment, profile, role; `AWS_ENDPOINT_URL_S3` names another
service than Amazon's.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final
from urllib.parse import urlsplit

from incasso.contract.text import text

KEPT: Final = timedelta(days=90)
"""Longer than any copy that is put back is old; used where the bucket has no rule of its own."""

_THERE: Final = ("PreconditionFailed", "ConditionalRequestConflict", "412")


class Bucket:
    """`s3://bucket/prefix`. Every failure is an OSError."""

    def __init__(self, where: str) -> None:
        parts = urlsplit(where)
        self.where = where
        self._bucket = parts.netloc
        self._prefix = parts.path.strip("/") and parts.path.strip("/") + "/"

    def newer(self, than: str, most: int) -> Iterator[bytes]:
        """The contents of the objects whose names follow, at most so many, newest first."""
        with _as_oserror():
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=f"{self._prefix}anchor-", StartAfter=self._prefix + than
            )
            keys = sorted(each["Key"] for page in pages for each in page.get("Contents", ()))
        for key in reversed(keys[-most:]):
            with _as_oserror():
                yield self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()

    def put(self, name: str, content: bytes, at: datetime | None, *, first: bool) -> None:
        """A new object, locked where the bucket can. Raises FileExistsError.

        A bucket is never made: who keeps it decides about its lock.
        """
        with _as_oserror():
            self._client.put_object(
                Bucket=self._bucket,
                Key=self._prefix + name,
                Body=content,
                IfNoneMatch="*",
                **self._retention(at),
            )

    def _retention(self, at: datetime | None) -> dict[str, Any]:
        """Nothing where the bucket has no object lock, or a rule of its own."""
        from botocore.exceptions import ClientError

        try:
            found = self._client.get_object_lock_configuration(Bucket=self._bucket)
        except ClientError:  # it has none, or does not tell us
            return {}
        lock = found.get("ObjectLockConfiguration", {})
        if at is None or lock.get("ObjectLockEnabled") != "Enabled" or "Rule" in lock:
            return {}
        return {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": at + KEPT}

    @cached_property
    def _client(self) -> Any:
        try:
            import boto3
            from botocore.config import Config
        except ImportError:
            raise OSError(text("install incasso[s3] for s3:// addresses")) from None
        patience = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 2})
        return boto3.client("s3", config=patience)


@contextmanager
def _as_oserror() -> Iterator[None]:
    try:
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError:
        raise OSError(text("install incasso[s3] for s3:// addresses")) from None
    try:
        yield
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in _THERE:
            raise FileExistsError(str(error)) from None
        raise OSError(str(error)) from None
    except BotoCoreError as error:
        raise OSError(str(error)) from None
