"""What one run leaves behind: plain values, and the log that holds them; no trio.

A run's decisions are a `tape`. What happened are `event`s, each at a `place`; what is wrong
are `finding`s. Together they are a `history`, which `log` writes as JSON lines (`line`),
`reading` reads back as an equal value, and `store` keeps under `runs/`; `judging` says what is
wrong with a single line.
"""
