"""The verbs at the prompt, one file a verb; nothing is imported before its verb is called.

    prompt    the group, and the edge where errors become exit statuses (`status`)
    options   what verbs have in common; `target` turns what was typed into a setup
    verb_*    a verb each; `one_run` is what `run` and `replay` have to say, `logs` the verbs of
              `emu logs`; `verbs` is a group that imports a verb when it is called
    tokenfile what `emu serve` asks callers for
    server    which service to ask instead, if any; `watcher` follows a campaign of one
    address   a finding by its address at a service; `chaosfile` is sent to one
    outcome   what runs, explorations and campaigns came to, in words made of their JSON
    progress  what is going on, on stderr
    output    JSON, prose, and `table`, on stdout; `words` spells values

What programs read goes to stdout, progress and prose to stderr.
"""

from __future__ import annotations

from emu.cli.prompt import main

__all__ = ["main"]
