"""A real server on loopback, in a thread of the test, over a store of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Thread
from typing import Any

import httpx
import uvicorn

from incasso.store.engine import open_store
from incasso.web.app import make_app
from tests.orders.office import Orders


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
def serving(office: Orders, database_url: str) -> Iterator[Asked]:
    """The HTTP face of an office, with the office's clock."""
    store = open_store(database_url, office.store.archive)
    app = make_app(office.hub.config, store, now=lambda: _still(office))
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, access_log=False)
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


def _still(office: Orders) -> datetime:
    return office.at
