"""Nothing is imported before it is needed."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("trio", "pydantic", "rich", "structlog", "orjson")


def imported(code: str) -> set[str]:
    script = f"import sys\ntry:\n    {code}\nfinally:\n    sys.stderr.write(' '.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    return set(done.stderr.split())


@pytest.mark.parametrize(
    "args", ["['--help']", "['--version']", "['rnu']", "['--server', 'http://a', '--help']"]
)
def test_what_runs_nothing_imports_nothing_heavy(args: str) -> None:
    assert not imported(f"from emu.cli import main; main({args})") & set(HEAVY)


@pytest.mark.parametrize("verb", ["soak", "explore", "status", "findings", "show"])
def test_what_asks_no_service_imports_no_http(verb: str) -> None:
    loaded = imported(f"from emu.cli import main; main(['{verb}', '--help'])")
    assert not loaded & {"httpx2", "fastapi", "anycorn", "emu.service"}
