"""The figures that the modem dials: national inside the line's country, else with its code."""

from __future__ import annotations

import phonenumbers

from incasso_fax.hylafax.settings import HylafaxSettings


def dialled(number: str, settings: HylafaxSettings) -> str:
    """`+390211111111` from an Italian line with prefix `0,`: `0,0211111111`.

    Italian numbers keep their zero everywhere; most other countries put one before the number, but
    only at home.
    """
    parsed = phonenumbers.parse(number)
    national = phonenumbers.national_significant_number(parsed)
    home = settings.country.upper()
    if parsed.country_code != phonenumbers.country_code_for_region(home):
        return f"{settings.prefix}{settings.abroad}{parsed.country_code}{national}"
    trunk = phonenumbers.ndd_prefix_for_region(home, strip_non_digits=True) or ""
    return settings.prefix + trunk + national
