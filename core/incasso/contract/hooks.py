"""The marker for hook implementations, and the hooks that every instance has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from incasso.contract.values import CallContext, CheckReport

F = TypeVar("F", bound=Callable[..., Any])


def hookimpl(function: F) -> F:
    """Mark a function or method as the implementation of the hook of the same name."""
    # pluggy looks for exactly this attribute; setting it here keeps pluggy out of the contract.
    function.incasso_impl = {}  # type: ignore[attr-defined]
    return function


class InstanceSpec:
    """Hooks of a configured instance, whatever its family."""

    def instance_check(self, ctx: CallContext) -> CheckReport:
        """Prove that the settings work: read only, at most 10 s, fail with wrong credentials.

        Raises ConfigurationError, AuthenticationError, TemporaryError.
        """
        raise NotImplementedError

    def instance_close(self) -> None:
        """Release sockets and files. May be called twice; must not raise."""
        raise NotImplementedError
