"""A token, from a file that only those may read who may use it."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Final

from emu.errors import UsageError

SHORTEST: Final = 16
"""Characters: what can be guessed by trying is no token."""

MAKE: Final = "python3 -c 'import secrets; print(secrets.token_urlsafe())' > FILE; chmod 600 FILE"
"""How to make one."""


def token_from(path: str) -> str:
    """The token in a file; white space around it does not count.

    The file may be readable for its group, as secrets of containers and systemd are; raises
    `UsageError` if it is for everybody, or if there is no token in it.
    """
    where = f"--token-file {path}"
    try:
        mode = Path(path).stat().st_mode
        text = Path(path).read_text(encoding="ascii").strip()
    except UnicodeDecodeError:
        raise UsageError(f"{where}: allowed are letters, figures and signs of ASCII") from None
    except OSError as wrong:
        raise UsageError(f"{where}: {wrong.strerror}") from None
    if mode & stat.S_IRWXO:
        raise UsageError(f"{where}: everybody on this machine may use it; chmod 600 {path}")
    if not text:
        raise UsageError(f"{where}: it is empty; make a token by {MAKE}")
    if len(text) < SHORTEST:
        raise UsageError(
            f"{where}: the token has {len(text)} characters; allowed are {SHORTEST} or more"
        )
    if not (text.isprintable() and " " not in text):
        raise UsageError(f"{where}: allowed is one line without spaces")
    return text
