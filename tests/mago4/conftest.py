"""An empty company on SQLite and on PostgreSQL, and the connector on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from incasso_fake_mago4 import MagoCompany
from tests.mago4.office import Office, opened


@pytest.fixture
def company(database_url: str) -> MagoCompany:
    """With two customers, one of whose codes a supplier has too."""
    company = MagoCompany.create(database_url)
    company.customer("C001", "Ferramenta Rossi S.n.c.")
    company.customer("C002", "Edilizia Bianchi S.r.l.")
    company.supplier("C001", "Fornitore omonimo S.p.A.")
    return company


@pytest.fixture
def office(company: MagoCompany, tmp_path: Path) -> Iterator[Office]:
    """The connector with nothing but its address."""
    with opened(company, tmp_path) as office:
        yield office
