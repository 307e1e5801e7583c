"""Builds the HTTP interface: one application per hub, from its configuration file."""

from __future__ import annotations

import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI

from incasso import __version__
from incasso.plugins.settings.config import HubConfig, load_config
from incasso.services.office.office import Office, utc_now
from incasso.services.office.opening import store_of
from incasso.store.engine import Store
from incasso.web import callbacks, credit, health
from incasso.web.callbacks import LateHub
from incasso.web.gate import Gate
from incasso.web.paces import Paces
from incasso.web.problems import handle_problems

CONFIG_VARIABLE: Final = "INCASSO_CONFIG"
"""Where the server finds plugins.toml; `incasso serve` sets it."""

PREFIX: Final = "/api/v1"

BURST_S: Final = 4
"""A burst is what four seconds allow."""

ADDRESS: Final = 2
"""An address may ask so much faster than a token: several programs may share it."""

SUMMARY: Final = "Who may order: the answers of an Incasso hub for order entry and web shops."


class _Application(FastAPI):
    """FastAPI announces its own answer to malformed questions; ours is a problem document."""

    def openapi(self) -> dict[str, Any]:
        """The description of every operation, as it really answers."""
        described = super().openapi()
        for unused in ("HTTPValidationError", "ValidationError"):
            described["components"]["schemas"].pop(unused, None)
        return described


def from_environment() -> FastAPI:
    """The application of the hub that INCASSO_CONFIG names; what `incasso serve` starts.

    Raises ConfigurationError for mistakes in the file.
    """
    config = load_config(Path(os.environ.get(CONFIG_VARIABLE, "plugins.toml")))
    return make_app(config, store_of(config))


def make_app(config: HubConfig, store: Store, now: Callable[[], datetime] = utc_now) -> FastAPI:
    """The application over an open store, which it closes at its end."""
    hub = LateHub(config.path, now)

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        yield
        hub.close()
        store.close()

    app = _Application(
        title="Incasso",
        summary=SUMMARY,
        version=__version__,
        openapi_url=f"{PREFIX}/openapi.json",
        # Their pages load scripts from other people's servers: a credit office must not.
        docs_url=None,
        redoc_url=None,
        # A redirect would name http:// behind a proxy that speaks HTTPS, and the token with it.
        redirect_slashes=False,
        lifespan=life,
    )
    # Without plugins: a broken one must not stop an order.
    app.state.office = Office(config=config, store=store, now=now)
    app.state.hub = hub
    each_second = Decimal(config.http_calls_per_second)
    app.state.paces = Paces(each_second, round(each_second * BURST_S))
    app.add_middleware(
        Gate,
        hosts=(*_own_names(), *config.http_hosts),
        paces=Paces(each_second * ADDRESS, round(each_second * ADDRESS * BURST_S)),
        now=now,
    )
    handle_problems(app)
    app.include_router(health.router)
    app.include_router(credit.router, prefix=PREFIX)
    app.include_router(callbacks.router, prefix=PREFIX)
    # The short address that is typed into the settings of services; the reference names one.
    app.include_router(callbacks.hooks)
    return app


def _own_names() -> tuple[str, ...]:
    """How this machine is called by itself and its neighbours."""
    return "localhost", socket.gethostname(), socket.getfqdn()
