"""A finding by its address: fetched from a service, and worked on here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.prompt import emu, emu_json, finish, start
from tests.served import served

PLAN = """\
name = "bank"

[[entry]]
name = "as it is"
scenario = "vault:transfer"
params = { rounds = 2 }
runs = 50
until = "budget"
expect = { some = ["deadlock"] }
"""
BANK = """\
from emu import Machine, Mutex, scenario

@scenario()
async def transfer(m: Machine, *, rounds: int = 1) -> None:
    left, right = Mutex(m, "left"), Mutex(m, "right")

    async def move(one: Mutex, other: Mutex) -> None:
        for _ in range(rounds):
            async with one:
                async with other:
                    pass

    m.spawn(move, left, right, name="anna")
    m.spawn(move, right, left, name="ben")
"""
TOKEN = "correct-horse-battery-staple"
PLACE = "/api/campaigns/bank-0001/findings/1"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service that has found a deadlock of `vault`, and asks for a token."""
    home = tmp_path_factory.mktemp("service")
    (home / "vault.py").write_text(BANK)
    (home / "bank.toml").write_text(PLAN)
    (home / "token").write_text(TOKEN)
    (home / "token").chmod(0o600)
    words = ("--scenarios", "vault:*", "--token-file", str(home / "token"))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        with served(home / "data", *words) as at:
            patch.setenv("EMU_TOKEN", TOKEN)
            emu("--server", at, "soak", "bank.toml")
            patch.delenv("EMU_TOKEN")
            yield at


@pytest.fixture(autouse=True)
def token(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMU_TOKEN", TOKEN)


@pytest.fixture
def program(here: Path) -> None:
    (here / "vault.py").write_text(BANK)


def line_of(url: str, *options: str) -> list[str]:
    """The words, after `emu`, of the line that the list of findings ends with."""
    listed = emu("--server", url, *options, "findings", "bank-0001").stdout
    found = re.search(r"`emu (.*replay .*)` replays it here", listed)
    assert found is not None, listed
    return found[1].split()


def test_the_line_that_findings_end_with_replays_one(url: str, program: None) -> None:
    words = line_of(url)
    assert words == ["replay", url + PLACE]
    row = emu_json(*words)
    assert (row["same"], row["params"]) == (True, {"rounds": 2})
    assert row["findings"][0]["signature"].startswith("deadlock [left, right]")


def test_the_line_has_the_file_with_the_token(
    url: str, program: None, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EMU_TOKEN")
    (here / "t").write_text(TOKEN)
    (here / "t").chmod(0o600)
    words = line_of(url, "--token-file", "t")
    assert words == ["--token-file", "t", "replay", url + PLACE]
    assert emu(*words).exit_code == 0


def test_the_address_of_the_page_will_do(url: str, program: None) -> None:
    tape = emu_json("replay", url + PLACE)["tape"]
    for begin in ("/#/", "#/"):
        page = url.replace("http", "HTTP") + PLACE.replace("/api/", begin)
        assert emu_json("replay", page)["tape"] == tape


def test_a_message_leads_back_by_the_address(url: str, program: None) -> None:
    told = emu("--server", url, "show", "bank-0001#1").stdout
    assert told.endswith(f"\n  replay  emu replay {url}{PLACE}\n  log     {url}{PLACE}/log\n")
    assert emu("show", url + PLACE).stdout == told


def test_a_finding_is_shrunk_and_compared_by_its_address(url: str, program: None) -> None:
    assert emu_json("shrink", url + PLACE)["signature"].startswith("deadlock [left, right]")
    assert "the failing run: transfer deadlocks\n" in emu("diff", url + PLACE).stdout


def test_another_tape_may_be_typed(url: str, program: None) -> None:
    made = emu("replay", url + PLACE, "emu1:")
    assert (made.exit_code, made.stdout.splitlines()[0]) == (0, f"{url}{PLACE}: ok")


def test_an_environment_for_a_service_does_not_matter(
    url: str, program: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for server in (url, f"{url}/"):
        monkeypatch.setenv("EMU_SERVER", server)
        assert emu("replay", url + PLACE).exit_code == 0


def test_a_token_for_one_service_is_not_shown_to_another(
    url: str, program: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMU_SERVER", "http://127.0.0.1:1")
    made = emu("replay", url + PLACE)
    assert (made.exit_code, "asks for a token" in made.stderr) == (2, True)


def test_a_token_for_no_service_by_name_is_not_shown_to_another_machine(
    url: str, program: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emu.service.settings.is_loopback", lambda host: False)
    made = emu("replay", url + PLACE)
    assert (made.exit_code, "asks for a token" in made.stderr) == (2, True)


def test_a_program_that_is_not_here_is_one_sentence(url: str) -> None:
    status, out, err = finish(start("replay", url + PLACE))
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert (
        f"{url}{PLACE} cannot run here: scenario 'vault:transfer': there is no module 'vault'"
        in err
    )


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (("replay", "URL" + PLACE + "9"), "there is no finding 19 in bank-0001"),
        (("replay", "URL/api/campaigns/x-0009/findings/1"), "there is no campaign 'x-0009'"),
        (("replay", "URL" + PLACE.removesuffix("1") + "0"), "findings/0 is no finding's address"),
        (("replay", "URL/"), "URL/ is no finding's address; allowed is http://HOST:PORT/api/"),
        (("replay", "http://127.0.0.1:1" + PLACE), "no service answers at http://127.0.0.1:1"),
        (("--server", "URL", "replay", "URL" + PLACE), "worked on here; leave out --server"),
        (("--token-file", "t", "replay", "x.json"), "--token-file is for a service"),
        (("--token-file", "t", "diff", "x.json"), "--token-file is for a service"),
    ],
)
def test_what_cannot_be_is_one_sentence(args: tuple[str, ...], sentence: str, url: str) -> None:
    made = emu(*(one.replace("URL", url) for one in args))
    assert (made.exit_code, made.stdout) == (2, "")
    assert sentence.replace("URL", url) in made.stderr
    assert made.stderr.count("\n") == 1


def test_a_run_without_an_answer_has_no_way_back(
    url: str, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "short.toml").write_text(
        'name = "short"\n[[entry]]\nname = "x"\nscenario = "philosophers"\n'
        "runs = 3\nwatchdog = { steps = 2 }\n"
    )
    row = json.loads(emu("--server", url, "soak", "short.toml", "--json").stdout)
    listed = emu("--server", url, "findings", row["directory"]).stdout
    assert "replays it here" not in listed
    made = emu("replay", f"{url}/api/campaigns/{row['directory']}/findings/1")
    assert (made.exit_code, "is a run without an answer" in made.stderr) == (2, True)
