"""What services use for a plugin object: typed methods, guarded calls, contract errors only."""

from incasso.plugins.handles.base import Handle, short_key
from incasso.plugins.handles.channel import ChannelHandle
from incasso.plugins.handles.connector import ConnectorHandle
from incasso.plugins.handles.provider import ProviderHandle

__all__ = ["ChannelHandle", "ConnectorHandle", "Handle", "ProviderHandle", "short_key"]
