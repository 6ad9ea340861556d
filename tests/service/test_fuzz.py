"""The service against its own OpenAPI document: thousands of requests, every check on."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import orjson
import pytest

from tests.served import served
from tests.service.house import SHORT

CONFIG = Path(__file__).parent / "schemathesis.toml"
ENOUGH = 2_000


def done(url: str) -> str:
    """A campaign that has found something, at its end."""
    name = httpx2.post(f"{url}/api/campaigns", json={"toml": SHORT}).json()["id"]
    while httpx2.get(f"{url}/api/campaigns/{name}").json()["state"] != "done":
        time.sleep(0.1)
    return str(name)


def fuzzed(url: str, config: Path, *options: str) -> int:
    """How many requests were made; fails with what is wrong, if anything is."""
    said = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run"),
            *(f"{url}/openapi.json", "--checks", "all", "--no-color", "--seed", "1", *options),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stdout + said.stderr
    counted = re.search(r"([\d,]+) generated", said.stdout)
    assert counted is not None, said.stdout
    return int(counted[1].replace(",", ""))


@pytest.mark.slow
def test_thousands_of_requests_find_nothing_wrong(tmp_path: Path) -> None:
    log = tmp_path / "log"
    limits = ("--max-campaigns", "40", "--max-call-seconds", "20")
    with log.open("wb") as lines, served(tmp_path / "data", *limits, log=lines) as url:
        name = done(url)
        known = tmp_path / "known.toml"
        known.write_text(f'{CONFIG.read_text()}\n[parameters]\ncampaign = "{name}"\nnumber = 1\n')
        made = fuzzed(url, known, "--max-examples=30", "--exclude-method=DELETE")
        made += fuzzed(url, CONFIG, "--max-examples=30")
    assert made >= ENOUGH
    levels = [orjson.loads(line)["level"] for line in log.read_bytes().splitlines()]
    assert "error" not in levels
