"""From any run that finds something to the simplest tape that finds the same."""

from __future__ import annotations

import subprocess
import sys

import pytest

from emu.chaos.entries import Stall
from emu.chaos.plan import Plan
from emu.engine.carrier import open_carriers
from emu.engine.machine import Machine
from emu.engine.scenario import Scenario, scenario, setup
from emu.errors import Mismatch, UsageError
from emu.posix.mutex import Mutex
from emu.record.tape import Deviation, Tape
from emu.scenarios.classics import (
    exact_step,
    handler_takes_lock,
    lock_order_inversion,
    lost_update,
    lost_wakeup,
    philosophers,
)
from emu.search.edge import Halt
from emu.search.explore import explore
from emu.search.passes import Try, joined, ranked
from emu.search.replay import replay
from emu.search.shrink import Shrinker, shrink, signatures, sort_key
from emu.search.trial import Strict, Trial, attempt
from tests.analysis.histories import event, history
from tests.search.tiny import calm, deadlock01, impatient, lazy01, reorder

SIMPLEST = {
    lock_order_inversion: 1,
    lost_update: 1,
    lost_wakeup: 1,
    handler_takes_lock: 1,
    exact_step: 1,
    philosophers: 5,
    deadlock01: 1,
    impatient: 2,
    lazy01: 1,
    reorder: 1,
}
"""Programs with how many deviations are enough."""


def name(program: Scenario) -> str:
    return program.name


@scenario(expect="deadlock", chaos=Plan((Stall(),)))
async def alone(m: Machine) -> None:
    """Waits for itself, stalled or not."""
    lock = Mutex(m, "lock")
    async with lock:
        await lock.lock()


async def found(program: Scenario, strategy: str, seed: int = 0) -> Tape:
    exploration = await explore(setup(program), strategy, runs=3_000, seed=seed)
    return exploration.findings[0].tape


@pytest.mark.parametrize("strategy", ["random", "bursts", "pct:5"])
@pytest.mark.parametrize("program", [p for p in SIMPLEST if p is not exact_step], ids=name)
async def test_few_deviations_are_left(program: Scenario, strategy: str) -> None:
    for seed in range(3):
        shrunk = await shrink(setup(program), await found(program, strategy, seed))
        assert len(shrunk.tape) <= SIMPLEST[program]


@pytest.mark.parametrize("program", SIMPLEST, ids=name)
async def test_the_result_finds_the_same_and_replays(program: Scenario) -> None:
    tape = await found(program, "bursts")
    before = await replay(setup(program), tape)
    shrunk = await shrink(setup(program), tape)
    after = await replay(setup(program), shrunk.tape)

    assert signatures(after)[0] == signatures(before)[0] == shrunk.finding.signature
    assert after.digest == shrunk.history.digest


@pytest.mark.parametrize("program", SIMPLEST, ids=name)
async def test_shrinking_the_result_gives_the_result(program: Scenario) -> None:
    for seed in range(3):
        once = await shrink(setup(program), await found(program, "bursts", seed))
        twice = await shrink(setup(program), once.tape)
        assert once.finished
        assert twice.tape == once.tape


def test_two_processes_come_to_the_same_tape() -> None:
    code = (
        "import trio\n"
        "from emu.scenarios.classics import philosophers\n"
        "from tests.search.test_shrinking import found, setup, shrink\n"
        "async def main():\n"
        "    shrunk = await shrink(setup(philosophers), await found(philosophers, 'random', 4))\n"
        "    print(shrunk.tape, shrunk.runs)\n"
        "trio.run(main)\n"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    }
    assert len(outputs) == 1


async def test_what_needs_no_deviation_is_shrunk_to_none() -> None:
    tape = Tape((Deviation(1, "chaos", 1),))
    made = setup(alone)
    assert (await shrink(made, tape)).tape.deviations == ()


async def test_a_budget_ends_it_and_says_so() -> None:
    tape = await found(philosophers, "random")
    shrunk = await shrink(setup(philosophers), tape, runs=3)
    assert (shrunk.runs, shrunk.finished) == (3, False)


async def test_a_halt_ends_it_with_the_simplest_until_then() -> None:
    halt = Halt()

    def on_trial(shrinker: Shrinker) -> None:
        halt.requested = shrinker.runs == 5

    tape = await found(philosophers, "random")
    shrunk = await shrink(setup(philosophers), tape, on_trial=on_trial, halt=halt)
    assert (shrunk.runs, shrunk.finished) == (5, False)
    assert (await replay(setup(philosophers), shrunk.tape)).digest == shrunk.history.digest


async def test_it_calls_back_after_every_run() -> None:
    runs: list[int] = []

    def on_trial(shrinker: Shrinker) -> None:
        runs.append(shrinker.runs)

    shrunk = await shrink(setup(deadlock01), await found(deadlock01, "random"), on_trial=on_trial)
    assert runs == list(range(1, shrunk.runs + 1))


async def test_the_passes_count_their_runs() -> None:
    shrunk = await shrink(setup(philosophers), await found(philosophers, "random"))
    assert sum(one.runs for one in shrunk.passes) == shrunk.runs
    assert any(one.helped for one in shrunk.passes)


@scenario(expect="assertion")
async def in_between(m: Machine) -> None:
    """It fails if one thread is done when the other has made seven steps of twelve."""
    made = {"A": 0, "B": 0}

    async def steps(name: str, other: str) -> None:
        for _ in range(12):
            await m.checkpoint("test.step")
            made[name] += 1
        assert made[other] != 7

    threads = [m.spawn(steps, *names, name=names[0]) for names in ("AB", "BA")]
    for thread in threads:
        await thread.join()


@pytest.mark.parametrize(("one", "program", "most"), [(joined, lazy01, 0), (ranked, in_between, 2)])
async def test_one_pass_alone_is_enough_for(one: Try, program: Scenario, most: int) -> None:
    for seed in range(3):
        tape = await found(program, "random", seed)
        async with open_carriers() as carriers:
            start = await attempt(setup(program), Strict(tape), carriers)
            wanted = signatures(start.history)[0]
            shrinker = Shrinker(setup(program), wanted, start, carriers, 500, passes=(one,))
            assert await shrinker.run()
        assert len(tape) > len(shrinker.best.deviations)
        assert len(shrinker.best.deviations) <= most


async def test_the_original_is_kept() -> None:
    tape = await found(philosophers, "random")
    assert (await shrink(setup(philosophers), tape)).original == tape


async def test_a_run_that_finds_nothing_cannot_be_shrunk() -> None:
    with pytest.raises(UsageError, match=r"nothing to shrink: .* outcome 'ok' and finds nothing"):
        await shrink(setup(calm), Tape())


async def test_a_tape_of_another_scenario_does_not_fit() -> None:
    with pytest.raises(Mismatch, match=r"does not fit tests.search.tiny:calm"):
        await shrink(setup(calm), await found(handler_takes_lock, "random"))


async def test_a_finding_that_the_run_has_not_is_refused() -> None:
    tape = await found(deadlock01, "random")
    with pytest.raises(UsageError, match="does not find 'exit 3', but 'deadlock"):
        await shrink(setup(deadlock01), tape, signature="exit 3")


async def test_a_callback_that_raises_is_heard_as_it_is() -> None:
    def on_trial(_: Shrinker) -> None:
        raise LookupError("of the caller's own")

    tape = await found(philosophers, "random")
    with pytest.raises(LookupError, match="of the caller's own"):
        await shrink(setup(philosophers), tape, on_trial=on_trial)


async def test_a_program_with_a_mind_of_its_own_is_named() -> None:
    runs: list[None] = []

    @scenario()
    async def moody(m: Machine) -> None:
        runs.append(None)
        assert m.choose(3 if len(runs) == 1 else 2) < 2

    with pytest.raises(Mismatch, match="moody does something that emu does not control"):
        await shrink(setup(moody), Tape((Deviation(1, "user", 2),)))


def trial(*deviations: Deviation, steps: int = 9) -> Trial:
    return Trial(history([event("note", steps, "T1")], deviations=deviations), ())


@pytest.mark.parametrize(
    ("simple", "complex_"),
    [
        (trial(), trial(Deviation(1, "thread", 1))),
        (trial(Deviation(1, "thread", 1), steps=99), trial(*[Deviation(1, "thread", 1)] * 2)),
        (trial(Deviation(1, "thread", 1), steps=99), trial(Deviation(1, "chaos", 1))),
        (trial(Deviation(8, "thread", 9), steps=8), trial(Deviation(1, "thread", 1))),
        (trial(Deviation(8, "thread", 1)), trial(Deviation(1, "thread", 2))),
        (trial(Deviation(1, "thread", 1)), trial(Deviation(2, "thread", 1))),
    ],
    ids=["deviations", "before steps", "injections", "steps", "options", "moments"],
)
def test_simpler_is(simple: Trial, complex_: Trial) -> None:
    assert sort_key(simple) < sort_key(complex_)
