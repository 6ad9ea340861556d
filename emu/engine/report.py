"""Why a run ended, in one sentence and with the evidence: an outcome and its finding."""

from __future__ import annotations

import linecache
import traceback
from collections.abc import Iterator, Sequence

from emu.engine.carrier import ForeignAwait
from emu.engine.recorder import is_internal
from emu.engine.thread import Panic, State, Thread
from emu.engine.units import format_duration
from emu.engine.waitfor import blocked
from emu.engine.watchdog import chain
from emu.errors import UsageError
from emu.record.finding import Blocked, Finding, Outcome
from emu.record.place import Place, parse_place, place_at

Report = tuple[Outcome, Finding]


def deadlock(threads: Sequence[Thread], cycle: Sequence[Thread]) -> Report:
    """Threads wait for each other; each member of `cycle` for the next."""
    found = {one.thread: one for one in blocked(threads)}
    links = _rotated([found.pop(member.name) for member in cycle])
    return _waiting("deadlock", _cycle_sentence(links), threads, links, tuple(found.values()))


def stalled_on_lock(threads: Sequence[Thread], thread: Thread, limit: int) -> Report:
    """A thread has waited for a lock for `limit` ns."""
    links = chain(thread)
    sentence = (
        f"{thread.name} has waited for {links[0].waits_for} for {format_duration(limit)}, "
        f"the limit for a lock"
    )
    if links[0].thread in links[-1].held_by:
        links = _rotated(links)
    names = {one.thread for one in links}
    others = tuple(one for one in blocked(threads) if one.thread not in names)
    return _waiting("stalled", sentence, threads, links, others)


def silent(threads: Sequence[Thread]) -> Report:
    """No thread can ever run again; with the main thread done, the others have leaked."""
    waiting = list(blocked(threads))
    names = ", ".join(f"{one.thread} waits for {one.waits_for}" for one in waiting)
    if threads[0].state is not State.DONE:
        return stalled(threads, f"no thread can ever run again: {names}")
    sentence = f"the main thread is done, and for ever {names}"
    return _waiting("leak", sentence, threads, waiting, ())


def stalled(threads: Sequence[Thread], sentence: str) -> Report:
    """No thread runs, for the reason that `sentence` gives."""
    return _waiting("stalled", sentence, threads, list(blocked(threads)), ())


def failed(threads: Sequence[Thread], thread: Thread, error: BaseException) -> Report:
    """A thread has let an exception out."""
    places = [place for place, _ in _program(error)]
    where = places[-1] if places else None
    kind, text = _classify(error)
    sentence = f"{thread.name}: {text}" + (f" at {where.file}:{where.line}" if where else "")
    finding = Finding(
        kind,
        sentence,
        functions=(where.function,) if where else (),
        threads=(thread.name,),
        regions=(thread.region,) if thread.region else (),
        blocked=blocked(threads),
        trace=_trace(error),
    )
    return Outcome(kind, sentence), finding


def inside(threads: Sequence[Thread], first: Thread) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Who stands in a region, `first` before all others, even if it does not; and in which."""
    others = [one for one in threads if one is not first and one.region]
    standing = [*([first] if first.name else []), *others]
    return tuple(one.name for one in standing), tuple(one.region for one in standing)


def forgot(thread: Thread, name: str, at: str) -> Report:
    """A thread has called the async function `name` without `await`, at this place."""
    place = parse_place(at)
    where = f" near {place.file}:{place.line}" if place else ""
    sentence = f"{thread.name}: {name} was called without `await`{where}"
    functions = (place.function,) if place else ()
    finding = Finding("crash", sentence, functions=functions, threads=(thread.name,))
    return Outcome("crash", sentence), finding


def _waiting(
    kind: str,
    sentence: str,
    threads: Sequence[Thread],
    links: list[Blocked],
    others: tuple[Blocked, ...],
) -> Report:
    places = [place for one in links if (place := parse_place(one.at)) is not None]
    names = [one.thread for one in links]
    regions = {thread.name: thread.region for thread in threads}
    leaks = kind == "leak"
    finding = Finding(
        kind,
        sentence,
        objects=tuple(dict.fromkeys(one.waits_for for one in links)),
        functions=tuple(dict.fromkeys(place.function for place in places)),
        threads=tuple(names),
        regions=tuple(regions[name] for name in names),
        cycle=() if leaks else tuple(links),
        blocked=tuple(links) if leaks else others,
    )
    return Outcome(kind, sentence), finding


def _rotated(links: list[Blocked]) -> list[Blocked]:
    """A cycle has no beginning: let it begin with the smallest name, so that equal ones are."""
    keys = [(one.waits_for, one.at, one.thread) for one in links]
    first = keys.index(min(keys))
    return links[first:] + links[:first]


def _cycle_sentence(links: list[Blocked]) -> str:
    if len(links) == 1:
        one = links[0]
        return f"{one.thread} waits for {one.waits_for}, which it holds itself"
    waits = ", ".join(f"{one.thread} waits for {one.waits_for}" for one in links)
    return f"{waits}: each held by the next"


def _classify(error: BaseException) -> tuple[str, str]:
    text = str(error)
    if isinstance(error, AssertionError):
        text = text.partition("\n")[0]  # a test runner may have explained it at length
        named = f"the assertion {text!r}" if text else "an assertion"
        return "assertion", f"{named} does not hold"
    if isinstance(error, Panic):
        return "panic", f"panic: {text}"
    if isinstance(error, ForeignAwait):
        return "crash", "awaited something that is not emu's"
    if isinstance(error, UsageError):
        return "crash", text
    return "crash", f"{type(error).__name__}: {text}" if text else type(error).__name__


def _trace(error: BaseException) -> tuple[str, ...]:
    lines = (f"{at.file}:{at.line} in {at.function}: {text}" for at, text in _program(error))
    return tuple(dict.fromkeys(lines))  # where Python versions differ, a place stands twice


def _program(error: BaseException) -> Iterator[tuple[Place, str]]:
    """Each place of the program in an exception's traceback, with its line of source."""
    for frame, line in traceback.walk_tb(error.__traceback__):
        name = frame.f_code.co_filename
        if _is_program(name):
            place = place_at(frame.f_code, line)
            yield place, linecache.getline(name, place.line).strip()


def _is_program(filename: str) -> bool:
    return not is_internal(filename) and "/trio/" not in filename.replace("\\", "/")
