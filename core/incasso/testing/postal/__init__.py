"""A postal service on your machine: it takes drafts, prices and confirms them, and posts letters.

>>> with PostalService() as service:
...     service.fate("Anna Bianchi", PostalFate.UNCLAIMED)
...     ...  # send to service.url with service.token, then let days pass:
...     service.advance()
"""

from incasso.testing.postal.letters import Letter, PostalFate
from incasso.testing.postal.service import Cut, PostalService

__all__ = ["Cut", "Letter", "PostalFate", "PostalService"]
