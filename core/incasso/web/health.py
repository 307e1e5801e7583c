"""Health endpoint for load balancers and watchdogs; shows nothing that needs a token."""

from __future__ import annotations

from typing import Literal

import sqlalchemy as sa
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from incasso.web.access import need_current, office_of
from incasso.web.problems import may_answer

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """The server answers and its database does."""

    status: Literal["ok"] = Field(default="ok", description="Anything else is an error.")


@router.get("/health", summary="Is the hub there?", responses=may_answer(400, 421, 422, 429, 503))
def health(request: Request) -> Health:
    """200 if the database answers, 503 if not, or if it is a copy that was put back and not yet
    recovered; asks for no token."""
    with office_of(request).store.read() as connection:
        connection.execute(sa.select(1))
    need_current(request)
    return Health()
