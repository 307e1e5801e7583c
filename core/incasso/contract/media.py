"""The media a message can travel by, and the traits of each.

A new medium is a member and a row of `TRAITS` here, and a channel that carries it. All other code
asks the traits.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from incasso.contract.values import Value


class AddressForm(StrEnum):
    """How the addresses of a medium are written."""

    MAIL = "mail"
    """name@domain; one field of an ERP may hold several."""
    NUMBER = "number"
    """A telephone number."""
    POSTAL = "postal"
    """The lines of an envelope: name, street, town."""


class Carries(StrEnum):
    """What a message by a medium can carry beside its text."""

    PAGES = "pages"
    """The hub makes a finished PDF; documents are printed behind it."""
    LETTER = "letter"
    """The hub's finished PDF goes along as a file, behind a short covering text."""
    FILES = "files"
    """Documents go along as files, where the channel can."""
    SHORT_TEXT = "short_text"
    """The template's short text instead of its whole text."""


class MediumTraits(Value, frozen=True, kw_only=True):
    """The traits of one medium."""

    form: AddressForm
    address: str
    """The field of a client that holds the address."""
    carries: frozenset[Carries] = frozenset()
    formal: bool = False
    """With proof that the law accepts: a message by it is a formal notice."""
    interrupts: bool = False
    """Interrupts the person at once: the contact policy sets hours unless the office says
    otherwise."""


class Medium(StrEnum):
    """How a message travels; a stage names media, a channel instance carries some of them."""

    EMAIL = "email"
    PEC = "pec"
    SMS = "sms"
    FAX = "fax"
    LETTER = "letter"
    REGISTERED = "registered"
    TELEGRAM = "telegram"

    @property
    def traits(self) -> MediumTraits:
        """Its traits."""
        return TRAITS[self]

    def carries(self, what: Carries) -> bool:
        """Whether a message by this medium can carry that."""
        return what in self.traits.carries

    @property
    def carries_documents(self) -> bool:
        """Whether documents can go along, as pages or as files."""
        return bool({Carries.PAGES, Carries.FILES} & self.traits.carries)

    @property
    def by_post(self) -> bool:
        """Whether it goes to a postal address."""
        return self.traits.form is AddressForm.POSTAL


_PAGES: Final = frozenset({Carries.PAGES})
_FILES: Final = frozenset({Carries.FILES})
_LETTER: Final = frozenset({Carries.FILES, Carries.LETTER})

TRAITS: Final[Mapping[Medium, MediumTraits]] = MappingProxyType(
    {
        Medium.EMAIL: MediumTraits(form=AddressForm.MAIL, address="email", carries=_FILES),
        Medium.PEC: MediumTraits(
            form=AddressForm.MAIL, address="pec", carries=_LETTER, formal=True
        ),
        Medium.SMS: MediumTraits(
            form=AddressForm.NUMBER,
            address="mobile",
            carries=frozenset({Carries.SHORT_TEXT}),
            interrupts=True,
        ),
        Medium.FAX: MediumTraits(form=AddressForm.NUMBER, address="fax", carries=_PAGES),
        Medium.LETTER: MediumTraits(form=AddressForm.POSTAL, address="address", carries=_PAGES),
        Medium.REGISTERED: MediumTraits(
            form=AddressForm.POSTAL, address="address", carries=_PAGES, formal=True
        ),
        Medium.TELEGRAM: MediumTraits(form=AddressForm.POSTAL, address="address", formal=True),
    }
)
"""One row per medium."""
