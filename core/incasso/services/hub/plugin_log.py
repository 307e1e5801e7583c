"""Carry over between processes what plugin instances did: paused ones, and the day's calls."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from incasso.plugins.calls import CallRecord
from incasso.plugins.registry import Registry
from incasso.plugins.rules import RULES
from incasso.plugins.states import State
from incasso.store.engine import Store
from incasso.store.office import plugin_instances
from incasso.store.office.plugin_instances import InstanceState, LoggedCall

MOST_KEPT: Final = 50_000
_COUNTED: Final = tuple(name for name, rule in RULES.items() if rule.counted)

logger = logging.getLogger(__name__)


class PluginLog:
    """Collects call records in memory; `write` saves them in one transaction of its own.

    Not while a call runs: its caller may hold the only write lock of an SQLite file.
    """

    def __init__(self) -> None:
        self._records: deque[CallRecord] = deque(maxlen=MOST_KEPT)

    def add(self, record: CallRecord) -> None:
        """Keep a call, unless it is a local one that went well: these are many and say little."""
        if record.outcome != "ok" or record.hook in _COUNTED or record.hook == "instance_check":
            self._records.append(record)

    def forget(self) -> None:
        """Drop what was collected: a look that changes nothing leaves no trace."""
        self._records.clear()

    def write(self, store: Store, registry: Registry, at: datetime) -> None:
        """Save calls and states, if there is anything new. A log that fails stops nothing."""
        if not (self._records or registry.changed()) or not store.is_there:
            return  # a command that only reads must not wait for somebody's write lock
        # Taken one by one: other threads add while they call.
        changed = registry.changed()
        taken = [self._records.popleft() for _ in range(len(self._records))]
        calls = [_call(record) for record in taken]
        try:
            with store.write() as connection:
                if plugin_instances.has_tables(connection):
                    plugin_instances.record_calls(connection, calls, at)
                    found = plugin_instances.states(connection)
                    kept = {each.instance: each.state for each in found}
                    plugin_instances.save_states(connection, _states(registry, kept))
        except sa.exc.SQLAlchemyError as error:
            logger.warning("the log of plugin calls was not saved: %s", type(error).__name__)
            self._records.extendleft(reversed(taken))
            return
        registry.saved(changed)


def follow_pauses(store: Store, registry: Registry) -> None:
    """Pause what another process has paused meanwhile, and go on where one has ended a pause."""
    with store.read() as connection:
        kept = plugin_instances.states(connection)
    changed = registry.changed()
    for each in kept:
        if each.state == State.PAUSED:
            registry.pause(each.instance, since=each.since, reason=each.reason, hint=each.hint)
        elif each.instance not in changed:
            registry.resume(each.instance)


def restore_states(store: Store, registry: Registry, now: datetime) -> None:
    """Pause again what waits for a person, and count the calls of the last day.

    Otherwise every new process would try a refused password once more, until the account is
    locked, and a limit per day would begin anew with each.
    """
    if not store.is_there:
        return
    try:
        with store.read() as connection:
            if not plugin_instances.has_tables(connection):
                return
            for kept in plugin_instances.states(connection):
                if kept.state == State.PAUSED:
                    registry.pause(
                        kept.instance, since=kept.since, reason=kept.reason, hint=kept.hint
                    )
            for name in registry.with_daily_limit():
                since = now - timedelta(days=1)
                registry.count(
                    name, plugin_instances.recent_calls(connection, name, _COUNTED, since)
                )
    except sa.exc.SQLAlchemyError as error:
        logger.warning("the states of plugin instances are unknown: %s", type(error).__name__)


def _call(record: CallRecord) -> LoggedCall:
    return LoggedCall(
        at=record.at,
        instance=record.instance,
        hook=record.hook,
        key=record.key,
        attempt=record.attempt,
        milliseconds=record.milliseconds,
        outcome=record.outcome,
        error=record.error,
    )


def _states(registry: Registry, kept: Mapping[str, str]) -> list[InstanceState]:
    """The states to save. A process that has not touched an instance neither ends a pause that
    another has begun nor begins one again that another has ended."""
    changed = registry.changed()
    return [
        InstanceState(
            instance=view.id,
            family=view.family,
            kind=view.kind,
            state=view.state,
            since=view.since,
            reason=view.reason,
            hint=view.hint,
            remote_identity=view.remote_identity,
            enabled=view.state is not State.DISABLED,
        )
        for view in registry.instances()
        if view.id in changed or State.PAUSED not in (view.state, kept.get(view.id, view.state))
    ]
