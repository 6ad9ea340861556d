"""What the service says no to; each has its own status in HTTP."""

from __future__ import annotations

from typing import Final

from emu.errors import UsageError

SHOW_IT: Final = "send the header Authorization: Bearer TOKEN"
"""To whom shows no token, where one is asked for."""


class NotFound(UsageError):
    """There is nothing of this name."""


class Conflict(UsageError):
    """It cannot be done as things stand."""


class Refused(UsageError):
    """It is not allowed here."""


class TooMany(UsageError):
    """A limit of the service is reached."""


class Full(UsageError):
    """There is no room on the disk."""
