"""The line of every key of a TOML file."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from emu.campaign.lines import Path, line_of, lines_of

TEXT = '''\
name = "x"  # [not.a.table]
[defaults]
watchdog = { lock_wait = "5s, [a = b]", deep = { steps = 1.5 } }

[[entry]]
"name" = """
= two lines
"""
expect = { only = [
  "exit 2",  # ] not the end
  'ok'] }
params.fix = false

  [[entry.chaos.fault]]
  kind = "segv-low"
  [[entry.chaos.fault]]
  at = "*"

[[entry]]
date = 2012-02-20T10:00:00Z
  [entry.watchdog]
  steps = 4_000
'''

LINES: dict[Path, int] = {
    ("name",): 1,
    ("defaults", "watchdog"): 3,
    ("defaults", "watchdog", "lock_wait"): 3,
    ("defaults", "watchdog", "deep", "steps"): 3,
    ("entry", 0): 5,
    ("entry", 0, "name"): 6,
    ("entry", 0, "expect"): 9,
    ("entry", 0, "expect", "only", 0): 9,
    ("entry", 0, "expect", "only", 1): 10,
    ("entry", 0, "params", "fix"): 12,
    ("entry", 0, "chaos", "fault", 0, "kind"): 15,
    ("entry", 0, "chaos", "fault", 1): 16,
    ("entry", 0, "chaos", "fault", 1, "at"): 17,
    ("entry", 1, "date"): 20,
    ("entry", 1, "watchdog", "steps"): 22,
}


@pytest.mark.parametrize(("path", "line"), LINES.items())
def test_a_key_stands_in_its_line(path: Path, line: int) -> None:
    assert lines_of(TEXT)[path] == line


def test_every_key_of_the_document_has_a_line() -> None:
    lines = lines_of(TEXT)

    def visit(value: Any, path: Path) -> None:
        assert not path or path in lines
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in items:
            if isinstance(inner, (dict, list)):
                visit(inner, (*path, key))
            else:
                assert (*path, key) in lines

    visit(tomllib.loads(TEXT), ())


def test_a_key_that_is_missing_has_the_line_of_its_table() -> None:
    assert line_of(("entry", 1, "scenario"), lines_of(TEXT)) == 19
