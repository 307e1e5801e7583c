"""A bucket of moto's server on loopback, with the least of environment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests

from incasso.api import Bucket, FolderLogin, FolderPlace, Secret


@contextmanager
def bucket_service() -> Iterator[str]:
    """The address of a service with the bucket `exchange`."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    client_at(url).create_bucket(
        Bucket="exchange", CreateBucketConfiguration={"LocationConstraint": "eu-south-1"}
    )
    try:
        yield url
    finally:
        requests.post(f"{url}/moto-api/reset", timeout=5)
        server.stop()


def bucket_at(url: str, **changes: Any) -> Bucket:
    """The settings of the bucket."""
    given: dict[str, Any] = {
        "bucket": "exchange",
        "region": "eu-south-1",
        "endpoint": url,
        "access_key": Secret("AKIA-TEST"),
        "secret_key": Secret("segretissima"),
        "timeout_s": 5,
    }
    return Bucket(**(given | changes))


def in_bucket(url: str, **changes: Any) -> FolderLogin:
    """An exchange in the bucket."""
    given: dict[str, Any] = {"place": FolderPlace.S3, "s3": bucket_at(url)}
    return FolderLogin(**(given | changes))


def client_at(url: str) -> Any:
    """The other side's own client."""
    import boto3

    return boto3.client(
        "s3",
        region_name="eu-south-1",
        endpoint_url=url,
        aws_access_key_id="AKIA-THEIRS",
        aws_secret_access_key="x",
    )
