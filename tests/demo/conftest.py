"""A small demo office that has lived three weeks: made once, for every test that only looks."""

from __future__ import annotations

from datetime import date

import pytest

from incasso.demo.play import play
from incasso.demo.play_summary import Summary

START = date(2026, 9, 1)


@pytest.fixture(scope="session")
def summary(tmp_path_factory: pytest.TempPathFactory) -> Summary:
    """Three weeks of a small office."""
    folder = tmp_path_factory.mktemp("play") / "office"
    return play(folder, 7, START, 3, clients=40, installments=160)
