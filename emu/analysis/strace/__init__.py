"""Logs of real processes: what strace saw of one, as emu's own events.

    scanning    values as strace writes them
    syntax      one line
    reading     the lines of a file, and what is none
    moments     calls begin and come back, signals arrive
    threads     who did it, in which process and memory
    timeline    where an event belongs
    handling, delivery, sends, signals      what is told of signals
    requests, futexes, waits                what is told of words that threads wait on
    steps, knowledge, locks                 what is told of locks
    lives       what is told of threads and processes
    importing   all of it: a trace becomes a history

strace shows the calls of a process and nothing of its memory. What is told beyond the calls is
inferred, and said where it is: of what kind a word is that threads meet on (`futexes`), who has a
lock and from when (`locks`), whom a wake-up woke (`waits`), of which sending a signal is, and what
became of the others (`sends`), how deep in handlers a thread is (`signals`), whether one was
handled that nobody saw the action of (`delivery`), and until when a call lasted that came back on
its own line (`moments`).
"""
