"""What a C thread sees, under POSIX's names. `Process` ties it to one machine.

kernel, linux, freebsd             numbers, layouts and rules that differ, as tables
sigset, siginfo, action, pending   sets, instances, dispositions; what waits to be delivered
sending, targeting                 from a sender to the thread that is to take the signal
delivery, frame, altstack          from there to the handler, on which stack, and back
masks, waiting, stopping, jump     what threads do about signals
interruptible                      waits that a handler may end: EINTR, or on they go
sleeping, itimer, timers, timespec time
mutex, mutexattr, condvar, rwlock, spin, semaphore, barrier, once, futex, pipe, memory
                                   what threads share
threads, cancellation              POSIX threads over the engine's
process                            one process; the system calls by name

An object's `pthread_*` calls give the error's number, system calls and `sem_*` raise
`OSError` with it. Every number comes from the kernel's table.
"""
