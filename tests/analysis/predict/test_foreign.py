"""Logs of real processes, which lack what the tool that saw them did not see."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from emu.analysis.predict.acquires import abstract_acquires
from emu.analysis.predict.prediction import Prediction, predict
from emu.analysis.predict.trace import trace_of
from emu.analysis.predict.words import FOREIGN, in_words
from emu.record.event import SEEN
from emu.record.history import History
from emu.record.log import write_history
from emu.record.logs import Logged, read_runs
from emu.record.shape import Shape
from emu.scenarios.classics import lock_order_inversion
from tests.analysis.predict.runs import passing


def predicted(history: History, path: Path) -> list[Prediction]:
    write_history(history, path / "log.jsonl")
    runs = [run for run in read_runs(path / "log.jsonl") if isinstance(run, Logged)]
    return predict(lambda: runs)


async def test_what_a_foreign_log_shows_is_never_certain(tmp_path: Path) -> None:
    (history, *_) = await passing(lock_order_inversion)
    foreign = History(replace(history.info, strategy="strace"), history.raw, history.ending)
    (mine,), (other,) = predicted(history, tmp_path), predicted(foreign, tmp_path)

    assert (mine.grade, other.grade) == ("certain", "possible")
    assert FOREIGN in in_words(other)[1]
    assert FOREIGN not in in_words(mine)[1]


async def test_an_acquisition_that_is_seen_later_is_in_no_order(tmp_path: Path) -> None:
    (history, *_) = await passing(lock_order_inversion)

    def later(shape: Shape) -> Shape:
        inner = shape.event == "lock.acquire"
        return replace(shape, values=(*shape.values[:-1], SEEN)) if inner else shape

    assert len(abstract_acquires(trace_of(history.shapes))) == 2
    assert not abstract_acquires(trace_of(map(later, history.shapes)))


async def test_where_no_place_is_known_none_is_told(tmp_path: Path) -> None:
    (history, *_) = await passing(lock_order_inversion)
    nowhere = [(*raw[:6], None, -1, *raw[8:]) for raw in history.raw]
    (one,) = predicted(History(history.info, nowhere, replace(history.ending)), tmp_path)

    assert one.signature == "deadlock [left, right]"
    assert "?" not in "".join(in_words(one))
