from __future__ import annotations

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import emu


@pytest.mark.parametrize("name", emu.__all__)
def test_a_public_name_is_there(name: str) -> None:
    assert getattr(emu, name) is getattr(import_module(emu._HOMES[name]), name)


def test_readers_and_python_see_the_same_names_at_the_same_place() -> None:
    tree = ast.parse(Path(emu.__file__).read_text(encoding="utf-8"))
    read = {
        alias.asname: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("emu.")
        for alias in node.names
    }

    assert read == emu._HOMES


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'emu' has no attribute 'Mutes'"):
        emu.Mutes  # type: ignore[attr-defined]  # noqa: B018


def test_importing_emu_imports_nothing_of_it() -> None:
    script = "import sys, emu; print([name for name in sys.modules if name.startswith('emu.')])"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert run.stdout == "[]\n"
