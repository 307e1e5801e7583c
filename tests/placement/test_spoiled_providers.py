"""Spoiled provider files: sentences and nothing to publish, or what comes out as it went in."""

from __future__ import annotations

import pytest

from incasso.domain.placement.provider_export import write_provider_file
from incasso.domain.placement.provider_file import ProviderTables, read_provider_file
from incasso.locale.file_problems import provider_problem_text
from tests.fuzzing import Spoiler, TomlSpoiler, each_spoiled
from tests.placement.test_provider_file import EXAMPLE

WORDS = (
    b"[[provider]]\n", b"[[price_list]]\n", b"[provider.mandate]\n", b"[provider.fields]\n",
    b"[[price_list.version]]\n", b"[provider.takes]\n", b"until = 2026-12-31\n", b'percent = "8"\n',
    b"rate = []\n", b"services = []\n", b"reports = { phone = 3 }\n", b'currency = "JPY"\n',
)  # fmt: skip


def comes_out_as_it_went_in(content: bytes) -> None:
    read = read_provider_file(content.decode("utf-8", "replace"), "fornitori.toml")
    if read.problems:
        assert read.tables == ProviderTables()
        for problem in read.problems:
            assert 0 < len(provider_problem_text(problem)) < 3_000
        return
    written = write_provider_file(read.tables.providers, read.tables.price_lists)
    assert read_provider_file(written, "fornitori.toml") == read, written


@pytest.mark.parametrize("by", [Spoiler, TomlSpoiler])
def test_spoiled_providers(by: type[Spoiler]) -> None:
    kind = "providers" if by is Spoiler else "tables of providers"
    each_spoiled(kind, [EXAMPLE.encode()], comes_out_as_it_went_in, words=WORDS, by=by, times=2)
