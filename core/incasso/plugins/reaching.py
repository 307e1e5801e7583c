"""Connections to other machines: which may be made at all, and why one failed, in one sentence."""

from __future__ import annotations

import socket
import ssl

from incasso.contract.errors import ConfigurationError, TemporaryError
from incasso.contract.text import Text, text
from incasso.contract.values import Problem
from incasso.locale.system_words import system_words
from incasso.plugins.public import is_public


def why(error: BaseException) -> str:
    """The reason without the number that Python puts before it; a bare time-out has no words."""
    if isinstance(error, TimeoutError) and error.errno is None:
        return text("there is no answer")
    if isinstance(error, OSError) and not isinstance(error, ssl.SSLError):
        return system_words(error)
    said = str(error).strip()
    if isinstance(error, EOFError) or said.endswith(": EOF"):  # so says imaplib
        return text("the other side broke the connection")
    return said or type(error).__name__


def unreachable(host: str, port: int, error: BaseException) -> TemporaryError:
    """What went wrong with a server."""
    return TemporaryError(
        text("{host}:{port}: {reason}", host=host, port=str(port), reason=why(error))
    )


def connected(
    host: str, port: int, seconds: float, *, allow_private: bool, field: str
) -> socket.socket:
    """A connection to the very address that was judged: a name may mean another one a moment later.

    Raises ConfigurationError about `field` for an address inside the network, TemporaryError.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise TemporaryError(
            text("{host} cannot be found: {error}", host=host, error=why(error))
        ) from None
    addresses = [str(address[0]) for *_, address in found]
    inside = [each for each in addresses if not is_public(each)]
    if inside and not allow_private:
        raise _private(
            text("{host} is the private address {inside}", host=host, inside=inside[0]), field
        )
    problem: OSError | None = None
    for each in addresses:
        try:
            return socket.create_connection((each, port), timeout=seconds)
        except OSError as error:
            problem = error
    raise unreachable(host, port, problem or OSError())


def _private(words: Text, field: str) -> ConfigurationError:
    cure = text("write allow_private_addresses = true if this server is in your own network")
    return ConfigurationError(
        [Problem(code="private_address", field=field, message=words, hint=cure)]
    )
