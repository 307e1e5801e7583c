"""Send text messages (SMS) through Twilio or Openapi, and learn what became of them."""

from incasso_sms.kind import hub_kinds

__all__ = ["hub_kinds"]
