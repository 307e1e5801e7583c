"""A fake Mexal WebAPI for tests: a real server on this machine, as strict as the ERP.

    with MexalServer() as server:
        company = server.company("ACM", "ACME Srl")
        company.add_client("501.00001", "Rossi srl")
        company.invoice("501.00001", [(date(2026, 10, 31), "100.00")], on=date(2026, 8, 31))
        ...  # configure a connector with server.url, user "webapi", password "segreta"

What it does follows the vendor's manual and what integrators saw; where neither tells, the two
possible ways are options of `Company`.
"""

from __future__ import annotations

from incasso_fake_mexal.access import User
from incasso_fake_mexal.certificate import SelfSigned, self_signed
from incasso_fake_mexal.company import Company
from incasso_fake_mexal.posting import Posting, Rate
from incasso_fake_mexal.sample import small_company
from incasso_fake_mexal.server import MexalServer

__all__ = [
    "Company",
    "MexalServer",
    "Posting",
    "Rate",
    "SelfSigned",
    "User",
    "self_signed",
    "small_company",
]
