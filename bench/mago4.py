"""Case `mago4`: a company's open items, against the same query fetched and thrown away."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import sqlalchemy as sa

from bench.measure import Measured, Stopwatch, report, run_named
from bench.trial import SQLITE, Row, Trial
from incasso.contract.capabilities import Family
from incasso.contract.ledger import InstallmentRecord
from incasso.plugins.discovery import inspect_packages
from incasso.plugins.registry import build_registry
from incasso.plugins.settings.config import HubConfig
from incasso_fake_mago4 import MagoCompany
from incasso_fake_mago4.bulk import fill

ON = date(2026, 6, 15)
NOW = datetime(2026, 6, 15, 6, 0, tzinfo=UTC)


class Remembered:
    """What a hub that read the ledger before holds: a fingerprint for each key."""

    def __init__(self, prints: dict[str, bytes]) -> None:
        self._prints = prints

    def fingerprints(self, keys: Sequence[str]) -> Mapping[str, bytes]:
        """Those of these keys."""
        return {key: self._prints[key] for key in keys if key in self._prints}

    def recognise(self, fingerprints: Sequence[bytes]) -> Sequence[bool]:
        """None: every row is asked for by its key."""
        return [False] * len(fingerprints)


def make(folder: Path, server: str, items: str) -> None:
    """Write the company."""
    fill(MagoCompany.create(_company(folder, server)), int(items), on=ON)
    report(Stopwatch())


def plain(folder: Path, server: str) -> None:
    """The bare query plus fetch: the connector's own statement, by the driver alone."""
    import incasso_mago4.database.open_items as open_items
    from incasso_mago4.database.schema import Schema
    from incasso_mago4.settings import Mago4Settings

    url = _company(folder, server)
    engine = sa.create_engine(url)
    inspector = sa.inspect(engine)
    shown = {
        name: tuple((column["name"], "") for column in inspector.get_columns(name))
        for name in inspector.get_table_names()
    }
    statement = open_items.all_rows(Schema(shown), Mago4Settings(url=url), ON)
    made = statement.compile(engine, compile_kwargs={"render_postcompile": True})
    watch = Stopwatch()
    rows = 0
    with engine.connect() as connection:
        raw = connection.connection.dbapi_connection
        assert raw is not None
        cursor = raw.cursor("bare") if engine.dialect.name == "postgresql" else raw.cursor()
        values: object = made.params
        if made.positional:
            values = [str(made.params[name]) for name in made.positiontup or ()]
        with watch.running():
            cursor.execute(str(made), values)  # type: ignore[arg-type]
            while part := cursor.fetchmany(5000):
                rows += len(part)
    report(watch, rows=rows)


def read(folder: Path, server: str, how: str) -> None:
    """Every item through the hub's door: all of them built, or all of them known already."""
    url = _plain_url(_company(folder, server))
    registry = build_registry(
        HubConfig(
            path=Path("plugins.toml"),
            tables={Family.CONNECTOR: {"acme": {"plugin": "mago4", "url": url}}},
        ),
        now=lambda: NOW,
        discovery=inspect_packages({"mago4": __import__("incasso_mago4")}),
    )
    handle = registry.connector("acme")
    known: dict[str, bytes] = {}
    if how != "first":
        for page in handle.pull_installments(None, Remembered({}), ON):
            known.update(
                (i.key, i.fingerprint) for i in page.items if isinstance(i, InstallmentRecord)
            )
    watch = Stopwatch()
    built = same = 0
    cursor: str | None = None
    with watch.running():
        for page in handle.pull_installments(None, Remembered(known), ON):
            built, same, cursor = built + len(page.items), same + len(page.unchanged), page.cursor
    if how == "later":
        watch, built, same = Stopwatch(), 0, 0
        with watch.running():
            for page in handle.pull_installments(cursor, Remembered(known), ON):
                built, same = built + len(page.items), same + len(page.unchanged)
    registry.close()
    report(watch, built=built, unchanged=same)


def _plain_url(url: str) -> str:
    return sa.make_url(url).set(password=None).render_as_string(hide_password=False)


JOBS: dict[str, Callable[..., None]] = {each.__name__: each for each in (make, plain, read)}


def reads(trial: Trial) -> Iterator[Row]:
    """A company of that many items: read for the first time, again in full, and what changed."""
    _run(trial, "make", str(trial.size))
    bare = _best(trial, "plain")
    for how, name in (
        ("first", "mago4, first read"),
        ("again", "mago4, read again"),
        ("later", "mago4, changes"),
    ):
        yield Row(name=name, hub=_best(trial, "read", how), plain=bare, items=trial.size)


def _best(trial: Trial, *words: str) -> Measured:
    """The fastest of three: other programs on the machine only ever make it slower."""
    return min((_run(trial, *words) for _ in range(3)), key=lambda run: run.seconds)


def _run(trial: Trial, name: str, *arguments: str) -> Measured:
    return trial.run(name, *arguments, module="bench.mago4")


def _company(folder: Path, server: str) -> str:
    return f"sqlite:///{folder / 'company.db'}" if server == SQLITE else server


if __name__ == "__main__":
    run_named(JOBS, sys.argv[1:])
