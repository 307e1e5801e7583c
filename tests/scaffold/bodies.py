"""What an author would write into the generated projects, method by method."""

from __future__ import annotations

from incasso.contract.capabilities import Family

_CHECK = 'return CheckReport(remote_identity=self._client.get(ctx, "/{}")["id"])'

BODIES: dict[Family, dict[str, str]] = {
    Family.CONNECTOR: {
        "instance_check": _CHECK.format("company"),
        "erp_pull_clients": """
            rows = self._client.get(ctx, "/clients")["rows"]
            yield Page(items=tuple(mapping.client(row) for row in rows), complete=True)
        """,
        "erp_pull_installments": """
            rows = self._client.get(ctx, "/installments")["rows"]
            yield Page(items=tuple(mapping.installment(row) for row in rows), complete=True)
        """,
        "mapping.client": 'return ClientRecord(code=row["code"], name=row["name"])',
        "mapping.installment": """
            return InstallmentRecord(
                key=row["key"],
                client=row["client"],
                due_date=date.fromisoformat(row["due"]),
                residual=Decimal(row["open"]),
            )
        """,
    },
    Family.CHANNEL: {
        "instance_check": _CHECK.format("account"),
        "channel_prepare": """
            return Prepared(
                content=msgspec.json.encode(mapping.body(message)),
                media_type="application/json",
                filename=f"{message.delivery}.json",
            )
        """,
        "channel_send": """
            if ctx.dry_run:
                return Receipt(ref="dry-run", at=ctx.now())
            answer = self._client.post(ctx, "/messages", prepared.content)
            return Receipt(ref=answer["id"], at=ctx.now())
        """,
        "mapping.body": """
            if not message.to.address.removeprefix("+").isdigit():
                problem = Problem(code="number", field="to.address", message="no phone number")
                raise RejectedError("no phone number", problems=(problem,), bad_address=True)
            if len(message.text) > 1530:
                problem = Problem(code="long", field="text", message="too long")
                raise RejectedError("too long", problems=(problem,))
            return {"to": message.to.address, "text": message.text, "key": message.delivery}
        """,
    },
    Family.PROVIDER: {
        "instance_check": _CHECK.format("account"),
        "provider_prepare_lot": """
            rows = [mapping.body(each) for each in dossiers]
            sink.write(msgspec.json.encode({"key": batch.id, "rows": rows}))
            return Written(
                filename=f"{batch.sequence}.json",
                media_type="application/json",
                items=len(rows),
                rows=sum(row["credits"] for row in rows),
                sums=(Money(amount=sum((Decimal(row["total"]) for row in rows), Decimal(0))),),
            )
        """,
        "provider_submit": """
            if ctx.dry_run:
                return Submitted(ref="dry-run", at=ctx.now())
            told = self._client.post(ctx, "/lots", source.read())
            return Submitted(ref=told["id"], at=ctx.now())
        """,
        "mapping.body": """
            return {
                "placement": dossier.placement,
                "name": dossier.debtor.name,
                "credits": len(dossier.credits),
                "total": str(dossier.total.amount),
            }
        """,
        "mapping.update": """
            return PlacementUpdate(
                placement=PlacementRef(ours=row["case"]),
                update_id=str(row["id"]),
                at=datetime.fromisoformat(row["at"]),
                kind=UpdateKind(row["what"]),
            )
        """,
    },
}

IMPORTS = {
    Family.CONNECTOR: {
        "__init__.py": "from incasso_{name} import mapping",
        "mapping.py": "from datetime import date\nfrom decimal import Decimal",
    },
    Family.CHANNEL: {
        "__init__.py": "import msgspec\n\nfrom incasso_{name} import mapping",
        "mapping.py": "from incasso.api import Problem, RejectedError",
    },
    Family.PROVIDER: {
        "__init__.py": (
            "from decimal import Decimal\n\nimport msgspec\n\nfrom incasso.api import Money\n"
            "from incasso_{name} import mapping"
        ),
        "mapping.py": (
            "from datetime import datetime\n\nfrom incasso.api import PlacementRef, UpdateKind"
        ),
    },
}
"""What the bodies need beside what the generated files import."""
