"""Send certified mail (PEC) and read the receipts that prove what became of it."""

from incasso_pec.kind import hub_kinds

__all__ = ["hub_kinds"]
