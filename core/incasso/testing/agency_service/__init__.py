"""An agency's REST service on your machine: it takes claims, and tells what became of them.

>>> with AgencyService() as service:
...     ...  # [providers.alfa] base_url = service.url, mapping: the text of MAPPING
...     service.pays("P-0000001", "60.05")
"""

from incasso.testing.agency_service.mapping import IN_BATCHES, MAPPING
from incasso.testing.agency_service.service import AgencyService

__all__ = ["IN_BATCHES", "MAPPING", "AgencyService"]
