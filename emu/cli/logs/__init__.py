"""The verbs of `emu logs`, one file a verb; `reading` is what they have in common."""
