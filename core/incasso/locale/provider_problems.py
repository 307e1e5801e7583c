"""What is wrong in a provider file: message and cure of each code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from incasso.contract.text import template
from incasso.domain.placement.provider_rules import ProviderFault

PROVIDER_FAULTS: Final[Mapping[str, tuple[str, str]]] = {
    ProviderFault.SAME_PROVIDER: (
        template("two providers have this key"),
        template("give each its own key"),
    ),
    ProviderFault.SAME_PRICE_LIST: (
        template("two price lists have this key"),
        template("give each its own key"),
    ),
    ProviderFault.SAME_DAY: (
        template("two versions begin that day"),
        template("give each its own day"),
    ),
    ProviderFault.SAME_SERVICE: (
        template("this service is named already"),
        template("leave it out"),
    ),
    ProviderFault.NO_SUCH_SERVICE: (template("there is no service {name!r}"), ""),
    ProviderFault.SERVICE_NOT_OFFERED: (
        template("this service is not among its services"),
        template("add it to services, or leave this out"),
    ),
    ProviderFault.NO_SUCH_PRICE_LIST: (template("there is no price list {name!r}"), ""),
    ProviderFault.ENDS_BEFORE: (
        template("ends before it begins"),
        template("write a later day, or leave it out if it has no end"),
    ),
    ProviderFault.SAME_LIMIT: (
        template("two lines have the same limit"),
        template("give each its own up_to"),
    ),
    ProviderFault.NO_OPEN_AMOUNT: (
        template("the largest amounts have no price"),
        template("add a line without up_to"),
    ),
    ProviderFault.NO_OPEN_AGE: (
        template("the oldest debts have no percentage"),
        template("add a line without days_to"),
    ),
    ProviderFault.LEAST_ABOVE_MOST: (
        template("is above maximum"),
        template("write a smaller amount"),
    ),
    ProviderFault.TOO_MANY_DECIMALS: (
        template("{amount} has more decimals than {currency} has"),
        template("write whole cents"),
    ),
}
