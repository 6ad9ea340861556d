"""Reads finished histories, never a live machine.

message     the message of a finding; `picture` draws its schedule, `steps` says of what
parting     where two runs part; `sidebyside` shows it
lanes       a run as a drawing has it: `bars` and marks, a lane a thread, and `arrows` between them
timeline    lanes in a terminal, of a `window`; `drawing` lays out its columns
trace_export a run for trace viewers: its lanes in `tracks`, and `loads` over time
fingerprint what schedules of one order have in common; `coverage` counts what was not seen yet
"""
