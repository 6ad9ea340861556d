"""pytest's plugin: each test runs pytest on a file of its own."""

from __future__ import annotations

import re
import shlex

import pytest

pytest_plugins = ["pytester"]

PROGRAMS = """
import pytest
import emu
from emu import Machine, Mutex, Word, test


async def add(word):
    await word.store(await word.load() + 1)


@test(runs=200)
async def test_inversion(m: Machine) -> None:
    left, right = Mutex(m, "left"), Mutex(m, "right")

    async def worker(first, second):
        async with first:
            async with second:
                pass

    m.spawn(worker, left, right, name="T1")
    m.spawn(worker, right, left, name="T2")


@test(runs=50)
async def test_calm(m):
    for _ in range(2):
        m.spawn(Mutex(m, "own").lock)


@pytest.mark.parametrize("count", [2, 3])
@test(runs=100)
async def test_counts(m, *, count, tmp_path):
    assert tmp_path.is_dir()
    word = Word(m, "word")
    threads = [m.spawn(add, word) for _ in range(count)]
    for thread in threads:
        await thread.join()
    assert await word.load() == count


@pytest.mark.emu(runs=100, expect="assertion")
async def test_marked(m):
    word = Word(m, "word")
    threads = [m.spawn(add, word) for _ in range(2)]
    for thread in threads:
        await thread.join()
    assert await word.load() == 2


@test()
async def test_alone(m):
    await Word(m, "word").load()


@test(runs=3, watchdog={"steps": 50})
async def test_endless(m):
    while True:
        await m.yield_now()


@pytest.mark.trio
async def test_beside():
    import trio

    await trio.sleep(0)


def test_plain():
    assert 1 + 1 == 3
"""

MESSAGE = """\
test_inversion deadlocks

  T2 waits for left at test_it.py:LINE; held by T1 since test_it.py:LINE
  T1 waits for right at test_it.py:LINE; held by T2 since test_it.py:LINE

  The shortest schedule found that does it (1 deviation, FROM in RUNS runs):

         T1              T2
      2  lock left  :LINE
      4                  lock right :LINE
      5                  wait left  :LINE
      6  wait right :LINE

  found   run N of 200, STRATEGY, seed SEED
  replay  pytest test_it.py::test_inversion --emu-replay TAPE
"""


@pytest.fixture
def file(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makepyfile(test_it=PROGRAMS)
    return pytester


def run(file: pytest.Pytester, *args: str) -> str:
    return file.runpytest("-p", "no:cacheprovider", *args).stdout.str()


def outcomes(file: pytest.Pytester, *args: str) -> dict[str, int]:
    return file.runpytest("-p", "no:cacheprovider", *args).parseoutcomes()


def failure(text: str) -> str:
    """What stands between the line with a test's name and the summary."""
    return re.split(r"\n=+ .*\n", re.split(r"\n_+ test_\S+ _+\n", text)[1])[0] + "\n"


def test_a_failure_is_the_message_alone(file: pytest.Pytester) -> None:
    text = failure(run(file, "-k", "inversion"))
    for pattern, word in (
        (r":[0-9]+\b(?! of)", ":LINE"),
        (r"(shrunk from|none with fewer)( [0-9]+)?", "FROM"),
        (r"in [0-9]+ run", "in RUNS run"),
        (r"run [0-9]+ of 200, \S+, seed 0", "run N of 200, STRATEGY, seed SEED"),
        (r"emu1:\S+", "TAPE"),
    ):
        text = re.sub(pattern, word, text)
    assert text.replace("FROM in", "FROM in") == MESSAGE


def test_its_replay_line_replays(file: pytest.Pytester) -> None:
    line = re.search(r"replay  pytest (.*)", run(file, "-k", "inversion"))
    assert line is not None
    text = run(file, *shlex.split(line[1]))
    assert "test_inversion deadlocks" in text
    assert "found   " not in text


def test_a_replay_line_of_a_parametrized_test_replays(file: pytest.Pytester) -> None:
    line = re.search(r"replay  pytest (.*)", run(file, "test_it.py::test_counts[2]"))
    assert line is not None
    text = run(file, *shlex.split(line[1]))
    assert "1 failed" in text
    assert "'assert 1 == 2' does not hold" in text


def test_a_tape_of_another_test_does_not_fit(file: pytest.Pytester) -> None:
    text = run(file, "-k", "calm", "--emu-replay", "emu1:999t1")
    assert "tape emu1:999t1 does not fit test_it:test_calm: at step 999 the tape" in text
    assert "replay.py" not in text


def test_a_tape_belongs_to_one_test(file: pytest.Pytester) -> None:
    made = file.runpytest("--emu-replay", "emu1:")
    assert made.ret == pytest.ExitCode.USAGE_ERROR
    made.stderr.fnmatch_lines(["*--emu-replay follows the tape of one test; 7 emu tests are*"])


def test_what_is_no_tape_is_a_usage_error(file: pytest.Pytester) -> None:
    made = file.runpytest("--emu-replay", "nonsense")
    assert made.ret == pytest.ExitCode.USAGE_ERROR
    made.stderr.fnmatch_lines(["*--emu-replay: tape 'nonsense' does not begin with 'emu1'*"])


def test_what_holds_passes(file: pytest.Pytester) -> None:
    assert outcomes(file, "-k", "calm") == {"passed": 1, "deselected": 8}


def test_fixtures_and_parameters_are_keyword_only_arguments(file: pytest.Pytester) -> None:
    text = run(file, "-k", "counts", "-v")
    assert "test_counts[3]" in text
    assert "test_counts[2]" in text


def test_the_marker_does_the_same(file: pytest.Pytester) -> None:
    assert outcomes(file, "-k", "marked") == {"passed": 1, "deselected": 8}


def test_a_test_that_controls_nothing_fails(file: pytest.Pytester) -> None:
    assert failure(run(file, "-k", "alone")) == (
        "test_alone controls nothing: no run of it has a choice to make, so all are the same; "
        "let two threads meet, or chaos act\n"
    )


def test_a_limit_leaves_a_test_undecided_and_that_is_no_pass(file: pytest.Pytester) -> None:
    text = failure(run(file, "-k", "endless"))
    assert text == "test_endless: the run used up its 50 steps (watchdog.steps)\n"


def test_the_number_of_runs_and_the_seed_can_be_set(file: pytest.Pytester) -> None:
    text = run(file, "-k", "inversion", "--emu-runs", "77", "--emu-seed", "5")
    assert re.search(r"found   run [0-9]+ of 77, \S+, seed 5\n", text)


def test_trio_tests_and_plain_tests_are_left_alone(file: pytest.Pytester) -> None:
    assert outcomes(file, "-k", "beside or plain") == {"passed": 1, "failed": 1, "deselected": 7}


def test_it_works_in_the_processes_of_xdist(file: pytest.Pytester) -> None:
    made = file.runpytest_subprocess("-n", "2", "-p", "no:cacheprovider")
    assert made.parseoutcomes() == {"passed": 3, "failed": 6}
    made.stdout.fnmatch_lines(["test_inversion deadlocks"])


def test_trio_mode_does_not_take_the_marked_tests(file: pytest.Pytester) -> None:
    file.makeini("[pytest]\ntrio_mode = true\n")
    assert outcomes(file, "-k", "marked or beside") == {"passed": 2, "deselected": 7}


def test_called_by_hand_it_raises_the_message(file: pytest.Pytester) -> None:
    file.makepyfile(
        test_by_hand="import emu, pytest, test_it\n"
        "def test_it_raises():\n"
        "    with pytest.raises(emu.Falsified, match='test_inversion deadlocks'):\n"
        "        test_it.test_inversion()\n"
    )
    assert outcomes(file, "test_by_hand.py") == {"passed": 1}


CLASSES = """
import unittest
import pytest
import emu
from emu import Mutex


async def cross(m):
    left, right = Mutex(m, "left"), Mutex(m, "right")

    async def worker(first, second):
        async with first:
            async with second:
                pass

    m.spawn(worker, left, right, name="T1")
    m.spawn(worker, right, left, name="T2")


class TestInAClass:
    def setup_method(self):
        self.set_up = True

    @emu.test(runs=100)
    async def test_fails(self, m):
        await cross(m)

    @pytest.mark.parametrize("count", [2, 3])
    @emu.test(runs=100, expect="deadlock")
    async def test_counts(self, m, *, count, tmp_path):
        assert self.set_up and count and tmp_path.is_dir()
        await cross(m)

    @pytest.mark.emu(runs=100, expect="deadlock")
    async def test_marked(self, m):
        assert self.set_up
        await cross(m)


class Old(unittest.TestCase):
    @emu.test(runs=100, expect="deadlock")
    async def test_old(self, m):
        self.assertIsNone(await cross(m))
"""


def test_tests_in_classes_are_tests(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it=CLASSES)
    assert outcomes(pytester) == {"passed": 4, "failed": 1}


def test_a_replay_line_of_a_test_in_a_class_replays(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it=CLASSES)
    line = re.search(r"replay  pytest (.*)", run(pytester, "-k", "fails"))
    assert line is not None
    assert "test_fails deadlocks" in run(pytester, *shlex.split(line[1]))


def test_a_strategy_of_ones_own_can_be_named_for_all(file: pytest.Pytester) -> None:
    file.makepyfile(
        own="from emu import Strategy\n"
        "class Last(Strategy):\n"
        "    def thread(self, step, runnable, here):\n"
        "        return len(runnable) - 1\n"
    )
    file.syspathinsert()
    text = run(file, "-k", "inversion", "--emu-strategy", "own:Last")
    assert re.search(r"found   run [0-9]+ of 200, own:Last, seed 0\n", text)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("@emu.test()\ndef test_it(m): pass", "emu.test: test_it is not an `async def` function"),
        ("@emu.test()\nasync def test_it(): pass", "the first argument of test_it must be the"),
        (
            "class TestIt:\n  @emu.test()\n  async def test_it(self): pass",
            "emu.test: the first argument of test_it, after self, must be the machine",
        ),
        (
            "@emu.test(checker=3)\nasync def test_it(m): pass",
            "test_it: its checker is 3; allowed is a plain function of the history",
        ),
        ("@emu.test()\nasync def test_it(m, n): pass", "emu.test: argument 'n' of test_it must be"),
        ("@pytest.mark.emu(5)\nasync def test_it(m): pass", "the emu marker of test_it: name its"),
        ("@pytest.mark.emu(rums=5)\nasync def test_it(m): pass", "unexpected keyword argument"),
        ("@pytest.mark.emu()\nasync def test_it(m, n): pass", "argument 'n' of test_it must be"),
        ("@emu.test(strategy='x')\nasync def test_it(m): pass", "there is no strategy 'x'; there"),
        ("@emu.test(runs=0)\nasync def test_it(m): pass", "explore: runs is 0; allowed is a whole"),
    ],
)
def test_a_mistake_is_a_sentence(pytester: pytest.Pytester, code: str, sentence: str) -> None:
    pytester.makepyfile(f"import emu, pytest\n{code}\n")
    made = pytester.runpytest()
    assert made.ret != 0
    assert sentence in made.stdout.str()
