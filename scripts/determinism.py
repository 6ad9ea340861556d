"""Compares the logs of many runs over processes, hash seeds, machines side by side and Pythons.

determinism.py [--seeds N] [--allow-missing]      compare, and say what is equal
determinism.py fingerprint [--seeds N] [--lanes N] [SCENARIO ...]
                                                  print one digest a scenario
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import trio

from emu.campaign.catalogue import bundled
from emu.engine.carrier import Carriers, open_carriers
from emu.engine.machine import Machine
from emu.engine.scenario import Scenario, setup
from emu.record.log import log_bytes
from emu.search.calibration import Calibration
from emu.search.strategies import parse_strategy

PYTHONS = ("3.11", "3.12", "3.13")
HERE = Path(__file__).resolve()
REPOSITORY = HERE.parent.parent


def main() -> None:
    """Compare, or print the fingerprints of this process."""
    parser = argparse.ArgumentParser(prog="scripts/determinism")
    parser.add_argument("verb", nargs="?", choices=["compare", "fingerprint"], default="compare")
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO")
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--lanes", type=int, default=1)
    parser.add_argument("--allow-missing", action="store_true")
    asked = parser.parse_args()
    if asked.verb == "fingerprint":
        print(json.dumps(trio.run(fingerprints, asked.scenarios, asked.seeds, asked.lanes)))
    else:
        sys.exit(compare(asked.seeds, allow_missing=asked.allow_missing))


async def fingerprints(names: list[str], seeds: int, lanes: int) -> dict[str, str]:
    """For each scenario the SHA-256 of the logs of its runs, in the order of their seeds."""
    found = {}
    async with open_carriers() as carriers:
        for name, scenario in bundled().items():
            if not names or name in names:
                logs = await _logs(scenario, seeds, lanes, carriers)
                found[name] = hashlib.sha256(b"".join(logs)).hexdigest()
    return found


async def _logs(scenario: Scenario, seeds: int, lanes: int, carriers: Carriers) -> list[bytes]:
    rotation = parse_strategy("rotation")
    made = setup(scenario)
    logs = [b""] * seeds
    waiting = list(range(seeds))

    async def lane() -> None:
        while waiting:
            seed = waiting.pop(0)
            chooser = rotation.make(seed, seed, Calibration())
            label = rotation.label(seed)
            machine = Machine(made, chooser, carriers, strategy=label, seed=seed)
            logs[seed] = log_bytes(await machine.run())

    async with trio.open_nursery() as nursery:
        for _ in range(lanes):
            nursery.start_soon(lane)
    return logs


def compare(seeds: int, *, allow_missing: bool) -> int:
    """Print what was compared; gives the exit status: 1 if any differs, 2 if any is missing."""
    first = _fingerprint(sys.executable, seeds, lanes=1, hash_seed=0)
    print(f"{len(first)} scenarios, {seeds} seeds each; compared with Python {_version()}:")
    others = {
        "another process, PYTHONHASHSEED=1": _fingerprint(sys.executable, seeds, 1, 1),
        "32 machines side by side": _fingerprint(sys.executable, seeds, 32, 2),
    }
    missing = []
    for version in PYTHONS:
        if version == _version():
            continue
        python = _environment(version)
        if python is None:
            missing.append(version)
        else:
            others[f"Python {version}"] = _fingerprint(python, seeds, 32, 3)
    different = 0
    for label, other in others.items():
        wrong = [name for name in first if other.get(name) != first[name]]
        different += len(wrong)
        print(f"  {'DIFFERENT' if wrong else 'equal    '}  {label} {', '.join(wrong)}".rstrip())
    for version in missing:
        print(f"  NOT COMPARED  Python {version} (python{version} is not at hand)")
    if missing and not allow_missing:
        names = " and ".join(missing)
        sentence = f"not compared with Python {names}; install it, or give --allow-missing"
        print(f"determinism: {sentence}", file=sys.stderr)
    return 1 if different else 2 if missing and not allow_missing else 0


def _fingerprint(python: str, seeds: int, lanes: int, hash_seed: int) -> dict[str, str]:
    command = [python, str(HERE), "fingerprint", f"--seeds={seeds}", f"--lanes={lanes}"]
    environment = {**os.environ, "PYTHONHASHSEED": str(hash_seed)}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    printed: dict[str, str] = json.loads(done.stdout)
    return printed


def _version() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _environment(version: str) -> str | None:
    """The Python of an environment with emu in it, made where there is none yet."""
    python = shutil.which(f"python{version}")
    if (
        python is None
        or subprocess.run([python, "-V"], capture_output=True, check=False).returncode
    ):
        return None
    folder = REPOSITORY / ".venv" / "versions" / version
    inside = folder / "bin" / "python"
    if not inside.exists():
        print(f"determinism: making an environment for Python {version}", file=sys.stderr)
        subprocess.run([python, "-m", "venv", folder], check=True)
    install = [inside, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*install, "--editable", REPOSITORY], check=True)
    return str(inside)


if __name__ == "__main__":
    main()
