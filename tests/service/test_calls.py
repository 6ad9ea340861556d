"""One scenario explored, replayed and shrunk, in a process with limits."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import trio

from emu.errors import InternalError, UsageError
from emu.service.admission import Admission
from emu.service.calls import Calls, Values
from emu.service.errand import Bounds, environment, run
from emu.service.errors import Refused, TooMany
from emu.service.settings import Limits
from tests.cli.prompt import INVERSION, emu_json
from tests.service.fifo import STUBBORN, Fifo

PROGRAMS = "tests.service.programs"
LONG = "x" * 500_000


def admitted(kind: str, name: str) -> None:
    pass


def calls(seconds: float = 60.0, **limits: Any) -> Calls:
    return Calls(Limits(call_seconds=seconds, **limits), admitted)


def bounds(seconds: float) -> Bounds:
    return Bounds(seconds, memory=1 << 30, output=1_000)


def untimed(row: dict[str, Any]) -> dict[str, Any]:
    return {key: row[key] for key in row if key not in ("seconds", "summary")}


@pytest.fixture
def fifo(tmp_path: Path) -> Fifo:
    return Fifo(tmp_path / "fifo")


def test_exploring_gives_what_the_prompt_prints() -> None:
    args = ("--param", "title=a b", "--strategy", "urw", "--seed", "3", "--no-save")
    called = partial(calls().explore, INVERSION, {"title": "a b"}, strategy="urw", seed=3)
    assert untimed(trio.run(called)) == untimed(emu_json("explore", INVERSION, *args))


def test_replaying_gives_what_the_prompt_prints() -> None:
    tape = emu_json("explore", INVERSION, "--no-save")["findings"][0]["tape"]
    assert trio.run(calls().replay, INVERSION, {}, tape) == emu_json("replay", INVERSION, tape)


def test_shrinking_gives_what_the_prompt_prints() -> None:
    tape = emu_json("explore", INVERSION, "--no-save")["findings"][0]["original_tape"]
    called = partial(calls().shrink, INVERSION, {}, tape, runs=9)
    assert trio.run(called) == emu_json("shrink", INVERSION, tape, "--runs", "9")


async def test_values_are_spelt_as_the_prompt_reads_them() -> None:
    limits: Values = {"graph": False, "steps": 5_000, "lock_wait": "2s"}
    row = await calls().explore("philosophers", {"n": 3}, watchdog=limits, runs=2)
    (line,) = (x for x in row["findings"][0]["message"].splitlines() if x.startswith("  replay"))
    assert line.endswith(
        "--param n=3 --watchdog graph=false --watchdog steps=5000 --watchdog lock_wait=2s"
    )


@pytest.mark.parametrize(
    ("chaos", "found"), [("", False), ('[[chaos.signal]]\nsignal = "SIGUSR1"\n', True)]
)
async def test_chaos_is_what_its_tables_say_and_nothing_else(chaos: str, *, found: bool) -> None:
    text = f"[chaos]\n{chaos}"
    row = await calls().explore("handler_takes_lock", {}, chaos=text, runs=20)
    ways = [one["message"].splitlines()[-1] for one in row["findings"]]
    assert [way.partition(" --chaos ")[2] for way in ways] == ["chaos.toml"] * found


async def test_the_mistakes_of_chaos_are_told_with_their_lines() -> None:
    with pytest.raises(UsageError, match=r"^chaos\.toml:2: .*SIGNONE"):
        await calls().explore("philosophers", {}, chaos='[[chaos.signal]]\nsignal = "SIGNONE"\n')


async def test_no_value_is_taken_for_an_option() -> None:
    row = await calls().explore(INVERSION, {"title": "--fix=true --help"}, runs=1)
    assert row["params"]["title"] == "--fix=true --help"


@pytest.mark.parametrize(
    "scenario", ["--help", "-", "plan.toml#entry", "a/b", "log.jsonl", "", "a:b:c", "a:b\n"]
)
async def test_what_is_no_scenario_is_refused(scenario: str) -> None:
    with pytest.raises(UsageError, match="names no scenario"):
        await calls().explore(scenario, {})


async def test_a_name_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match="'a=b' is no name"):
        await calls().explore(INVERSION, {"a=b": 1})


async def test_what_is_not_admitted_does_not_run() -> None:
    with pytest.raises(Refused, match="the strategy 'own:Strategy' may not run here"):
        await Calls(Limits(), Admission()).explore("philosophers", {}, strategy="own:Strategy")
    with pytest.raises(Refused, match="the scenario 'own:scenario' may not run here"):
        await Calls(Limits(), Admission()).replay("own:scenario", {}, "emu1:")


@pytest.mark.parametrize(
    ("params", "sentence"),
    [({"n": "many"}, "--param.n is 'many'"), ({"m": 1}, "has no parameter 'm'")],
)
async def test_what_the_prompt_says_no_to_is_said_here(
    params: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(UsageError) as caught:
        await calls().explore("philosophers", params)
    assert sentence in str(caught.value)
    assert not str(caught.value).startswith("emu: ")


async def test_a_tape_that_does_not_fit_cannot_be_shrunk() -> None:
    with pytest.raises(UsageError, match="does not fit"):
        await calls().shrink(INVERSION, {}, "emu1:2t1#0000")


async def test_a_tape_that_does_not_fit_gives_another_run() -> None:
    row = await calls().replay(INVERSION, {}, "emu1:2t1#0000")
    assert (row["same"], "does not fit" in row["reason"]) == (False, True)


async def test_a_tape_may_be_longer_than_a_command_line() -> None:
    tape = "emu1:" + ".".join(f"{n}t1" for n in range(1, 50_000)) + "#0000"
    row = await calls().replay(INVERSION, {}, tape)
    assert row["same"] is False


async def test_what_no_command_may_have_is_refused() -> None:
    with pytest.raises(UsageError, match="embedded null byte"):
        await calls().explore(INVERSION, {"title": "\0"})


async def test_what_is_too_long_for_a_command_is_refused() -> None:
    with pytest.raises(UsageError, match="too long for a command"):
        await calls().explore(INVERSION, {"title": LONG})


async def test_what_is_asked_to_end_says_what_it_has() -> None:
    row = await calls().explore(f"{PROGRAMS}:ends_early", {}, seconds=600)
    assert (row["interrupted"], row["met"]) == (True, None)


async def test_what_takes_too_long_is_ended() -> None:
    with pytest.raises(UsageError, match=r"was ended after 0\.01 s, the most that a call may take"):
        await calls(0.01).explore(INVERSION, {})


async def test_a_command_is_asked_to_end_before_its_time_is_up(tmp_path: Path) -> None:
    trap = "trap 'echo asked; exit 0' TERM; while :; do :; done"
    done = await run(["sh", "-c", trap], b"", bounds(1.0), cwd=tmp_path, env=environment())
    assert (done.status, done.out, done.late) == (0, b"asked\n", False)


async def test_one_that_will_not_end_is_killed_with_all_its_processes(
    fifo: Fifo, tmp_path: Path
) -> None:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(fifo.here)
        script = f"trap '' TERM; exec >{fifo.path}; echo here; sleep 999 & sleep 999"
        done = await run(["sh", "-c", script], b"", bounds(1.0), cwd=tmp_path, env=environment())
    assert (done.status, done.late) == (-9, True)
    await fifo.gone()


async def test_it_is_killed_when_its_caller_goes_away(fifo: Fifo) -> None:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(calls().explore, STUBBORN, {"fifo": fifo.path})
        await fifo.here()
        nursery.cancel_scope.cancel()
    await fifo.gone()


async def test_only_so_many_run_at_once(fifo: Fifo) -> None:
    made = calls(calls=1)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(made.explore, STUBBORN, {"fifo": fifo.path})
        await fifo.here()
        with pytest.raises(TooMany, match="1 call is at work already"):
            await made.explore(INVERSION, {})
        nursery.cancel_scope.cancel()
    assert (await made.explore(INVERSION, {}, runs=1))["runs"] == 1


@pytest.mark.parametrize(("name", "how"), [("dies", "status -9"), ("talkative", "is no JSON")])
async def test_a_process_that_fails_is_no_fault_of_the_caller(name: str, how: str) -> None:
    with pytest.raises(InternalError, match=how):
        await calls().explore(f"{PROGRAMS}:{name}", {}, runs=1)


async def test_limits_hold_even_if_nobody_is_left_to_kill_it(tmp_path: Path) -> None:
    script = "read go; ulimit -t; ulimit -v"
    done = await run(["sh", "-c", script], b"go\n", bounds(7.0), cwd=tmp_path, env=environment())
    assert done.out.split() == [b"8", str(bounds(7.0).memory // 1024).encode()]


async def test_what_prints_too_much_is_ended(tmp_path: Path) -> None:
    done = await run(["yes"], b"", bounds(60.0), cwd=tmp_path, env=environment())
    assert done.loud


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    trio.run(partial(calls().explore, f"{PROGRAMS}:writes", {}, runs=1))
    trio.run(partial(calls().explore, INVERSION, {}))
    assert list(tmp_path.iterdir()) == []
    assert not Path("left-behind").exists()


async def test_no_scenario_sees_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMU_TOKEN", "secret")
    monkeypatch.setenv("EMU_SERVER", "http://127.0.0.1:1")
    row = await calls().explore(f"{PROGRAMS}:sees", {"name": "EMU_TOKEN"}, runs=1)
    assert row["outcomes"] == {"ok": 1}
