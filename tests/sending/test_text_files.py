"""A text as a file, in the database and back: its header and first-contact words stay with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from incasso import messages
from incasso.messages import Template, builtin_templates
from incasso.services.sending.text_files import TextFileError, read_text, write_text
from incasso.services.sending.texts import install_texts, published_texts
from tests.sending.office import Office


@pytest.mark.parametrize("one", builtin_templates(), ids=lambda one: f"{one.language}/{one.key}")
def test_written_and_read_again_it_is_the_same(one: Template, tmp_path: Path) -> None:
    path = tmp_path / one.language / f"{one.key}.toml"
    path.parent.mkdir()
    path.write_text(write_text(one), encoding="utf-8")
    assert read_text(path) == one


def test_the_texts_that_ship_are_files_that_an_office_may_start_from() -> None:
    folder = Path(messages.__file__).with_name("texts")
    found = [read_text(file) for file in folder.glob("*/*.toml")]
    assert sorted(found, key=lambda each: (each.key, each.language)) == list(builtin_templates())


def test_installed_they_come_back_with_their_header(office: Office) -> None:
    install_texts(office.hub)
    with office.store.read() as connection:
        found = published_texts(connection)
    assert found == {(each.key, each.language): each for each in builtin_templates()}


def test_a_header_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text('assumes = ["previus"]\nsubject = "a"\ntext = "b"\n', encoding="utf-8")
    with pytest.raises(TextFileError, match="previous"):
        read_text(path, language="it")
