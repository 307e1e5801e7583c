"""What Microsoft's error numbers (AADSTS…) mean to the administrator who forgot something.

The numbers only choose the words of the cure: Microsoft calls them subject to change, so nothing
else depends on them, and an unknown one is shown as Microsoft says it. Source: "Microsoft Entra
authentication and authorization error codes", as published in 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from incasso.contract.text import Text, text

_TENANT: Final = text("it is not known in this tenant: correct `client`, or `tenant`")
_NO_TENANT: Final = text("there is no such tenant: correct `tenant`")
_SECRET: Final = text(
    "its secret is wrong: write the secret's value (not its id) where `secret` says"
)
_ENDED: Final = text(
    "its secret or certificate has expired: make a new one in Entra, App registrations, "
    "Certificates & secrets"
)
_CERTIFICATE: Final = text(
    "its certificate is not the one registered: upload it in Entra, App registrations, "
    "Certificates & secrets"
)
_CONSENT: Final = text(
    "its permissions are not granted: in Entra, App registrations, API permissions, “Grant admin "
    "consent”"
)
_ACCESS: Final = text(
    "a conditional access policy of the tenant blocks it: exempt the application, or allow the "
    "network of this machine"
)
_OFF: Final = text("it is switched off in the tenant: enable it in Entra, Enterprise applications")
_RESOURCE: Final = text(
    "the tenant has no Exchange Online, or the scope is wrong: correct `scope`, or leave it out"
)

_CURES: Final[Mapping[int, Text]] = {
    700016: _TENANT,
    700025: _TENANT,
    90002: _NO_TENANT,
    90013: _NO_TENANT,
    900021: _NO_TENANT,
    900023: _NO_TENANT,
    7000215: _SECRET,
    7000216: _SECRET,
    7000218: _SECRET,
    7000222: _ENDED,
    700024: _ENDED,
    700027: _CERTIFICATE,
    700030: _CERTIFICATE,
    65001: _CONSENT,
    650051: _CONSENT,
    650052: _CONSENT,
    650056: _CONSENT,
    50105: _CONSENT,
    501051: _CONSENT,
    53000: _ACCESS,
    53001: _ACCESS,
    53002: _ACCESS,
    53003: _ACCESS,
    53004: _ACCESS,
    530034: _ACCESS,
    7000112: _OFF,
    500014: _OFF,
    50057: _OFF,
    500011: _RESOURCE,
    70011: _RESOURCE,
    1002012: _RESOURCE,
}

_PASSING: Final = frozenset({90006, 90024, 90033, 50196, 90072, 50000, 90099, 165004})


def cure_of(number: int) -> Text | None:
    """What to do about an error number; None for one that nobody described."""
    return _CURES.get(number)


def passes(number: int) -> bool:
    """Whether the same request may go well later without anybody doing anything."""
    return number in _PASSING
