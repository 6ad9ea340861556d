"""The engine runs threads in virtual time; it knows no mutex and no signal.

A machine is one run of one emulated process. Each of its threads is an async function,
carried by a trio task, and exactly one of them holds the *baton*: it runs, and every other
is parked. A thread gives the baton away only at a *checkpoint*, which every visible operation
passes before it takes effect; so what happens between two checkpoints happens at once, and
the order in which trio runs its tasks cannot matter.

At a checkpoint the machine asks the *chooser*, a strategy or a tape, whether something
unusual happens: another thread goes on, a timer fires early, chaos acts. Option 0 is always
"nothing unusual", and the other options taken, in order, are the tape that gives this run
again. Then the thread runs its *interrupts*, which is all that the engine knows of signals.

A thread that cannot go on waits in a wait queue (`waitqueue`), or stands before a gate that
is closed (`gate`), and says who could let it go on. That is the wait-for graph (`waitfor`),
whose cycles are deadlocks. The watchdog ends what the graph does not show.

    checkpoint  the trap and the baton        machine    a run, from setup to history
    life        how threads begin and end     scenario   what is run, and its parameters
    carrier     what carries a thread         chooser    who decides
    thread      a thread and its states       report     why a run ended
    clock       virtual time and timers       recorder   events
    waitqueue, gate, waitfor, ownership       watchdog   limits
"""
