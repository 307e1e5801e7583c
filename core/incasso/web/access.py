"""Access: the bearer token of a program, its scopes and its companies."""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import BackgroundTasks, Depends, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.exc import SQLAlchemyError

from incasso.domain.proof.standing import Standing
from incasso.services.office.office import Office
from incasso.services.office.tokens import SCOPES, Access, access_by, note_use
from incasso.services.proof.standing import judge

_bearer = HTTPBearer(
    auto_error=False,
    bearerFormat="inc_….…",
    description="A token of `incasso tokens add`.",
)
_log = logging.getLogger(__name__)

_PUT_BACK: Final = (Standing.BEHIND, Standing.DIFFERENT)

PUT_BACK: Final = (
    "A copy of the hub's database was put back and does not know what happened since it was made: "
    "run `incasso recover`."
)


def office_of(request: Request) -> Office:
    """The office behind the application."""
    office: Office = request.app.state.office
    return office


def needs(scope: str) -> Callable[..., Access]:
    """A dependency that admits tokens with this scope: 401 without a valid one, 403 without it,
    429 if it asks too fast."""
    assert scope in SCOPES

    def allowed(
        request: Request,
        later: BackgroundTasks,
        given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    ) -> Access:
        office = office_of(request)
        found = access_by(office.store, given.credentials, office.now()) if given else None
        if found is None:
            raise HTTPException(
                HTTPStatus.UNAUTHORIZED,
                "Send a valid token: `Authorization: Bearer …`, made by `incasso tokens add`.",
                {"WWW-Authenticate": 'Bearer realm="incasso"'},
            )
        access, to_note = found
        if wait := request.app.state.paces.wait(access.name, office.now()):
            raise HTTPException(
                HTTPStatus.TOO_MANY_REQUESTS,
                f"The token {access.name} asks too fast; again in {wait} s.",
                {"Retry-After": str(wait)},
            )
        if to_note is not None:
            later.add_task(_note, office, to_note)
        if scope not in access.scopes:
            raise HTTPException(
                HTTPStatus.FORBIDDEN, f"The token {access.name} has no scope {scope}."
            )
        return access

    return allowed


def need_current(request: Request) -> None:
    """Refuse an answer from a copy that was put back: it does not know the blocks made since, and
    "may order" for a blocked client costs more than no answer. 503."""
    if judge(office_of(request).store, thorough=False).standing in _PUT_BACK:
        raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, PUT_BACK)


def need_source(access: Access, source: str) -> None:
    """Refuse a company the token is not for, whether or not there is one."""
    if not access.may_see(source):
        raise HTTPException(
            HTTPStatus.FORBIDDEN, f"The token {access.name} is not for the company {source}."
        )


def _note(office: Office, token: int) -> None:
    """Runs after the answer is sent, so that a locked database delays no request."""
    try:
        note_use(office.store, token, office.now())
    except SQLAlchemyError as error:
        _log.warning("the last use of a token was not noted: %s", error)
