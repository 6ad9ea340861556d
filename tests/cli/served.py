"""A service in a process of its own, for commands to ask."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cli.prompt import ROOT, start


@contextmanager
def served(data: Path, *args: str) -> Iterator[str]:
    """Its address."""
    plans = str(ROOT / "configs")
    process = start("serve", "--port", "0", "--data", str(data), "--plans", plans, *args)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().split()[-1]
    finally:
        process.terminate()
        process.communicate()
