"""Reads finished histories, never a live machine.

message     the message of a finding; `picture` draws its schedule, `steps` says of what
parting     where two runs part; `meeting` where they meet again; `sidebyside` shows it
lanes       a run as a drawing has it: `bars` and marks, a lane a thread, and `arrows` between them
timeline    lanes in a terminal, of a `window`; `trace_export` writes them for trace viewers
report      one page for a browser, of all that is known of a campaign
fingerprint what schedules of one order have in common; `coverage` counts what was not seen yet
"""
