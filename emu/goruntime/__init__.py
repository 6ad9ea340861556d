"""The Go runtime of February 2012 on FreeBSD, over the POSIX layer.

`Runtime(machine, Knobs(...))` is one Go process; `await runtime.rt0(main)` runs a program.
The parts are named as in the C code and live in files of the same names:

- `m` the descriptors, `lock` and `note` what they wait on, `sched`, `gogo` and `threads`
  who runs what where, `world` and `gc` the collector, `cgo` threads made by pthread_create;
- `malloc`, `mcache`, `mcentral`, `mheap` the allocator, `mprof` its profile;
- `timers` and `tables` what else allocates under a lock of its own;
- `symtab` and `traceback` what a dying process prints, `panic` how it dies;
- `signals`, `sigtab`, `ossignal` and `cpuprof` what signals do;
- `knobs` and `arch` what can be set, `invariants` what should hold.

C code has no `finally`: what is locked when a fault sends a thread elsewhere stays locked.
"""
