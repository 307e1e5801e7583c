"""Mago4 company databases for tests, built from the documented schema on any engine.

`MagoCompany` posts what an office posts: invoices, payments, bills and what becomes of them.
`fill` writes hundreds of thousands of items at once.
"""

from __future__ import annotations

from incasso_fake_mago4.codes import BillStatus, Closing, SaleDocument, Term
from incasso_fake_mago4.company import MagoCompany

__all__ = ["BillStatus", "Closing", "MagoCompany", "SaleDocument", "Term"]
