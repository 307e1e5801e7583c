"""Case `lists`: what a page of the office asks, against its rows read by their keys.

An office of some years is filled quickly (`reading_fill`); then every list's first page, its
thousandth, the lists of one client, filters, scopes, searches and sums are read, again and again.
The time of a row is that of its slowest query but one in twenty.
"""

from __future__ import annotations

from collections.abc import Iterator

from bench.trial import Row, Trial

TILES = "sums for tiles"
KINDS = ("first pages", "later pages", "of one client", "narrowed", "searches")


def lists(trial: Trial) -> Iterator[Row]:
    """One row for each kind of question."""
    trial.run("fill", str(trial.size), module="bench.reading_jobs")
    for kind in KINDS:
        plain = trial.run("plain_read", kind, module="bench.reading_jobs")
        hub = trial.run("hub_read", kind, module="bench.reading_jobs")
        yield Row(name=f"lists, {kind}", hub=hub, plain=plain, items=1)
    plain = trial.run("plain_sums", module="bench.reading_jobs")
    hub = trial.run("hub_read", "tiles", module="bench.reading_jobs")
    yield Row(name=TILES, hub=hub, plain=plain, items=1)
