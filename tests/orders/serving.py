"""A real server on loopback, in a thread of the test, over a store of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from threading import Thread
from typing import Any, Protocol

import httpx
import uvicorn

from incasso.services.hub.hub import Hub
from incasso.store.engine import Store, open_store
from incasso.web.app import make_app
from incasso.web.patience import PatientProtocol


class Served(Protocol):
    """What is behind a server: any of the tests' offices."""

    hub: Hub
    store: Store

    @property
    def at(self) -> datetime:
        """The present instant."""
        ...


class Asked:
    """A program with a token, or without."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client

    def get(self, path: str, token: str = "", **query: str) -> httpx.Response:
        """One question."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.client.get(path, headers=headers, params=query)

    def status(self, client: str, token: str, source: str = "acme") -> dict[str, Any]:
        """A client's standing, which must be told."""
        answer = self.get(f"/api/v1/credit-status/{source}/{client}", token)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


@contextmanager
def serving(
    office: Served,
    database_url: str,
    *,
    header_s: float = 10,
    answer_s: float = 120,
    linger_bytes: int = PatientProtocol.linger_bytes,
    **config: Any,
) -> Iterator[Asked]:
    """The HTTP face of an office, with the office's clock and hub, by the protocol of `serve`.

    `config` are settings of plugins.toml to be tried.
    """
    patience = type(
        "Patience",
        (PatientProtocol,),
        {"header_s": header_s, "answer_s": answer_s} | {"linger_bytes": linger_bytes},
    )
    store = open_store(database_url, office.store.archive)
    app = make_app(
        replace(office.hub.config, **config),
        store,
        now=lambda: _still(office),
    )
    app.state.hub = lambda: office.hub
    server = uvicorn.Server(
        uvicorn.Config(
            app, host="127.0.0.1", port=0, log_config=None, access_log=False, http=patience
        )
    )
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.01)
        assert thread.is_alive()
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
            yield Asked(client)
    finally:
        server.should_exit = True
        thread.join(10)


def _still(office: Served) -> datetime:
    return office.at
