"""The verbs at the prompt, one file a verb; nothing is imported before its verb is called.

`prompt` is the group and the edge where errors become exit statuses, `options` what verbs
share, `target` turns what was typed into a setup, `progress` and `table` show what is going on.
"""

from __future__ import annotations

from emu.cli.prompt import main

__all__ = ["main"]
