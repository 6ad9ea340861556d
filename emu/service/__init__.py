"""Campaigns over HTTP: a long-running process starts them, watches them, tells what they found.

    settings    where it listens, where its data lies, what it allows
    shelf       the data directory: campaigns by id, and what is wanted of each
    admission   which scenarios and strategies may run
    process     a campaign at work, in a process of its own
    supervisor  starts, stops and resumes these processes
    job         a campaign as the supervisor has it
    journal     the events of a campaign, numbered
    service     all of it in one, without HTTP
    api         the same over HTTP; `http` is what stands around it, `page` what people see
    calls       one scenario explored, replayed or shrunk at once, as an `errand`: in a process
    client      the same from Python, over HTTP; `answers` are its errors

A campaign's process is `emu soak` itself: there is no second way to soak.
"""
