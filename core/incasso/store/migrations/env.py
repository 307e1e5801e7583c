"""Alembic's entry: run migrations, or compare, on the connection that `migrate` hands over."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from incasso.store.tables import metadata
from incasso.store.tables.columns import Code, Instant, Sentence, belongs, tell_dialects


def render(kind: str, thing: Any, autogen: Any) -> str | Literal[False]:
    """Write our own column types as the database sees them; leave the rest to Alembic."""
    if kind == "type" and isinstance(thing, Code | Sentence):
        return "sa.Text()"
    if kind == "type" and isinstance(thing, Instant):
        autogen.imports.add("from incasso.store.tables.columns import Instant")
        return "Instant()"
    return False


def compared(_part: Any, name: str | None, _kind: str, _reflected: bool, _other: Any) -> bool:
    """Leave out what is for another kind of database."""
    return belongs(name, context.get_context().dialect.name)


tell_dialects()
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_item=render,
    include_object=compared,
    render_as_batch=True,  # SQLite changes a table by copying it
)
with context.begin_transaction():
    context.run_migrations()
