"""Names in a dossier: whatever the ledger calls things, they stay in the folder and apart."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incasso.services.law.names import DOCUMENTS, ending, numbered, safe


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("123/A", "123-A"), ("../../etc/passwd", "etc-passwd"), ("Società È", "Societa-E"),
        ("=HYPERLINK(1)", "HYPERLINK-1"), ("", "senza-nome"), ("***", "senza-nome"),
        ("a" * 300, "a" * 60), ("con\x00nul\r\n", "con-nul"), ("C:\\x", "C-x"),
        ("日本", "senza-nome"),
    ],
)  # fmt: skip
def test_what_is_left_of_a_name(words: str, name: str) -> None:
    assert safe(words) == name


@pytest.mark.parametrize(
    ("filename", "end"),
    [
        ("a.PDF", ".pdf"), ("a.xml.p7m", ".xml.p7m"), ("a.b.xml", ".xml"), ("a", ".bin"),
        ("a.tar.gz", ".gz"), ("a.exe/../b", ".bin"), ("a.../", ".bin"), ("a.toolong1", ".bin"),
        ("..\\a.txt", ".txt"),
    ],
)  # fmt: skip
def test_its_ending(filename: str, end: str) -> None:
    assert ending(filename) == end


@given(st.text(max_size=120), st.text(max_size=40), st.integers(1, 5000))
def test_any_name_is_one_file_of_its_folder(words: str, filename: str, number: int) -> None:
    path = PurePosixPath(numbered(DOCUMENTS, number, words, end=ending(filename)))
    assert path.parts == (DOCUMENTS, path.name)
    assert path.name.startswith(f"doc-{number:03}_")
    assert path.name.isascii() and len(path.name) < 100
    assert not set(path.name) & set('<>:"|?*\\ ')
