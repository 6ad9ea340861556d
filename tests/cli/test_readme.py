"""What README.md shows is what emu prints."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from emu.campaign.plan import read_plan
from tests.cli.prompt import ROOT, emu
from tests.served import served

URL = "http://127.0.0.1:8765"
README = (ROOT / "README.md").read_text(encoding="utf-8")
FILES = re.findall(r"`(\w+\.(?:toml|py))`:\n\n```\w+\n(.*?)```", README, re.DOTALL)
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
SESSIONS = re.findall(r"```\n\$ emu (.*?)\n(.*?)```", README, re.DOTALL)


@pytest.fixture(autouse=True)
def files(here: Path) -> None:
    for name, text in FILES:
        (here / name).write_text(text)


def untimed(text: str) -> str:
    text = re.sub(r"[\d.]+ s, [\d,]+ runs/s", "… s", text)
    text = re.sub(r"[\d-]{10} [\d:]{8}", "…", text)
    return re.sub(r", \d deviations?, expected", ", …", text)  # shrunk, if there was time


def test_the_files_that_it_shows_are_found() -> None:
    names = ["bank.py", "seldom.py", "usr1.toml", "handler.py", "bank.toml"]
    assert [name for name, _ in FILES] == names


@pytest.mark.parametrize(("command", "output"), SESSIONS)
def test_its_commands_print_what_it_shows(command: str, output: str) -> None:
    if "runs/bank" in command:
        emu("soak", "bank.toml")
    if command.endswith(" passed.jsonl") and "--log" not in command:
        emu("run", "bank:transfer", "--seed", "0", "--log", "passed.jsonl")
    if command.startswith("--server"):
        with served(Path("data"), "--scenarios", "bank:*") as url:
            if "bank-0001" in command:
                emu("--server", url, "soak", "bank.toml")
            printed = emu(*command.replace(URL, url).split()).stdout.replace(url, URL)
    else:
        printed = emu(*command.split()).stdout
    assert untimed(printed) == untimed(output)


def test_its_client_works(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = (one for one in BLOCKS if "Client(" in one)
    with served(Path("data"), "--scenarios", "bank:*") as url:
        exec(code.replace(URL, url), {})
    assert capsys.readouterr().out.startswith("transfer deadlocks\n")


def test_its_table_has_entries_of_the_smoke_plan() -> None:
    names = {entry.name for entry in read_plan(str(ROOT / "configs" / "smoke.toml")).entries}
    table = README.partition("$ scripts/soak\n")[2].partition("\n…")[0]
    rows = re.findall(r"^  (\S.*?)  +(?:on|off) ", table, re.MULTILINE)
    assert len(rows) == 8
    assert names.issuperset(rows)


def test_the_tapes_in_its_prose_are_those_of_its_sessions() -> None:
    prose = re.sub(r"^```.*?^```", "", README, flags=re.DOTALL | re.MULTILINE)
    printed = "".join(output for _, output in SESSIONS)
    tapes = re.findall(r"`(emu1:\S*)`", prose)
    assert tapes
    assert [tape for tape in tapes if tape not in printed] == []
