"""A PEC provider on your machine: it takes mail by SMTP and writes signed receipts into a mailbox.

>>> with PecServer() as server:
...     server.provider.fate("anna@pec.debtor.example", Fate.FULL)
...     ...  # send by SMTP to server.smtp_port, read by IMAP from server.imap_port
"""

from incasso.testing.pec.authority import PecAuthority, PecSigner
from incasso.testing.pec.provider import Fate, PecProvider
from incasso.testing.pec.receipts import Kind, Taken, envelope, receipt
from incasso.testing.pec.server import PecServer

__all__ = [
    "Fate",
    "Kind",
    "PecAuthority",
    "PecProvider",
    "PecServer",
    "PecSigner",
    "Taken",
    "envelope",
    "receipt",
]
