"""One page that shows a campaign: self-contained, for a browser without a network.

contents    what is on the page, as plain values
scene       a run as its timeline draws it
contention  how long locks are waited for and held, over many runs
course      outcomes and behaviours over runs, as the page draws them
layout      where the locks of a lock order are drawn; `graph` what they look like
axis        ticks
spelling    numbers and times in words
page        puts all of it into `templates`, with what is in `assets`
"""
