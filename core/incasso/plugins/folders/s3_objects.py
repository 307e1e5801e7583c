"""What a place in a bucket asks of the service."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, BinaryIO

from incasso.contract.folder_login import Bucket
from incasso.plugins.folders import spool
from incasso.plugins.folders.s3_client import told


class Objects:
    """What is asked of the service. Raises classes of the contract, FileNotFoundError,
    FileExistsError."""

    def __init__(self, client: Any, given: Bucket) -> None:
        self._client = client
        self.given = given
        self._told = partial(told, given)

    @property
    def service(self) -> str:
        """Its address."""
        return str(self._client.meta.endpoint_url)

    def create(self, key: str, content: BinaryIO, *, effect: str = "") -> None:
        """A new object. Raises FileExistsError."""
        with self._told(key, effect=effect):
            self._client.put_object(
                Bucket=self.given.bucket, Key=key, Body=content, IfNoneMatch="*"
            )

    def read(self, key: str, sink: BinaryIO, **conditions: str) -> None:
        """An object's content."""
        with self._told(key):
            found = self._client.get_object(Bucket=self.given.bucket, Key=key, **conditions)
            with found["Body"] as body:
                shutil.copyfileobj(body, sink, spool.AT_ONCE)

    def head(self, key: str) -> dict[str, Any]:
        """What is known of an object."""
        with self._told(key):
            return dict(self._client.head_object(Bucket=self.given.bucket, Key=key))

    def exists(self, key: str) -> bool:
        """Whether there is one."""
        try:
            self.head(key)
        except FileNotFoundError:
            return False
        return True

    def copy(self, key: str, new: str, etag: str) -> None:
        """The same under another key."""
        with self._told(key):
            self._client.copy_object(
                Bucket=self.given.bucket,
                Key=new,
                CopySource={"Bucket": self.given.bucket, "Key": key},
                CopySourceIfMatch=etag,
            )

    def remove(self, key: str) -> None:
        """Delete an object; nothing happens if it is gone."""
        with self._told(key), suppress(FileNotFoundError):
            self._client.delete_object(Bucket=self.given.bucket, Key=key)

    def listed(self, prefix: str) -> Iterator[Mapping[str, Any]]:
        """The objects directly below a prefix."""
        with self._told(prefix):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self.given.bucket, Prefix=prefix, Delimiter="/"
            )
            for page in pages:
                yield from page.get("Contents", ())
