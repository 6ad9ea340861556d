"""The figures of the service: what watchers cost a campaign, and how fast findings are listed.

`watchers`: the runs of a campaign in `SECONDS` without watchers over those with `WATCHERS` of its
stream of events, a process of their own, in turn; the median of the ratios of neighbours, 1.05 at
most. `page`: a page of 100 of 10,000 findings, the slowest of all pages, in seconds, 0.2 at most.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any, Final

import httpx2

from emu.campaign.account import Tally
from emu.campaign.harvest import Sighting
from emu.campaign.ledger import open_ledger

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.served import served

WATCHERS: Final = 50
SECONDS: Final = 8.0
ROUNDS: Final = 5
FINDINGS: Final = 10_000
PAGE: Final = 100

LONG: Final = """
name = "long"

[[entry]]
name = "philosophers"
scenario = "philosophers"
until = "budget"
runs = 100_000_000

[[entry]]
name = "inversion"
scenario = "lock_order_inversion"
until = "budget"
runs = 100_000_000
"""

WATCH: Final = """
import selectors, socket, sys
host, port, path, count = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
chosen = selectors.DefaultSelector()
for _ in range(count):
    one = socket.create_connection((host, port))
    one.sendall(f"GET {path} HTTP/1.1\\r\\nHost: {host}:{port}\\r\\n\\r\\n".encode())
    chosen.register(one, selectors.EVENT_READ)
print("watching", flush=True)
while True:
    for key, _ in chosen.select():
        if not key.fileobj.recv(1 << 16):
            sys.exit("a stream has ended")
"""


def ask(method: str, url: str, **more: Any) -> Any:
    """What the service answers."""
    answer = httpx2.request(method, url, timeout=60, **more)
    answer.raise_for_status()
    return answer.json()


def watchers(data: Path) -> dict[str, float]:
    """What watchers cost a campaign."""
    with served(data) as url:
        name = ask("POST", f"{url}/api/campaigns", json={"toml": LONG, "workers": 1})["id"]
        place = f"{url}/api/campaigns/{name}"
        time.sleep(4)  # it learns what its entries are like
        ratios, rates = [], []
        for _ in range(ROUNDS):
            alone = rate(place)
            host, port = url.removeprefix("http://").split(":")
            path = f"/api/campaigns/{name}/events"
            crowd = subprocess.Popen(
                [sys.executable, "-c", WATCH, host, port, path, str(WATCHERS)],
                stdout=subprocess.PIPE,
            )
            assert crowd.stdout is not None
            crowd.stdout.readline()
            watched = rate(place)
            assert crowd.poll() is None
            crowd.kill()
            crowd.communicate()
            ratios.append(alone / watched)
            rates.append(alone)
        ask("POST", f"{place}/stop")
    return {"watchers": median(ratios), "runs_per_second": median(rates)}


def rate(place: str) -> float:
    """Runs a second, over some seconds."""
    before = ask("GET", place)
    time.sleep(SECONDS)
    after = ask("GET", place)
    return float((after["runs"] - before["runs"]) / (after["seconds"] - before["seconds"]))


def pages(data: Path) -> dict[str, float]:
    """How long a page of findings takes, the slowest of all."""
    with served(data) as url:
        name = ask("POST", f"{url}/api/campaigns", json={"toml": LONG, "workers": 1})["id"]
        ask("POST", f"{url}/api/campaigns/{name}/stop")
        while ask("GET", f"{url}/api/campaigns/{name}")["state"] != "stopped":
            time.sleep(0.1)
    fill(data / "campaigns" / name)
    times = []
    with served(data) as url, httpx2.Client() as client:
        after, items = 0, 0
        while after is not None:
            began = time.perf_counter()
            query = {"after": after, "limit": PAGE}
            page = client.get(f"{url}/api/campaigns/{name}/findings", params=query).json()
            times.append(time.perf_counter() - began)
            items += len(page["items"])
            after = page["next"]
        assert items >= FINDINGS
    return {"page_s": max(times), "page_median_s": median(times)}


def fill(directory: Path) -> None:
    """Put so many findings into the ledger of a campaign."""
    with closing(open_ledger(directory)) as ledger:
        account = ledger.accounts()[0]
        account.figures.runs = FINDINGS
        for run in range(FINDINGS):
            sighted = Sighting(
                signature=f"deadlock [lock {run}, another lock]",
                kind="deadlock",
                sentence="T1 and T2 wait for each other",
                run=run,
                seed=run,
                strategy="random",
                tape="emu1:2t1#a72e",
            )
            made = Tally(sighted, 1, run, 1.0, 1.0)
            account.findings[sighted.signature] = replace(made)
        ledger.save(0, account)


def serve() -> dict[str, Any]:
    """Both figures."""
    with tempfile.TemporaryDirectory() as scratch:
        figures = watchers(Path(scratch, "watched")) | pages(Path(scratch, "pages"))
    figures["ratio"] = max(figures["watchers"] / 1.05, figures["page_s"] / 0.2)
    return figures


if __name__ == "__main__":
    print(json.dumps(serve(), indent=2))
