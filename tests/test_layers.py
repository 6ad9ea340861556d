"""Imports go only downward. The table is the rule; nothing is exempt."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import emu

LAYERS = {
    "errors": "",
    "record": "errors",
    "engine": "record errors",
    "analysis": "record errors",
    "posix": "engine record errors",
    "gosync": "engine record errors",
    "goruntime": "posix engine record errors",
    "chaos": "posix engine record errors",
    "scenarios": "chaos goruntime gosync posix engine record errors",
    "search": "engine analysis record errors",
    "campaign": "search chaos analysis engine record errors",
    "service": "campaign search analysis record errors",
    "cli": "errors record engine analysis posix gosync goruntime chaos scenarios search campaign "
    "service",
    "pytest_plugin": "search engine record errors",
    "__main__": "cli",
}

HOUSE = Path(emu.__file__).parent
FILES = sorted(HOUSE.rglob("*.py"))


def layer(path: Path) -> str:
    return path.relative_to(HOUSE).parts[0].removesuffix(".py")


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Line and layer of each import of emu's, those for type checkers and inside functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: a relative import"
            below = [f"emu.{alias.name}" for alias in node.names]
            names = below if node.module == "emu" else [node.module or ""]
        else:
            continue
        for name in names:
            top, _, rest = name.partition(".")
            if top == "emu":
                yield node.lineno, rest.partition(".")[0]


@pytest.mark.parametrize(
    "path",
    [path for path in FILES if layer(path) != "__init__"],
    ids=lambda p: str(p.relative_to(HOUSE)),
)
def test_imports_go_only_downward(path: Path) -> None:
    own = layer(path)
    upward = [
        f"{path.name}:{line}: {own} imports {other}"
        for line, other in imported(path)
        if other not in {own, *LAYERS[own].split()}
    ]

    assert upward == []


def test_every_layer_stands_in_the_table() -> None:
    found = {layer(path) for path in FILES} - {"__init__"}

    assert found <= LAYERS.keys()
