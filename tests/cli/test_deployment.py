"""What is shipped to run the service with fits the service that is shipped."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from typing import Any

import pytest

from emu.cli.verb_serve import command
from emu.service.settings import PORT
from tests.cli.prompt import ROOT

SCRIPTS = ROOT / "scripts"
UNIT = (SCRIPTS / "emu.service").read_text()
DOCKERFILE = (SCRIPTS / "Dockerfile").read_text()


def settings_of(unit: str) -> dict[str, str]:
    lines = [line for line in unit.splitlines() if "=" in line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def in_dockerfile(instruction: str) -> list[str]:
    (found,) = re.findall(rf"^{instruction} (\[.*\])$", DOCKERFILE, re.MULTILINE)
    made: list[str] = json.loads(found)
    return made


def parsed(words: list[str]) -> dict[str, Any]:
    """The options of `emu serve` in a command; raises where there is no such option."""
    assert words[0].endswith("emu")
    assert words[1] == "serve"
    with command.make_context("serve", words[2:]) as context:
        return context.params


@pytest.mark.parametrize(
    "words",
    [
        shlex.split(settings_of(UNIT)["ExecStart"]),
        in_dockerfile("ENTRYPOINT") + in_dockerfile("CMD"),
    ],
    ids=["unit", "Dockerfile"],
)
def test_the_service_is_started_with_options_that_it_has_and_a_token(words: list[str]) -> None:
    given = parsed(words)
    assert given["host"] == "0.0.0.0"
    assert given["token_file"].endswith("token")
    assert given["plans"]


def test_a_stop_reaches_the_service_alone_and_has_time() -> None:
    unit = settings_of(UNIT)
    assert unit["KillMode"] == "mixed"
    assert int(unit["TimeoutStopSec"]) > 5
    assert "STOPSIGNAL SIGTERM" in DOCKERFILE


def test_neither_runs_as_root() -> None:
    assert settings_of(UNIT)["DynamicUser"] == "yes"
    assert re.findall(r"^USER (\w+)$", DOCKERFILE, re.MULTILINE) == ["emu"]


def test_the_container_is_asked_for_its_health_where_it_listens() -> None:
    assert f"EXPOSE {PORT}\n" in DOCKERFILE
    assert f"http://127.0.0.1:{PORT}/healthz" in DOCKERFILE


def test_what_is_copied_into_the_container_is_there() -> None:
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.MULTILINE)
    assert all((ROOT / name).exists() for line in copied for name in line.split())


def test_the_script_is_one_of_the_shell() -> None:
    done = subprocess.run(["sh", "-n", SCRIPTS / "serve"], check=False)
    assert done.returncode == 0
    assert (SCRIPTS / "serve").stat().st_mode & 0o111
