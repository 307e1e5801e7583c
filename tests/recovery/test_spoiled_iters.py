"""Spoiled iter files: sentences and nothing published, or iters that come out as they went in."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from incasso.domain.office.actor import CLOCK
from incasso.domain.recovery.iter_export import write_iter_file
from incasso.domain.recovery.iter_file import read_iter_file
from incasso.locale.file_problems import iter_problem_text
from incasso.services.office.office import Office
from incasso.services.recovery.iters import IterFileError, export, import_file, would_publish
from incasso.services.recovery.iters import read_file as read_file_of
from incasso.store.engine import Store
from incasso.testing.fakes.registry import config_of
from tests.fuzzing import Spoiler, TomlSpoiler, each_spoiled
from tests.sending.office import NOW, ON

ROOT: Final = Path(__file__).parents[2]
FILES: Final = [
    (ROOT / each).read_bytes()
    for each in ("docs/tutorial/office/iters.toml", "core/incasso/demo/iters.toml")
]
WORDS: Final = (
    b"[[iter]]\n", b"[[iter.stage]]\n", b"[iter.match]\n", b"[exclusions]\n", b"[contact_policy]\n",
    b"[[outcome]]\nkey = 'x'\n", b"[contact_policy.hours.call]\n", b'"""', b"= {", b"days = -5\n",
    b'proof_days = "x"\n', b'colour = "red"\n', b'["08:30-12:30", "12:00-14:00"]',
)  # fmt: skip


def comes_out_as_it_went_in(content: bytes) -> None:
    """Pure: the file is read and written without a database."""
    read = read_iter_file(content.decode("utf-8", "replace"), "iters.toml")
    if read.problems:
        for problem in read.problems:
            assert 0 < len(iter_problem_text(problem)) < 3_000
        return
    written = write_iter_file(read.iters, read.exclusions, read.policy, read.outcomes)
    again = read_iter_file(written, "iters.toml")
    assert again.problems == (), (written, again.problems)
    assert (again.iters, again.outcomes) == (read.iters, read.outcomes)
    assert (again.policy or None) == (read.policy or None)
    assert write_iter_file(again.iters, again.exclusions, again.policy, again.outcomes) == written


@pytest.mark.parametrize("by", [Spoiler, TomlSpoiler])
def test_spoiled_iters(by: type[Spoiler]) -> None:
    kind = "iters" if by is Spoiler else "tables of iters"
    each_spoiled(kind, FILES, comes_out_as_it_went_in, words=WORDS, by=by, times=2)


def test_spoiled_iters_published(store: Store, tmp_path: Path) -> None:
    """A file publishes all that it says, or nothing; on each database."""
    office = Office(
        config=config_of({}, path=tmp_path / "plugins.toml"), store=store, now=lambda: NOW
    )
    path = tmp_path / "iters.toml"

    def check(content: bytes) -> None:
        path.write_bytes(content)
        before = export(office)
        try:
            read = read_file_of(office, path)
            expected = would_publish(office, CLOCK, read)
            report = import_file(office, CLOCK, path, on=ON)
        except IterFileError as error:
            assert str(error).strip() and "Traceback" not in str(error)
            assert export(office) == before
            return
        assert report.published == expected.published
        path.write_text(export(office), "utf-8")
        assert not import_file(office, CLOCK, path, on=ON).changed

    each_spoiled("iters published", FILES[:1], check, by=TomlSpoiler, times=0.3)
