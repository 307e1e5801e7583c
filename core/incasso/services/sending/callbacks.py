"""News that the other side sends by itself: a web request to a channel that declares CALLBACKS."""

from __future__ import annotations

from datetime import date

from incasso.contract.capabilities import Family
from incasso.contract.channel import IncomingNews
from incasso.contract.context import CallbackAnswer, CallbackRequest
from incasso.contract.errors import UnsupportedError
from incasso.contract.ledger import Unreadable
from incasso.contract.text import text
from incasso.services.hub.hub import Hub
from incasso.services.proof.anchoring import catch_up
from incasso.services.sending.take_news import NewsTaker


def take_callback(
    hub: Hub, channel: str, request: CallbackRequest, on: date
) -> CallbackAnswer[IncomingNews | Unreadable]:
    """Check the request, commit its news, and give the web answer that the other side wants.

    The same news twice changes nothing. Raises RejectedError for a wrong signature,
    UnsupportedError for a channel without callbacks, other PluginErrors if it cannot say now.
    """
    if channel not in hub.config.tables.get(Family.CHANNEL, {}):
        raise UnsupportedError(text("there is no [channels.{name}]", name=channel))
    handle = hub.registry.channel(channel)
    answer = handle.parse_callback(request, on)
    # The channel checked the signature: the news are believed like an answer it asked for.
    NewsTaker(hub, on).take(channel, answer.updates, None, asked=True)
    catch_up(hub.store)
    return answer
