"""Scripts that are modules by themselves, and one script in the page."""

from __future__ import annotations

import re

import pytest

from emu.analysis.report import parts

IMPORT = re.compile(r'^import (?:\{ ([^}]*) \} from )?"\./([\w-]+\.js)";$', re.MULTILINE)


def read(name: str) -> str:
    return (parts.home() / name).read_text(encoding="utf-8")


def exported(name: str) -> set[str]:
    return set(re.findall(r"^export (?:const|class) (\w+)", read(name), re.MULTILINE))


@pytest.mark.parametrize("name", parts.SCRIPTS)
def test_a_script_imports_what_earlier_ones_export(name: str) -> None:
    earlier = parts.SCRIPTS[: parts.SCRIPTS.index(name)]
    for names, module in IMPORT.findall(read(name)):
        assert module in earlier
        assert {one for one in names.split(", ") if one} <= exported(module)


def test_every_script_and_style_stands_in_the_page() -> None:
    there = {one.name for one in parts.home().iterdir()}
    assert there == {*parts.SCRIPTS, *parts.STYLES}


def test_as_one_they_import_and_export_nothing() -> None:
    script = parts.script()
    assert re.search(r"^\s*(import|export)\b", script, re.MULTILINE) is None
    assert "class Timeline" in script


def test_as_one_no_name_is_declared_twice() -> None:
    names = re.findall(r"^(?:const|let|class) (\w+)", parts.script(), re.MULTILINE)
    assert len(names) == len(set(names))
