"""The month's budget of each channel that has one: what leaves within it, what the office hears.

It is counted in the transaction that marks messages, so that several processes never spend more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from sqlalchemy import Connection

from incasso.contract.text import Text, text
from incasso.domain.money import from_minor, to_minor
from incasso.domain.sending.budget import Budget, month_of, next_month
from incasso.plugins.handles import ChannelHandle
from incasso.services.hub.hub import Hub
from incasso.services.sending.composed import Leaving
from incasso.services.sending.costs import minor_cost
from incasso.store.sending import spending


class Budgets:
    """The budgets during one dispatch."""

    def __init__(self, on: date) -> None:
        self._on = on

    def within(
        self, connection: Connection, group: Sequence[Leaving]
    ) -> tuple[list[Leaving], dict[str, Text]]:
        """Those of the messages that their channels' budgets bear, in order, and why a channel
        stops. Until the transaction ends nobody else marks messages of these channels."""
        limited = {each.channel.id: each.channel for each in group if _has_budget(each.channel)}
        if not limited:
            return list(group), {}
        now = {id: self._locked(connection, limited[id]) for id in sorted(limited)}
        leaving: list[Leaving] = []
        stopped: dict[str, Text] = {}
        for message in group:
            channel = message.channel
            if (budget := now.get(channel.id)) is None:
                leaving.append(message)
            elif channel.id not in stopped:
                cost = _expected(message, channel.tariff.currency)
                if budget.bears(cost):
                    now[channel.id] = budget.after(cost)
                    leaving.append(message)
                else:
                    stopped[channel.id] = _reached(channel, budget, self._on)
        return leaving, stopped

    def _locked(self, connection: Connection, channel: ChannelHandle) -> Budget:
        spending.alone(connection, channel.id)
        return _budget(connection, channel, self._on)


def costs_of(messages: Sequence[Leaving]) -> dict[str, tuple[int, str]]:
    """By delivery, what each will cost, where it is known before."""
    found = {each.delivery: minor_cost(each.prepared.cost) for each in messages}
    return {delivery: cost for delivery, cost in found.items() if cost is not None}


def spent_up(hub: Hub, connection: Connection, on: date) -> Mapping[str, Text]:
    """The channels whose budget is reached, and what to say of their messages."""
    found = {
        channel: _budget(connection, channel, on)
        for channel in hub.registry.channels()
        if _has_budget(channel)
    }
    return {
        channel.id: _reached(channel, budget, on)
        for channel, budget in found.items()
        if budget.is_reached
    }


def budget_notes(hub: Hub, on: date) -> list[Text]:
    """A sentence for each budget of which four fifths are spent."""
    with hub.store.read() as connection:
        return list(_notes(hub, connection, on))


def budgets_of(hub: Hub, on: date) -> list[Text]:
    """A sentence for each budget: how it stands in the month of that day."""
    with hub.store.read() as connection:
        return [
            text(
                "{channel}: {spent} of {limit} {currency} spent in {month} ({percent} %)",
                **_figures(channel, budget, on),
                percent=budget.percent,
            )
            for channel in filter(_has_budget, hub.registry.channels())
            for budget in [_budget(connection, channel, on)]
        ]


def _notes(hub: Hub, connection: Connection, on: date) -> Iterator[Text]:
    for channel in filter(_has_budget, hub.registry.channels()):
        budget = _budget(connection, channel, on)
        if budget.is_reached:
            yield _reached(channel, budget, on)
        elif budget.is_warned_of:
            yield text(
                "{channel}: {percent} % of the budget of {month} is spent ({spent} of {limit} "
                "{currency}); at 100 % its messages wait",
                **_figures(channel, budget, on),
                percent=budget.percent,
            )


def _reached(channel: ChannelHandle, budget: Budget, on: date) -> Text:
    return text(
        "{channel}: the budget of {month} is reached ({spent} of {limit} {currency}): its messages "
        "wait until {day}, or until somebody raises `budget` in plugins.toml",
        **_figures(channel, budget, on),
        day=next_month(on),
    )


def _figures(channel: ChannelHandle, budget: Budget, on: date) -> dict[str, object]:
    currency = channel.tariff.currency
    return {
        "channel": channel.id,
        "month": f"{on:%m/%Y}",
        "spent": from_minor(budget.spent, currency),
        "limit": from_minor(budget.limit, currency),
        "currency": currency,
    }


def _has_budget(channel: ChannelHandle) -> bool:
    return channel.tariff.budget is not None


def _budget(connection: Connection, channel: ChannelHandle, on: date) -> Budget:
    tariff = channel.tariff
    assert tariff.budget is not None
    spent = spending.spent(connection, channel.id, *month_of(on), tariff.currency)
    return Budget(to_minor(tariff.budget, tariff.currency), spent)


def _expected(message: Leaving, currency: str) -> int:
    """In the budget's currency; what costs in another is not counted against it."""
    cost = minor_cost(message.prepared.cost)
    return cost[0] if cost is not None and cost[1] == currency else 0
