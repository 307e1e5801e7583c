"""The folder channel keeps the contract of every channel."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

import incasso_folder
from incasso.api import DeliveryState
from incasso.testing import BaseChannelContract
from incasso.testing.channel_news import Outcome
from incasso.testing.suite import Table


class TestFolder(BaseChannelContract):
    @pytest.fixture
    def plugin_module(self) -> ModuleType:
        return incasso_folder

    @pytest.fixture
    def table(self, base: Path) -> Table:
        (base / "outbox").mkdir()
        return {"plugin": "folder", "folder": "outbox", "counts_as_delivered": True}

    outcomes = (DeliveryState.DELIVERED,)

    @pytest.fixture
    def outcome(self) -> Outcome:
        """What is written counts as delivered; nobody needs to report it."""
        return lambda _ref, _state: None

    @pytest.fixture
    def configs(self, request: pytest.FixtureRequest) -> Path:
        return request.path.parent / "configs" / "folder"

    @pytest.fixture
    def second_table(self) -> Table:
        return {"plugin": "folder", "folder": "print room"}

    @pytest.fixture
    def dead_table(self, base: Path) -> Table:
        (base / "a file").write_bytes(b"")
        return {"plugin": "folder", "folder": "a file/outbox"}

    @pytest.fixture
    def received(self, base: Path) -> Callable[[], int]:
        def count() -> int:
            return sum(path.suffix != ".json" for path in (base / "outbox").glob("*/*"))

        return count
