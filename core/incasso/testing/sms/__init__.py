"""An SMS service on your machine: it takes messages over HTTP, moves them on, and calls back.

>>> with sms_service("twilio") as service:
...     service.fate("+393331234567", Fate.OPTED_OUT)
...     ...  # send to service.url with service.login
...     service.move()
...     service.call_back()
"""

from incasso.testing.sms.messages import Callback, Fate, SentSms
from incasso.testing.sms.openapi import OpenapiService
from incasso.testing.sms.service import SmsService
from incasso.testing.sms.start import sms_service
from incasso.testing.sms.twilio import TwilioService

__all__ = [
    "Callback",
    "Fate",
    "OpenapiService",
    "SentSms",
    "SmsService",
    "TwilioService",
    "sms_service",
]
