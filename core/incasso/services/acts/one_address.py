"""An address that a person names beside a medium: it must be one of that medium."""

from __future__ import annotations

from incasso.contract.media import AddressForm, Medium
from incasso.contract.text import text
from incasso.domain.recovery.actions import Action
from incasso.domain.sending.client_contacts import holders
from incasso.domain.sending.numbers import e164
from incasso.domain.sending.open_ways import address_key
from incasso.domain.sending.reach import addresses
from incasso.locale.reasons import media_names
from incasso.mail.addresses import BadAddressError, mailable
from incasso.services.acts.doing import ActError, Doing
from incasso.store.recovery import reaching
from incasso.store.sending import page_reads


def address_of_medium(doing: Doing, medium: str, given: str, country: str) -> str:
    """The address as it is, where a message by that medium could go there.

    By post it must be one that the client has, for nothing else can be recognised. Raises ActError
    with the cure.
    """
    form = Medium(medium).traits.form if medium in set(Medium) else None
    if form is AddressForm.MAIL:
        try:
            mailable(given)
        except BadAddressError:
            raise _unfit(medium, given, text("write it as name@example.it")) from None
    elif form is AddressForm.NUMBER or medium == Action.CALL:
        if not e164(given, country).startswith("+"):
            raise _unfit(medium, given, text("write it as +39 011 5550100"))
    elif form is AddressForm.POSTAL:
        return _postal(doing, medium, given)
    return given


def _postal(doing: Doing, medium: str, given: str) -> str:
    client = doing.subject.client_id
    kept = reaching.contacts(doing.connection, [client]).get(client, ())
    erp = page_reads.clients_by_id(doing.connection, [client])[client]
    whose = [*kept, *holders((), erp)]
    known = list(dict.fromkeys(each for one in whose for each in addresses(one, medium)))
    for each in known:
        if address_key(medium, each) == address_key(medium, given):
            return each
    if not known:
        cure = text("the client has none: leave --address out")
    else:
        cure = text("write it as it is kept: {known}", known="; ".join(known))
    raise _unfit(medium, given, cure)


def _unfit(medium: str, given: str, cure: str) -> ActError:
    return ActError(
        text(
            "“{given}” is no address for {media}: {cure}.",
            given=given[:200],
            media=media_names(medium),
            cure=cure,
        )
    )
