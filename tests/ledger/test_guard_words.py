"""What the guard tells a person to look at, in the words of each kind of source."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import incasso_csv
import incasso_mago4
import incasso_mexal
from incasso.contract.capabilities import Family, PluginKind
from incasso.plugins.handles import ConnectorHandle
from incasso.services.ledger.sync import confirm_hint
from incasso.testing.fakes.connector import FakeConnector
from incasso.testing.fakes.registry import registry_of


def connectors() -> Iterator[PluginKind]:
    for package in (incasso_csv, incasso_mexal, incasso_mago4):
        yield from (kind for kind in package.hub_kinds() if kind.family is Family.CONNECTOR)


@pytest.fixture
def handle() -> Iterator[ConnectorHandle]:
    registry = registry_of({"acme": FakeConnector()})
    yield registry.connector("acme")
    registry.close()


@pytest.mark.parametrize("kind", list(connectors()), ids=lambda kind: kind.name)
@pytest.mark.parametrize("empty", [True, False])
def test_only_a_file_is_looked_at_as_a_file(
    kind: PluginKind, empty: bool, handle: ConnectorHandle
) -> None:
    handle.kind = kind
    hint = confirm_hint(handle, empty=empty)
    assert hint.endswith("; if it is right, sync again with --confirm")
    assert ("file" in hint) == (kind.name == "csv")


@pytest.mark.parametrize("name", ["mexal", "mexal_sql"])
def test_an_empty_read_of_mexal_names_the_year_first(name: str, handle: ConnectorHandle) -> None:
    handle.kind = next(kind for kind in connectors() if kind.name == name)
    assert "year" in confirm_hint(handle, empty=True).split(",")[0]
    assert "year" not in confirm_hint(handle, empty=False)


def test_a_kind_that_says_nothing_speaks_of_the_erp(handle: ConnectorHandle) -> None:
    assert confirm_hint(handle, empty=True).startswith("look at the open items in the ERP;")
