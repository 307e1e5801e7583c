"""What services hold in place of a plugin: typed methods, guarded calls, contract errors only."""

from incasso.runtime.handles.base import Handle, short_key
from incasso.runtime.handles.channel import ChannelHandle
from incasso.runtime.handles.connector import ConnectorHandle
from incasso.runtime.handles.provider import ProviderHandle

__all__ = ["ChannelHandle", "ConnectorHandle", "Handle", "ProviderHandle", "short_key"]
