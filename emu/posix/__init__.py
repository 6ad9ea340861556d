"""What a C thread sees, under POSIX's names: signals, locks, shared words, system calls.

kernel, linux, freebsd    numbers, layouts and rules, as tables
sigset, siginfo, action   sets, instances and dispositions of signals
pending, targeting        what waits for whom, and who is to take it
sending, delivery, frame  from the sender to the handler and back
masks, altstack, waiting  what a thread says about its signals
mutex, condvar, …         objects that threads share
process                   what ties these to one machine; the system calls by name
"""
