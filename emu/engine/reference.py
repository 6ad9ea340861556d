"""What a user names as `module:name`: the module is imported, from the current directory too."""

from __future__ import annotations

import importlib
import types

from emu.errors import UsageError


def find_module(what: str, target: str, form: str) -> tuple[types.ModuleType, str]:
    """The module of `module:name`, and the name in it; raises `UsageError` if there is none.

    `what` is looked for, and `form` what the name stands for, as the sentences have it.
    """
    module_name, colon, name = target.partition(":")
    if not colon or not module_name or not name:
        raise UsageError(f"{what} {target!r} is not of the form module:{form}")
    try:
        return importlib.import_module(module_name), name
    except ModuleNotFoundError as wrong:
        if wrong.name and (module_name == wrong.name or module_name.startswith(f"{wrong.name}.")):
            raise UsageError(f"{what} {target!r}: there is no module {wrong.name!r}") from None
        raise UsageError(f"{what} {target!r}: importing it failed: {wrong}") from wrong
    except (Exception, SystemExit) as wrong:
        text = f"{type(wrong).__name__}: {wrong}"
        raise UsageError(f"{what} {target!r}: importing it failed: {text}") from wrong
