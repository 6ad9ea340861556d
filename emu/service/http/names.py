"""The names under which the service may be called, as a Host header has them."""

from __future__ import annotations

import ipaddress
import re
from typing import Final

from emu.service.settings import Settings

_HOST: Final = re.compile(r"(\[[0-9a-f:.]+\]|[^\[\]:/@\s]+)(?::(\d{1,5}))?", re.IGNORECASE)


class Names:
    """What `settings` allow: the host it listens at, addresses, and the names given besides.

    An address in figures is allowed if one can listen there by it: no foreign page has it for a
    name. The port does not count: it may be another one outside, by a forward or a proxy.
    """

    def __init__(self, settings: Settings) -> None:
        self._names = {_plain(one) for one in (settings.host, *settings.hosts)}
        self._loopback = settings.loopback
        self._everywhere = _is_everywhere(settings.host)
        if self._loopback or self._everywhere:
            self._names.add("localhost")

    def has(self, host: str) -> bool:
        """Whether a request with this Host header is meant for the service."""
        found = _HOST.fullmatch(host)
        if found is None:
            return False
        name = _plain(found[1])
        if name in self._names:
            return True
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        return self._everywhere or (self._loopback and address.is_loopback)


def _plain(name: str) -> str:
    return name.strip("[]").rstrip(".").lower()


def _is_everywhere(host: str) -> bool:
    try:
        return ipaddress.ip_address(_plain(host)).is_unspecified
    except ValueError:
        return False
