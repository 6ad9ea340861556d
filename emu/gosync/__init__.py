"""What a goroutine sees, over the engine alone. One visible operation is one step.

go         start a goroutine; the timer that may fire at any moment
mutex      the mutex: anybody may unlock it; or it checks its owner, and may be destroyed
cond       the condition variable, with a timed wait
rwmutex    the read-write lock that prefers writers
channel    channels: unbuffered, buffered, closed, nil
select     one of several sends and receives
waitgroup  the counter that is waited for
once       done once, whoever comes first
context    cancellation, from parents to children

Two ways to wait, and they differ in what a strategy sees. Whoever wants a mutex, a wait
group or a `Once` is *not runnable* until he can go ahead: the operation is tried when it
succeeds (`engine.gate`). Whoever comes to a channel, a read-write lock or a condition
variable *arrives*, in a step of its own, and what he came for is done by somebody else's
step: the partner's, the unlocker's, the signaller's. He has it from that step on, and his
own next step is his next operation.

What the benchmark programs of the field call a failure of such a thing is a `Panic`.
"""
