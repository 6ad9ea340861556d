"""A lock order as a graph in the DOT language of Graphviz."""

from __future__ import annotations

from collections.abc import Iterator

from emu.analysis.order import Edge, LockOrder, ProgramOrder
from emu.analysis.orderwords import place

DANGER = 'color="#c62828", fontcolor="#c62828", penwidth=2'
"""How an edge of a possible deadlock is drawn."""


def as_dot(order: LockOrder) -> str:
    """All programs in one picture, a box each."""
    lines = ["digraph locks {", "  node [shape=box, fontname=sans];", "  edge [fontname=sans];"]
    for number, program in enumerate(order.programs):
        lines += _program(number, program)
    return "\n".join((*lines, "}"))


def _program(number: int, program: ProgramOrder) -> Iterator[str]:
    settings = ", ".join(f"{name}={value}" for name, value in sorted(program.params.items()))
    yield f"  subgraph cluster_{number} {{"
    yield f"    label={_text(f'{program.scenario} {settings}'.rstrip())};"
    for lock in program.locks:
        yield f"    {_text(f'{number} {lock.name}')} [label={_text(lock.name)}];"
    deadly = {
        arrow
        for cycle in program.cycles
        if cycle.verdict == "possible"
        for arrow in zip(cycle.locks, (*cycle.locks[1:], cycle.locks[0]), strict=True)
    }
    for edge in program.edges:
        ends = f"{_text(f'{number} {edge.held}')} -> {_text(f'{number} {edge.lock}')}"
        look = f", {DANGER}" if (edge.held, edge.lock) in deadly else ""
        yield f"    {ends} [label={_text(_label(edge))}{look}];"
    yield "  }"


def _label(edge: Edge) -> str:
    signals = f" in {', '.join(edge.signals)}" if edge.signals else ""
    return f"{edge.count:,}{signals}\n{place(edge.passages[0].asks)}"


def _text(text: str) -> str:
    """A quoted string of the language."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
