"""Which class of error each fault of the web must become."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

import pytest

from incasso.contract.errors import (
    AuthenticationError,
    OutcomeUnknownError,
    PluginCrashError,
    PluginError,
    RateLimitedError,
    TemporaryError,
)
from incasso.testing.network import FAULTS, Answer, StubServer, closed_port

NOBODY = "nobody listens"
every_fault = pytest.mark.parametrize("fault", [NOBODY, *FAULTS])
"""Run a check once with each fault."""


@contextmanager
def failing(fault: str, login: Mapping[str, Any] = MappingProxyType({})) -> Iterator[str]:
    """The address of a web service with this fault, which answers the paths of a login well."""
    if fault == NOBODY:
        yield f"http://127.0.0.1:{closed_port()}"
        return
    with StubServer() as stub:
        stub.fault = FAULTS[fault]
        stub.before = {path: Answer.of(value) for path, value in login.items()}
        yield stub.url


def right_class(fault: str, error: PluginError, *, effect: bool) -> None:
    """The error class for a fault of the web; it decides what the hub does next."""
    assert not isinstance(error, PluginCrashError), f"{fault}: {error}"
    wanted: dict[str, type[PluginError]] = {
        "nobody listens": TemporaryError,
        "dead after sending": OutcomeUnknownError if effect else TemporaryError,
        "401": AuthenticationError,
        "403": AuthenticationError,
        "429": RateLimitedError,
        "429 with Retry-After": RateLimitedError,
        "500": OutcomeUnknownError if effect else TemporaryError,
        "503": TemporaryError,
    }
    hint = ""
    if effect and type(error) is TemporaryError:
        hint = "; if the plugin logs in first, give the fixture `login`"
    assert isinstance(error, wanted.get(fault, PluginError)), f"{fault}: {error!r}{hint}"
    if fault == "429 with Retry-After":
        assert isinstance(error, TemporaryError) and error.retry_after is not None
