"""Errors as problem documents (RFC 9457): what is wrong and the cure, never a traceback."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect


class BodyError(Exception):
    """A body that is too large or too slow; holds the status and the sentence."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


MEDIA_TYPE: Final = "application/problem+json"

_log = logging.getLogger(__name__)


class Problem(BaseModel):
    """What went wrong, for a program and for the person who reads its log."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str


def may_answer(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems an operation may answer with, for OpenAPI."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": Problem.model_json_schema()}},
        }
        for status in statuses
    }


def handle_problems(app: FastAPI) -> None:
    """Answer every error of the application as a problem document."""
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(BodyError, _no_body)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(SQLAlchemyError, _no_database)
    app.add_exception_handler(Exception, _unexpected)


async def _refused(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return problem_answer(error.status_code, str(error.detail), error.headers)


async def _no_body(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, BodyError)
    return problem_answer(error.status, error.detail, {"Connection": "close"})


async def _malformed(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    listed = "; ".join(
        f"{'.'.join(str(part) for part in each['loc'][1:])}: {each['msg']}"
        for each in error.errors()
    )
    return problem_answer(HTTPStatus.BAD_REQUEST, listed or "The request cannot be read.")


async def _gone(_request: Request, _error: Exception) -> JSONResponse:
    """Nobody hears it: whoever asked closed the connection in the middle of its body."""
    return problem_answer(HTTPStatus.BAD_REQUEST, "The body did not come to its end.")


async def _no_database(_request: Request, error: Exception) -> JSONResponse:
    _log.error("the database does not answer: %s", error)
    detail = "The hub's database does not answer; ask again in a moment."
    return problem_answer(HTTPStatus.SERVICE_UNAVAILABLE, detail, {"Retry-After": "5"})


async def _unexpected(_request: Request, error: Exception) -> JSONResponse:
    _log.error("unexpected %s: %s", type(error).__name__, error)
    detail = "The hub could not answer; its log says more."
    return problem_answer(HTTPStatus.INTERNAL_SERVER_ERROR, detail)


def problem_answer(
    status: int, detail: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """A problem document with that status and detail."""
    problem = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail)
    return JSONResponse(
        problem.model_dump(), status, headers=dict(headers or {}), media_type=MEDIA_TYPE
    )
