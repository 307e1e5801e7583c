"""Which rows of a list an actor's scope lets through."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from incasso.domain.office.actor import Scope
from incasso.store.lists.listing import Belongs
from incasso.store.lists.narrowing import in_scope_of_clients, of_sources
from incasso.store.lists.paths import Paths
from incasso.store.office.scope import within
from incasso.store.tables.ledger import clients, sources


def in_scope(paths: Paths, scope: Scope) -> ColumnElement[bool]:
    """The condition on the rows of the list."""
    if scope.providers is not None:
        return _of_providers(paths, scope.providers, scope)
    match paths.listing.belongs:
        case Belongs.CLIENT:
            return in_scope_of_clients(paths, scope)
        case Belongs.SOURCE:
            return _of_source(paths.sources.c.name, scope)
        case Belongs.EVENT:
            return _of_event(paths, scope)
        case Belongs.OFFICE:
            return sa.true()


def _of_providers(paths: Paths, providers: frozenset[str], scope: Scope) -> ColumnElement[bool]:
    """What was placed with them, in lists that say with whom; of every other list nothing."""
    if not paths.listing.provider or _narrows_clients(scope):
        return sa.false()
    theirs = paths.column(paths.listing.provider).in_(sorted(providers))
    return sa.and_(theirs, of_sources(paths, scope.sources))


def _of_source(name: ColumnElement[str], scope: Scope) -> ColumnElement[bool]:
    if _narrows_clients(scope):
        return sa.false()
    return sa.true() if scope.sources is None else name.in_(sorted(scope.sources))


def _of_event(paths: Paths, scope: Scope) -> ColumnElement[bool]:
    """Events about the scope's clients; the office's own ones only where it has no bounds."""
    source, client = paths.column("source"), paths.column("client")
    if not _narrows_clients(scope):
        return _of_source(source, scope)
    theirs = (
        sa.select(1)
        .select_from(clients.join(sources, sources.c.id == clients.c.source_id))
        .where(sources.c.name == source, clients.c.code == client, within(scope))
    )
    return theirs.exists()


def _narrows_clients(scope: Scope) -> bool:
    return (scope.agents, scope.depots, scope.operator) != (None, None, None)
