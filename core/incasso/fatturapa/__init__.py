"""Read FatturaPA, the Italian electronic invoice: bytes in, records out. No files, no network."""

from incasso.fatturapa.differences import Difference, LedgerSide, differences
from incasso.fatturapa.envelope import MOST_BYTES, xml_of
from incasso.fatturapa.reading import read_fattura
from incasso.fatturapa.records import (
    EmbeddedFile,
    FatturaError,
    Invoice,
    InvoiceLine,
    NoInvoiceError,
    Party,
    Payment,
    TaxSummary,
)

__all__ = [
    "MOST_BYTES",
    "Difference",
    "EmbeddedFile",
    "FatturaError",
    "Invoice",
    "InvoiceLine",
    "LedgerSide",
    "NoInvoiceError",
    "Party",
    "Payment",
    "TaxSummary",
    "differences",
    "read_fattura",
    "xml_of",
]
