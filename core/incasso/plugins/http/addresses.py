"""Which network addresses a plugin may reach: a webhook must not give access to our LAN."""

from __future__ import annotations

import socket
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NewConnectionError

from incasso.contract.text import text as sentence
from incasso.plugins.http.certificates import PinningAdapter
from incasso.plugins.public import is_public


class PrivateAddressError(NewConnectionError):
    """The name resolves to a private address."""


class _OnlyPublic:
    """Connect to public addresses only, deciding on the very address that is then used.

    Checking the name first and connecting by name afterwards would let a name server give a
    harmless answer to the check and another one to the connection.
    """

    def _new_conn(self) -> socket.socket:
        host, port = self._dns_host, self.port  # type: ignore[attr-defined]
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            text = sentence("{host} cannot be found: {error}", host=host, error=str(error))
            raise NewConnectionError(self, text) from error  # type: ignore[arg-type]
        inside = [address[0] for *_, address in found if not is_public(str(address[0]))]
        if inside:
            text = sentence("{host} is the private address {inside}", host=host, inside=inside[0])
            raise PrivateAddressError(self, text)  # type: ignore[arg-type]
        return self._first_that_answers([str(address[0]) for *_, address in found])

    def _first_that_answers(self, addresses: list[str]) -> socket.socket:
        problem: OSError | None = None
        for address in addresses:
            try:
                return urllib3.util.connection.create_connection(
                    (address, self.port),  # type: ignore[attr-defined]
                    self.timeout,  # type: ignore[attr-defined]
                    source_address=self.source_address,  # type: ignore[attr-defined]
                    socket_options=self.socket_options,  # type: ignore[attr-defined]
                )
            except OSError as error:
                problem = error
        raise NewConnectionError(self, sentence("nothing answers: {problem}", problem=problem))  # type: ignore[arg-type]


class _PublicHTTPConnection(_OnlyPublic, HTTPConnection):
    pass


class _PublicHTTPSConnection(_OnlyPublic, HTTPSConnection):
    pass


class _PublicHTTPPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _PublicHTTPConnection


class _PublicHTTPSPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _PublicHTTPSConnection


class PublicOnlyAdapter(PinningAdapter):
    """A transport for requests that refuses private addresses."""

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """Uses our connections; a proxy has its own pool and is the administrator's decision."""
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = {
            "http": _PublicHTTPPool,
            "https": _PublicHTTPSPool,
        }
