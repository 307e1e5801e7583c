"""Read the open items of a Mago4 company, against the same query fetched and thrown away.

`python -m bench.mago4 [--items N] [--servers sqlite,postgresql]`
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa

from bench.measure import Measured, Stopwatch, job, report
from bench.postgres import empty_database, server
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


def make(url: str, items: str) -> None:
    """Write the company."""
    fill(MagoCompany.create(url), int(items), on=ON)
    report(Stopwatch())


def plain(url: str, _items: str) -> None:
    """The bare query plus fetch: the connector's own statement, by the driver alone."""
    import incasso_mago4.database.open_items as open_items
    from incasso_mago4.database.schema import Schema
    from incasso_mago4.settings import Mago4Settings

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


def read(url: str, how: str) -> None:
    """Every item through the hub's door: all of them built, or all of them known already."""
    registry = build_registry(
        HubConfig(
            path=Path("plugins.toml"),
            tables={Family.CONNECTOR: {"acme": {"plugin": "mago4", "url": _plain_url(url)}}},
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


JOBS: dict[str, Callable[[str, str], None]] = {each.__name__: each for each in (make, plain, read)}


def main() -> None:
    """Measure on each kind of server, and print seconds, ratio and memory."""
    parser = argparse.ArgumentParser(prog="python -m bench.mago4", description=__doc__)
    parser.add_argument("--items", default="200000")
    parser.add_argument("--servers", default="sqlite,postgresql")
    asked = parser.parse_args()
    with TemporaryDirectory(prefix="bench") as folder:
        for kind in asked.servers.split(","):
            if kind == "sqlite":
                measure(kind, f"sqlite:///{folder}/company.db", asked.items)
                continue
            with server(Path(folder)) as postgres, empty_database(postgres) as url:
                measure(kind, url, asked.items)


def measure(kind: str, url: str, items: str) -> None:
    """One kind of server."""
    job("bench.mago4", "make", url, items)
    bare = best("plain", url, items)
    line(kind, "bare query plus fetch", bare, bare)
    for how in ("first", "again", "later"):
        line(kind, f"read, {how}", best("read", url, how), bare)


def best(name: str, url: str, argument: str) -> Measured:
    """The fastest of three: other programs on the machine only ever make it slower."""
    runs = [job("bench.mago4", name, url, argument) for _ in range(3)]
    return min(runs, key=lambda run: run.seconds)


def line(kind: str, what: str, measured: Measured, bare: Measured) -> None:
    """Print one figure as soon as it is known."""
    print(
        f"{kind:10} {what:22} {measured.seconds:7.2f} s"
        f"  ratio {measured.seconds / bare.seconds:5.2f}  peak {measured.peak_mb:4.0f} MB"
        f"  {measured.facts}",
        flush=True,
    )


if __name__ == "__main__":
    if len(sys.argv) == 4 and sys.argv[1] in JOBS:
        JOBS[sys.argv[1]](sys.argv[2], sys.argv[3])
    else:
        main()
