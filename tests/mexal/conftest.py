"""A fake Mexal server, a company in it, and a hub that reads it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from incasso_fake_mexal import Company, MexalServer
from tests.mexal import office as offices
from tests.mexal.office import Office


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEXAL_PASSWORD", offices.PASSWORD)


@pytest.fixture
def server() -> Iterator[MexalServer]:
    with MexalServer() as server:
        yield server


@pytest.fixture
def company(server: MexalServer) -> Company:
    return offices.standard(server)


@pytest.fixture
def office(tmp_path: Path, server: MexalServer, company: Company) -> Iterator[Office]:
    with offices.office(tmp_path, server) as office:
        yield office
