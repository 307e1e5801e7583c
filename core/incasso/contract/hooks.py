"""How a hook is declared, the marker for its implementations, and the hooks of every instance."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar, overload

from incasso.contract.capabilities import Capability
from incasso.contract.context import CallContext
from incasso.contract.values import CheckReport, Value

F = TypeVar("F", bound=Callable[..., Any])

_DECLARED: Final = "incasso_hook"


class Hook(Value, frozen=True, kw_only=True):
    """The declaration of one hook. Arguments and result are those of the method itself."""

    deadline_s: float
    """For one call; of a pull: for one page."""
    effect: bool = False
    """It changes something on the other side: after a missed deadline the outcome is unknown."""
    local: bool = False
    """It uses no network: it says nothing about the other side's health and costs no call."""
    from_outside: bool = False
    """Anybody can cause the call: how it ends says nothing about the instance."""
    needs: Capability | None = None
    """Called only if the kind declares this capability as usable; then it is required."""
    required: bool = False
    """Every plugin of its family must have it."""
    provisional: bool = False
    """No shipped plugin implements it yet: its signature may still change, with notice."""


def hook(
    *,
    deadline_s: float,
    effect: bool = False,
    local: bool = False,
    from_outside: bool = False,
    needs: Capability | None = None,
    required: bool = False,
    provisional: bool = False,
) -> Callable[[F], F]:
    """Declare a method of a Spec class as a hook; everything else about it derives from here."""
    declared = Hook(
        deadline_s=deadline_s,
        effect=effect,
        local=local,
        from_outside=from_outside,
        needs=needs,
        required=required,
        provisional=provisional,
    )

    def declare(method: F) -> F:
        setattr(method, _DECLARED, declared)
        return method

    return declare


def declaration(method: object) -> Hook | None:
    """The declaration of a method; None if it is no hook."""
    declared: Hook | None = getattr(method, _DECLARED, None)
    return declared


IMPLEMENTED: Final = "incasso_impl"
"""The attribute of a marked function: its options by name, those given only."""


@overload
def hookimpl(function: F) -> F: ...


@overload
def hookimpl(
    *,
    specname: str | None = None,
    tryfirst: bool = False,
    trylast: bool = False,
    wrapper: bool = False,
) -> Callable[[F], F]: ...


def hookimpl(
    function: F | None = None,
    *,
    specname: str | None = None,
    tryfirst: bool = False,
    trylast: bool = False,
    wrapper: bool = False,
) -> F | Callable[[F], F]:
    """Mark a function or method as the implementation of the hook of the same name.

    The options are pluggy's and only for the hooks of the package itself (`hub_…`): `specname` is
    the hook if the function is called otherwise; `tryfirst` and `trylast` put a package before or
    behind the others, and a function before or behind its sisters; a `wrapper` is a generator
    function around the package's own implementations of the hook. A hook of an instance has one
    implementation and one answer: there each option is refused by name.
    """
    options = {
        name: value
        for name, value in (
            ("specname", specname),
            ("tryfirst", tryfirst),
            ("trylast", trylast),
            ("wrapper", wrapper),
        )
        if value
    }

    def mark(marked: F) -> F:
        # pluggy looks for exactly this attribute; setting it here keeps pluggy out of the contract.
        setattr(marked, IMPLEMENTED, options)
        return marked

    return mark if function is None else mark(function)


class InstanceSpec:
    """Hooks of a configured instance, whatever its family."""

    @hook(deadline_s=60, required=True)
    def instance_check(self, ctx: CallContext) -> CheckReport:
        """Check that the settings work: read only, fail with wrong credentials.

        A person waits for it: name long parts with `ctx.step`.

        Raises ConfigurationError, AuthenticationError, TemporaryError.
        """
        raise NotImplementedError

    @hook(deadline_s=2)
    def instance_close(self) -> None:
        """Release sockets and files. May be called twice; must not raise."""
        raise NotImplementedError
