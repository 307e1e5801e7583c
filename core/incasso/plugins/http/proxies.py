"""Which proxy the environment names for an address."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from requests.utils import get_environ_proxies

_NAMES: Final = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
_VARIABLES: Final = (*_NAMES, *(name.upper() for name in _NAMES))


def proxies_for(url: str) -> dict[str, str]:
    """The proxies by scheme; empty for an address that is reached directly.

    requests looks through the whole environment twice for each request, which costs more than the
    rest of a small one.
    """
    parts = urlsplit(url)
    at = tuple(os.environ.get(name) for name in _VARIABLES)
    return dict(_found(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}", at))


@lru_cache(maxsize=256)
def _found(place: str, _environment: tuple[str | None, ...]) -> dict[str, str]:
    return dict(get_environ_proxies(place, no_proxy=None))
