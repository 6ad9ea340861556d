"""A Dask cluster on this machine: a scheduler and workers, each a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PATIENCE: Final = 60.0


class Dask:
    """A scheduler, which has no worker at first."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._processes: list[subprocess.Popen[bytes]] = []
        self.tcp = self.address = ""

    def begin(self) -> None:
        """Start the scheduler, and wait until it listens."""
        about = self.directory / "scheduler.json"
        self._start("scheduler", "--host=127.0.0.1", "--port=0", f"--scheduler-file={about}")
        deadline = time.monotonic() + PATIENCE
        while not self.tcp:
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.05)
            with suppress(FileNotFoundError, json.JSONDecodeError):  # it is there before its text
                self.tcp = json.loads(about.read_text())["address"]
        self.address = self.tcp.replace("tcp://", "dask://")

    def worker(self, threads: int = 1, path: Path = ROOT) -> int:
        """One more worker, without anybody who would start it again; gives its process.

        `path` is where it finds modules first.
        """
        local = f"--local-directory={self.directory}"
        options = ("--no-nanny", f"--nthreads={threads}", local)
        return self._start("worker", self.tcp, *options, path=path)

    def kill(self, pid: int) -> None:
        """Kill a worker, as kill -9 does."""
        os.kill(pid, signal.SIGKILL)

    def said(self) -> str:
        """What its processes have printed."""
        return "\n".join(path.read_text() for path in sorted(self.directory.glob("*.out")))

    def close(self) -> None:
        """End all of it."""
        for process in self._processes:
            process.kill()
            process.wait()

    def _start(self, verb: str, *arguments: str, path: Path = ROOT) -> int:
        with (self.directory / f"{len(self._processes)}-{verb}.out").open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", verb, "--no-dashboard", *arguments],
                env={**os.environ, "PYTHONPATH": str(path)},
                cwd=self.directory,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        self._processes.append(process)
        return process.pid


@contextmanager
def dask(directory: Path) -> Iterator[Dask]:
    """A cluster inside the block."""
    directory.mkdir(exist_ok=True)
    made = Dask(directory)
    try:
        made.begin()
        yield made
    finally:
        made.close()
