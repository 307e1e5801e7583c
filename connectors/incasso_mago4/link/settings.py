"""What an office may set for a Mago reached through its web services."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from incasso.api import ConfigurationError, Problem, Secret, setting, text
from incasso_mago4.rules import Rules, bad_setting, no_methods

_PROFILE: Final = re.compile(r"(Standard|AllUsers|Users/[^/\s]+)/[^/\s]+")
_CRITERION: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
WILDCARDS: Final = "%_"
FOR_BLOCKS: Final = (
    "url",
    "instance",
    "user",
    "company",
    "customers_profile",
    "certificate",
    "overwrite_login",
)


@dataclass(frozen=True, kw_only=True)
class LinkSettings(Rules):
    """One company of one Mago, through MagicLink (Mago4) or through MagoCloud."""

    url: str = setting(
        help="magiclink: the server, e.g. http://mago.example.local; "
        "cloud: the login service, e.g. https://gwam.mago.cloud"
    )
    user: str = setting(help="a Mago user that nobody else uses")
    password: Secret = setting(help="its password")
    transport: Literal["magiclink", "cloud"] = setting(
        help="magiclink: SOAP of a Mago4 on premises; cloud: REST of MagoCloud or Mago Web",
        default="magiclink",
    )
    instance: str = setting(help="magiclink: the instance in the address", default="Mago4")
    company: str = setting(help="magiclink: the company as Mago's login names it", default="")
    subscription: str = setting(help="cloud: the subscription key", default="")
    producer_key: Secret | None = setting(
        help="the key of the program's producer; Mago asks for it in production", default=None
    )
    app_key: Secret | None = setting(help="cloud: the key of the program", default=None)
    fiscal_company: int = setting(
        help="number of the fiscal company where one database keeps several; 0: there is one",
        default=0,
    )
    fiscal_port: int = setting(
        help="port of Mago's back end for fiscal companies; 0: the one that Mago gives", default=0
    )
    customers_profile: str = setting(
        help="export profile of the document Customers, with its folder; "
        "limits, blocks and reminders are read if it holds the customer's options",
        default="Standard/DefaultLight",
    )
    receivables_profile: str = setting(
        help="export profile of the document Receivables, with its folder",
        default="AllUsers/Basic",
    )
    receivables_filter: Mapping[str, str] = setting(
        help='further search fields of Receivables, e.g. { Settled = "false" }',
        default_factory=no_methods,
    )
    max_documents: int = setting(
        help="an answer with as many documents may have been cut: smaller windows are asked",
        default=200,
    )
    code_alphabet: str = setting(
        help="characters that customer codes and document numbers are made of",
        default="0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-./ ",
    )
    overwrite_login: bool = setting(
        help="end an earlier session of the same user, such as one that a crash left behind",
        default=False,
    )
    keep_token: Path | None = setting(
        help="file that keeps the session between runs, so that it takes one licence for good; "
        "absent: every run logs in and off",
        default=None,
    )
    answer_seconds: int = setting(
        help="how long Mago may take for one answer", unit="seconds", default=120
    )
    certificate: str = setting(
        help="path of the server's certificate in PEM, or sha256: and its fingerprint; "
        "empty: the public authorities decide",
        default="",
    )
    gmt_offset: int = setting(
        help="cloud: offset from GMT in minutes that is sent to Mago", unit="minutes", default=-60
    )
    write_back: bool = setting(
        help="let the hub block and release customers for orders in Mago", default=False
    )

    def __post_init__(self) -> None:
        if problems := tuple(self._problems()):
            raise ConfigurationError(problems)

    def _problems(self) -> list[Problem]:
        found = list(_address_problems(self.url))
        if self.transport == "magiclink" and not self.company:
            found.append(
                bad_setting("company", text("missing: the company as Mago's login names it"))
            )
        if self.transport == "cloud":
            found += self._cloud_problems()
        for name in ("customers_profile", "receivables_profile"):
            if not _PROFILE.fullmatch(getattr(self, name)):
                message = text(
                    "it is folder and name, e.g. Standard/DefaultLight or AllUsers/Basic"
                )
                found.append(bad_setting(name, message))
        found += self._number_problems()
        for key in self.receivables_filter:
            if not _CRITERION.fullmatch(key):
                found.append(
                    bad_setting(
                        "receivables_filter", text("{key!r} is no field of a document", key=key)
                    )
                )
        if not self.code_alphabet or set(self.code_alphabet) & set(WILDCARDS):
            found.append(
                bad_setting("code_alphabet", text("characters without % and _, which are jokers"))
            )
        return found

    def _cloud_problems(self) -> list[Problem]:
        found = []
        if not self.subscription:
            found.append(
                bad_setting("subscription", text("missing: the subscription key of MagoCloud"))
            )
        if self.fiscal_company:
            found.append(bad_setting("fiscal_company", text("it exists with magiclink only")))
        if self.keep_token is not None:
            found.append(bad_setting("keep_token", text("it exists with magiclink only")))
        return found

    def _number_problems(self) -> list[Problem]:
        found = []
        if self.max_documents < 2:
            found.append(bad_setting("max_documents", text("at least 2")))
        if not 5 <= self.answer_seconds <= 300:
            found.append(bad_setting("answer_seconds", text("from 5 to 300")))
        return found + self.rule_problems()


def link_for_blocks(
    given: Mapping[str, str], password: Secret | None, producer_key: Secret | None
) -> LinkSettings:
    """MagicLink for a connector that reads the database and only writes through it.

    Raises ConfigurationError for unknown keys and wrong values.
    """
    problems = [
        bad_setting(key, text("unknown; known are {for_blocks}", for_blocks=list(FOR_BLOCKS)))
        for key in given
        if key not in FOR_BLOCKS
    ]
    problems += [bad_setting(key, "missing") for key in ("url", "user") if key not in given]
    if password is None:
        problems.append(bad_setting("magiclink_password", "missing"))
    if problems or password is None:
        raise ConfigurationError(tuple(problems))
    return LinkSettings(
        url=given["url"],
        user=given["user"],
        password=password,
        producer_key=producer_key,
        company=given.get("company", ""),
        instance=given.get("instance", "Mago4"),
        customers_profile=given.get("customers_profile", "Standard/DefaultLight"),
        certificate=given.get("certificate", ""),
        overwrite_login=given.get("overwrite_login") == "true",
        write_back=True,
    )


def _address_problems(url: str) -> list[Problem]:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return [
            bad_setting(
                "url", text("{url!r} is no address; write e.g. http://mago.example.local", url=url)
            )
        ]
    return []
