"""Web requests of the other side: a gateway tells what became of a message."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter, HTTPException, Request, Response
from starlette.concurrency import run_in_threadpool

from incasso.contract.channel import IncomingNews
from incasso.contract.context import CallbackAnswer, CallbackRequest
from incasso.contract.errors import PluginError, RejectedError, UnsupportedError
from incasso.contract.ledger import Unreadable
from incasso.web.problems import may_answer

if TYPE_CHECKING:
    from incasso.services.hub.hub import Hub

router = APIRouter(tags=["callbacks"])
hooks = APIRouter()
"""The same under its short address, which people type into the settings of services."""


class LateHub:
    """The hub with its plugins, opened at the first callback: other answers never need them."""

    def __init__(self, path: Path, now: Callable[[], datetime]) -> None:
        self._path = path
        self._now = now
        self._hub: Hub | None = None
        self._lock = Lock()

    def __call__(self) -> Hub:
        """The open hub."""
        with self._lock:
            if self._hub is None:
                from incasso.services.hub.hub import build_hub

                self._hub = build_hub(self._path, now=self._now)
            return self._hub

    def close(self) -> None:
        """Close it, if it was opened."""
        with self._lock:
            if self._hub is not None:
                self._hub.close()


ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "Taken; the body is the one that the other side wants."},
    204: {"description": "Taken."},
    **may_answer(400, 403, 404, 408, 413, 421, 422, 429, 503),
}


@router.post(
    "/callbacks/{channel}",
    summary="What became of a message.",
    response_class=Response,
    responses=ANSWERS,
)
@router.get(
    "/callbacks/{channel}",
    summary="A service proves the address of its callbacks.",
    response_class=Response,
    responses=ANSWERS,
)
# One route for both, which is found first: its 405 names both in `Allow`, as it must.
@router.api_route("/callbacks/{channel}", methods=["GET", "POST"], include_in_schema=False)
@hooks.api_route("/hooks/{channel}", methods=["GET", "POST"], include_in_schema=False)
async def take(request: Request, channel: str) -> Response:
    """For the channel of this name, which checks the signature itself: no token is needed."""
    hub: LateHub = request.app.state.hub
    body = await request.body()
    answer = await run_in_threadpool(_taken, hub, channel, request, body)
    return Response(answer.body, answer.status, media_type=answer.media_type)


def _taken(
    late: LateHub, channel: str, request: Request, body: bytes
) -> CallbackAnswer[IncomingNews | Unreadable]:
    from incasso.services.sending.callbacks import take_callback

    hub = late()
    given = CallbackRequest(
        method=request.method,
        path=request.url.path,
        headers={name.lower(): value for name, value in request.headers.items()},
        query=dict(request.query_params),
        body=body,
        received_at=hub.now(),
    )
    try:
        return take_callback(hub, channel, given, hub.today())
    except RejectedError:
        raise HTTPException(403, "The request is not signed as it must be.") from None
    except UnsupportedError:
        raise HTTPException(404, f"No channel {channel} takes callbacks.") from None
    except PluginError:
        detail = "The channel cannot take it now; send it again later."
        raise HTTPException(503, detail, {"Retry-After": "60"}) from None
    finally:
        hub.write_plugin_log()
