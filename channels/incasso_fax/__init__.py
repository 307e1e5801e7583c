"""Send faxes: through InterFAX, a HylaFAX server of the office, or a gateway that takes mail."""

from incasso_fax.kind import hub_kinds

__all__ = ["hub_kinds"]
