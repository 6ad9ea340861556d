"""pytest's plugin: runs tests that are scenarios, and prints a finding's message alone.

A test is made by `@emu.test(...)`, or by `@pytest.mark.emu(...)` with the same arguments on an
async function of a machine. An edge, like the prompt: nothing else imports it. It imports what
runs a test only when there is one, so that it costs other tests nothing.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Generator
from typing import Any, Final

import pytest

from emu.errors import EmuError, UsageError

CASE: Final = "__emu__"
MARK: Final = "emu"


def pytest_addoption(parser: pytest.Parser) -> None:
    """--emu-runs, --emu-seed, --emu-strategy and --emu-replay."""
    group = parser.getgroup("emu", "emu, the chaos emulator")
    group.addoption(
        "--emu-runs", type=_whole, metavar="N", help="Run each emu test so many times at most."
    )
    group.addoption(
        "--emu-seed", type=_whole, metavar="N", help="The seed of each emu test's exploration."
    )
    group.addoption(
        "--emu-strategy", metavar="NAME", help="The strategy of each emu test's exploration."
    )
    group.addoption(
        "--emu-replay", metavar="TAPE", help="Follow TAPE in the one emu test that is selected."
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known, and read the tape."""
    config.addinivalue_line(
        "markers",
        "emu(runs, seconds, seed, strategy, expect, chaos, watchdog, checker, bound): explore "
        "this async function of a machine",
    )
    tape = config.getoption("--emu-replay")
    if tape is not None:
        from emu.record.tape import parse_tape

        try:
            parse_tape(tape)
        except UsageError as wrong:
            raise pytest.UsageError(f"--emu-replay: {wrong}") from None


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(collector: pytest.Collector, name: str, obj: object) -> object:
    """Let the marker do what the decorator does; the decorator itself is no test."""
    if not inspect.isfunction(obj):
        return None
    if obj.__module__ == "emu.search.testcase" and not hasattr(obj, CASE):
        return []
    if not inspect.iscoroutinefunction(obj):
        return None
    marks = [one for one in _marks(collector, obj) if one.name == MARK]
    if not marks or not isinstance(collector, pytest.Module | pytest.Class):
        return None
    if not collector.istestfunction(obj, name):
        return None
    from emu.search.testcase import test

    if marks[0].args:
        raise collector.CollectError(f"the emu marker of {name}: name its arguments")
    try:
        made = test(**marks[0].kwargs)(obj)
    except (UsageError, TypeError) as wrong:
        raise collector.CollectError(f"the emu marker of {name}: {wrong}") from None
    setattr(collector.obj, name, made)
    return list(collector._genfunctions(name, made))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A tape belongs to one test."""
    tests = [item for item in items if _case(item) is not None]
    if config.getoption("--emu-replay") is not None and len(tests) != 1:
        raise pytest.UsageError(
            f"--emu-replay follows the tape of one test; {len(tests)} emu tests are selected"
        )


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> object:
    """Run a test that is a scenario."""
    case = _case(pyfuncitem)
    if case is None:
        return None
    values = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    config = pyfuncitem.config
    command = ("pytest", _typed(pyfuncitem), "--emu-replay")
    tape = config.getoption("--emu-replay")
    if tape is None:
        runs, seed = config.getoption("--emu-runs"), config.getoption("--emu-seed")
        strategy = config.getoption("--emu-strategy")
        case.check(values, command, runs=runs, seed=seed, strategy=strategy)
    else:
        from emu.record.tape import parse_tape

        case.follow(values, parse_tape(tape), command)
    return True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the message of what emu raised, and none of its frames."""
    report = yield
    if call.excinfo is not None and _case(item) is not None:
        error = call.excinfo.value
        if isinstance(error, EmuError):
            report.longrepr = str(error)
    return report


def _case(item: pytest.Item) -> Any:
    """The `Case` of an emu test, of a method that of its instance; None for any other test."""
    test = getattr(item, "obj", None)
    case = getattr(test, CASE, None)
    instance = getattr(test, "__self__", None)
    return case if case is None or instance is None else case.of(instance)


def _marks(collector: pytest.Collector, obj: object) -> list[pytest.Mark]:
    own = getattr(obj, "pytestmark", [])
    return [*(own if isinstance(own, list) else [own]), *collector.iter_markers()]


def _typed(item: pytest.Function) -> str:
    """The test as it is typed where pytest was started."""
    _, colons, rest = item.nodeid.partition("::")
    return f"{os.path.relpath(item.path, item.config.invocation_params.dir)}{colons}{rest}"


def _whole(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError(text)
    return number
