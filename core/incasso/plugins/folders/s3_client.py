"""A client of an S3 service, and what its failures mean."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

from boto3.session import Session
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    ReadTimeoutError,
)

from incasso.contract.errors import (
    AuthenticationError,
    ConfigurationError,
    OutcomeUnknownError,
    PluginError,
    RateLimitedError,
    TemporaryError,
)
from incasso.contract.folder_login import Bucket
from incasso.contract.settings import wrong_key
from incasso.contract.text import Text, text
from incasso.plugins.public import is_public

_GONE: Final = frozenset({"NoSuchKey", "404", "NotFound"})
_THERE: Final = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412"})
_KEYS: Final = frozenset(
    {
        "AccessDenied",
        "403",
        "ExpiredToken",
        "InvalidAccessKeyId",
        "InvalidToken",
        "SignatureDoesNotMatch",
    }
)
_SETTINGS: Final = frozenset(
    {
        "AuthorizationHeaderMalformed",
        "IllegalLocationConstraintException",
        "InvalidBucketName",
        "NoSuchBucket",
        "NotImplemented",
        "PermanentRedirect",
    }
)
_TOO_FAST: Final = frozenset({"SlowDown", "Throttling", "RequestLimitExceeded", "429"})
_UNCONFIRMED: Final = (ReadTimeoutError, ConnectionClosedError)
"""Raised after the request had been sent."""


def client_of(given: Bucket, *, allow_private: bool) -> Any:
    """A client that tries once: who calls decides about another time."""
    if given.endpoint and not allow_private:
        _public(given.endpoint)
    patience = Config(
        connect_timeout=given.timeout_s,
        read_timeout=given.timeout_s,
        retries={"total_max_attempts": 1},
        # Newer checks of Amazon's, which services of others refuse.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    keys = {
        "aws_access_key_id": given.access_key.reveal() or None,
        "aws_secret_access_key": given.secret_key.reveal() or None,
    }
    with told(given, ""):
        return Session().client(
            "s3",
            region_name=given.region or None,
            endpoint_url=given.endpoint or None,
            config=patience,
            **keys,
        )


def _public(endpoint: str) -> None:
    host = urlsplit(endpoint).hostname or ""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        raise TemporaryError(
            text("{host} cannot be found: {error}", host=host, error=str(error))
        ) from None
    inside = [str(address[0]) for *_, address in found if not is_public(str(address[0]))]
    if inside:
        words = text("{host} is the private address {inside}", host=host, inside=inside[0])
        cure = text("write allow_private_addresses = true if this server is in your own network")
        raise _wrong("s3.endpoint", words, cure)


@contextmanager
def told(given: Bucket, key: str, *, effect: str = "") -> Iterator[None]:
    """Failures of the library as classes of the contract, FileNotFoundError or FileExistsError.

    With `effect`, no answer leaves it unknown whether that object was written.
    """
    try:
        yield
    except ClientError as error:
        raise _refusal(given, key, error) from None
    except (NoCredentialsError, PartialCredentialsError, ProfileNotFound) as error:
        cure = text("write access_key and secret_key, or set the machine up for the service")
        raise _wrong("s3.access_key", text("missing: {reason}", reason=str(error)), cure) from None
    except BotoCoreError as error:
        said = text("{bucket}: {reason}", bucket=given.bucket, reason=str(error))
        if effect and isinstance(error, _UNCONFIRMED):
            raise OutcomeUnknownError(said, ref=effect[:128]) from None
        raise TemporaryError(said) from None


def _refusal(given: Bucket, key: str, error: ClientError) -> OSError | PluginError:
    code = str(error.response.get("Error", {}).get("Code", ""))
    words = str(error.response.get("Error", {}).get("Message", "")) or str(error)
    if code in _GONE:
        return FileNotFoundError(key)
    if code in _THERE:
        return FileExistsError(key)
    said = text(
        "{bucket} refuses {key}: {reason} ({code})",
        bucket=given.bucket,
        key=key or "/",
        reason=words,
        code=code,
    )
    if code in _KEYS:
        return AuthenticationError(said)
    if code in _SETTINGS:
        return _wrong("s3.bucket", said, text("compare bucket, region and endpoint"))
    if code in _TOO_FAST:
        return RateLimitedError(said)
    return TemporaryError(said)


def _wrong(key: str, message: Text, hint: Text) -> ConfigurationError:
    return ConfigurationError([wrong_key(key, message, hint)])
