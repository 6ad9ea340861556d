"""A service in a process of its own, for commands, browsers and scripts to ask."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

ROOT: Final = Path(__file__).parents[1]

_ADDRESS: Final = re.compile(r"http://\S+")


def start(
    data: Path, *args: str, log: IO[Any] | int = subprocess.DEVNULL
) -> tuple[subprocess.Popen[str], str]:
    """Start one that has the shipped plans; gives it and its address, once it listens there."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "emu", "serve", "--port", "0", "--data", str(data)),
            *("--plans", str(ROOT / "configs"), *args),
        ],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )
    assert process.stdout is not None
    found = _ADDRESS.search(process.stdout.readline())
    if found is None:
        process.terminate()
        process.communicate()
        raise RuntimeError(f"the service did not start: status {process.returncode}")
    return process, found[0]


@contextmanager
def served(data: Path, *args: str, log: IO[Any] | int = subprocess.DEVNULL) -> Iterator[str]:
    """The address of one that ends in good order with the block."""
    process, url = start(data, *args, log=log)
    try:
        yield url
    finally:
        process.terminate()
        process.communicate()
