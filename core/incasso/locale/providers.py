"""Providers in words: what keeps a lot from leaving, and which paper ends when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from incasso.contract.text import Text, counted, in_a_row, template, text
from incasso.domain.fault import Fault
from incasso.domain.placement.eligibility import Ending, Obstacle, Paper
from incasso.locale.labels import SERVICES

_OBSTACLES: Final[Mapping[str, str]] = {
    Obstacle.NOT_ACTIVE: template("it gets nothing more (active = false)"),
    Obstacle.NOT_OFFERED: template("it does not offer this service: {service}"),
    Obstacle.NO_MANDATE: template("there is no mandate: add [provider.mandate]"),
    Obstacle.MANDATE_NOT_YET: template("the mandate {number} begins on {day}"),
    Obstacle.MANDATE_OVER: template("the mandate {number} ended on {day}"),
    Obstacle.NO_LICENCE: template(
        "there is no licence by art. {article} TULPS, which this service needs: {service}"
    ),
    Obstacle.LICENCE_OVER: template("the licence {number} (art. {article} TULPS) ended on {day}"),
    Obstacle.NO_AGREEMENT: template(
        "there is no agreement on the processing of data: add [provider.data_agreement]"
    ),
    Obstacle.AGREEMENT_NOT_YET: template("the agreement on the processing of data begins on {day}"),
    Obstacle.AGREEMENT_OVER: template("the agreement on the processing of data ended on {day}"),
    Obstacle.OUTSIDE_TERRITORY: template("{place} is outside its territory"),
    Obstacle.PLACE_UNKNOWN: template(
        "the client's province is not known, and it works only in some"
    ),
    Obstacle.NEVER_TO_THIS: template("this client is never to go to it (conflict of interest)"),
    Obstacle.NOT_TAKEN: template("it takes only what matches, and {key} does not"),
    Obstacle.ONLY_TO_OTHERS: template("credits like this go to {other} only"),
}

_ENDED: Final[Mapping[Paper, str]] = {
    Paper.MANDATE: template("{provider}: the mandate {number} ended on {day}: no lot leaves"),
    Paper.LICENCE: template("{provider}: the licence {number} ended on {day}: no lot leaves"),
    Paper.AGREEMENT: template(
        "{provider}: the agreement on the processing of data {number} ended on {day}: no lot leaves"
    ),
}


def obstacle_text(found: Fault) -> Text:
    """Why something may not go to a provider, without a full stop."""
    values = dict(found.values)
    if "service" in values:
        values["service"] = SERVICES[values["service"]]
    return Text(_OBSTACLES[found.code], values)


def standing_text(obstacles: Sequence[Fault]) -> Text:
    """Whether a lot may leave, and all that keeps it."""
    if not obstacles:
        return text("lots may leave")
    return text("no: {reasons}", reasons=in_a_row(map(obstacle_text, obstacles)))


def ending_text(ending: Ending) -> Text:
    """A paper that ended or will soon, with what follows from it."""
    values = {"provider": ending.provider, "number": ending.number, "day": ending.until}
    if ending.days < 0:
        return Text(_ENDED[ending.paper], values)
    match ending.paper:
        case Paper.MANDATE:
            return counted(
                "{provider}: the mandate {number} ends on {day}, in {n} day; then no lot leaves",
                "{provider}: the mandate {number} ends on {day}, in {n} days; then no lot leaves",
                n=ending.days,
                **values,
            )
        case Paper.LICENCE:
            return counted(
                "{provider}: the licence {number} ends on {day}, in {n} day; then no lot leaves",
                "{provider}: the licence {number} ends on {day}, in {n} days; then no lot leaves",
                n=ending.days,
                **values,
            )
        case Paper.AGREEMENT:
            return counted(
                "{provider}: the agreement on the processing of data {number} ends on {day}, in "
                "{n} day; then no lot leaves",
                "{provider}: the agreement on the processing of data {number} ends on {day}, in "
                "{n} days; then no lot leaves",
                n=ending.days,
                **values,
            )


def instance_text(provider: str, instance: str) -> Text:
    """That the configuration does not know what carries its files."""
    return text(
        "{provider}: plugins.toml has no [providers.{instance}]: its lots cannot leave",
        provider=provider,
        instance=instance,
    )
