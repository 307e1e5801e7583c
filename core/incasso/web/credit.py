"""May this client order? One client by index, or everybody who may not."""

from __future__ import annotations

from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from pydantic import BaseModel, Field

from incasso.services.office.tokens import Access
from incasso.services.orders.credit_status import blocked_clients, credit_status
from incasso.services.orders.feed import as_csv
from incasso.web.access import need_current, need_source, needs, office_of
from incasso.web.problems import may_answer

router = APIRouter(tags=["orders"])

NOT_KEPT = {"Cache-Control": "no-store"}
"""A proxy that caches an answer would let a blocked client order."""


class CreditStatus(BaseModel):
    """Whether a client may order."""

    source: str = Field(description="The company: the name of its connector.")
    client: str = Field(description="The client's code in the ERP.")
    allowed: bool = Field(description="False: take no new order.")
    blocked_by: Literal["hub", "erp", "both"] | None = Field(
        description="Who says no: the hub, the ERP by itself, or both."
    )
    reason: str = Field(description="Why not, for the person at the counter; empty if allowed.")
    since: date | None = Field(
        description="Since when the hub blocks; null for the ERP's own blocks, which tell no date."
    )
    trusted: bool = Field(
        description="False: the ledger behind this answer is older than the company allows. The "
        "answer is the last known one; the order program decides."
    )
    as_of: datetime | None = Field(description="When the company's ledger was last read well.")


class BlockedClient(BaseModel):
    """One client who may not order."""

    source: str = Field(description="The company: the name of its connector.")
    client: str = Field(description="The client's code in the ERP.")
    name: str = Field(description="As the ERP writes it.")
    vat: str = Field(description="VAT number; empty if the ERP has none.")
    blocked_since: date | None = Field(description="Null for the ERP's own blocks.")
    reason: str = Field(description="Why, for the person at the counter.")
    blocked_by: Literal["hub", "erp", "both"] = Field(description="Who says no.")


@router.get(
    "/credit-status/{source}/{client:path}",
    summary="May this client order?",
    response_model=CreditStatus,
    responses=may_answer(400, 401, 403, 404, 421, 422, 429, 503),
)
def get_credit_status(
    request: Request,
    response: Response,
    source: str,
    client: str,
    access: Annotated[Access, Depends(needs("credit-status"))],
) -> CreditStatus:
    """The client's standing now. Scope `credit-status`."""
    need_source(access, source)
    need_current(request)
    office = office_of(request)
    with office.store.read() as connection:
        found = credit_status(
            connection, office.config, access.actor.scope, source, client, office.now()
        )
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, f"The company {source} has no client {client}.")
    response.headers.update(NOT_KEPT)
    return CreditStatus(**msgspec.structs.asdict(found))


@router.get(
    "/blocked",
    summary="Everybody who may not order.",
    response_model=list[BlockedClient],
    responses={
        200: {"content": {"text/csv": {}}, "description": "JSON, or CSV with `format=csv`."},
        **may_answer(400, 401, 403, 421, 422, 429, 503),
    },
)
def get_blocked(
    request: Request,
    response: Response,
    access: Annotated[Access, Depends(needs("blocked"))],
    format: Annotated[
        Literal["json", "csv"], Query(description="How the list is written.")
    ] = "json",
    source: Annotated[str | None, Query(description="Only this company.")] = None,
) -> Response | list[BlockedClient]:
    """The feed of blocked clients, by source and code. Scope `blocked`."""
    if source is not None:
        need_source(access, source)
    need_current(request)
    office = office_of(request)
    with office.store.read() as connection:
        rows = list(blocked_clients(connection, office.config.language, access.actor.scope, source))
    if format == "csv":
        return Response(as_csv(rows), media_type="text/csv; charset=utf-8", headers=NOT_KEPT)
    response.headers.update(NOT_KEPT)
    return [BlockedClient(**row) for row in rows]
