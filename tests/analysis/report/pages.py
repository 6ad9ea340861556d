"""Contents of a page, made by hand."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

from emu.analysis.lanes import lanes_of
from emu.analysis.message import WayBack, message
from emu.analysis.order import lock_order
from emu.analysis.report.contention import Contention
from emu.analysis.report.contents import Contents, Entry, Found, Program, Shown
from emu.analysis.report.page import page
from emu.analysis.report.scene import scene_of
from emu.record.history import History
from emu.record.logs import Logged
from tests.analysis.histories import inversion


def shown(**changes: Any) -> Shown:
    made = Shown(
        plan="plan",
        entry="entry",
        number=1,
        count=2,
        runs=10,
        first_run=3,
        strategy="random",
        seed=11,
        tape="emu1:2t1#a72e",
        deviations=1,
        replay="emu replay inversion:lock_order_inversion emu1:2t1#a72e",
        standing="expected",
    )
    return replace(made, **changes)


def found(history: History, **changes: Any) -> Found:
    finding = history.findings[0]
    made = Found(
        number=1,
        signature=finding.signature,
        kind=finding.kind,
        message=message(history, finding, WayBack("inversion:lock_order_inversion")),
        standing="expected",
        count=2,
        runs=10,
        shown=(shown(),),
        first=1_000_000.0,
        last=1_000_100.0,
        scene=scene_of(history, finding),
    )
    return replace(made, **changes)


def entry(**changes: Any) -> Entry:
    made = Entry(
        plan="plan",
        name="entry",
        scenario="inversion:lock_order_inversion",
        params={"fix": False},
        strategy="random",
        seeds="seed 11",
        runs=10,
        steps=100,
        emulated=100_000,
        outcomes={"ok": 8, "deadlock": 2},
        verdict="met",
    )
    return replace(made, **changes)


def program(*histories: History) -> Program:
    contention = Contention()
    for one in histories:
        contention.look(lanes_of(one))
    runs = [Logged("history.jsonl", 1, one) for one in histories]
    (order,) = lock_order(lambda: iter(runs)).programs
    return Program(order, contention.locks())


def contents(**changes: Any) -> Contents:
    history = inversion()
    made = Contents(
        title="plan",
        directory="runs/plan/0001",
        facts=(("emu", "0.1.0"),),
        entries=(entry(),),
        findings=(found(history),),
        programs=(program(history),),
        verdict="met",
        emu="0.1.0",
    )
    return replace(made, **changes)


class Read(HTMLParser):
    """A page, read as a browser would: its elements with their attributes, and its texts."""

    def __init__(self, text: bytes | str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open = [""]
        self.feed(text.decode() if isinstance(text, bytes) else text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        self.texts.setdefault(self._open[-1], []).append(data)

    def all(self, name: str) -> list[dict[str, str | None]]:
        """The attributes of every element of this name."""
        return [attributes for tag, attributes in self.elements if tag == name]


def read(**changes: Any) -> Read:
    return Read(page(contents(**changes)))
