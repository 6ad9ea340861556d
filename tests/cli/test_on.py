"""`emu soak --on`: what is wrong with a cluster is said in one sentence, before anything begins."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest

from emu.campaign import cluster
from tests.cli.prompt import INVERSION, emu

ENTRY = f'name = "p"\n[[entry]]\nname = "one"\nscenario = "{INVERSION}"\n'


def refused(*arguments: str) -> str:
    """The one sentence with which a soak is refused; it leaves nothing behind."""
    Path("p.toml").write_text(ENTRY)
    result = emu("soak", "p.toml", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert not Path("runs").exists()
    (line,) = result.stderr.splitlines()
    return line.removeprefix("emu: error: ")


@pytest.mark.parametrize("address", ["here", "dask://here", "dask://here:0", "http://here:80"])
def test_an_address_that_is_none(address: str) -> None:
    assert refused("--on", address) == (
        f"--on is '{address}'; allowed is dask://HOST:PORT, such as dask://127.0.0.1:8786"
    )


def test_workers_are_for_this_machine() -> None:
    said = refused("--on", "dask://127.0.0.1:8786", "--workers", "2")

    assert said == "--workers is for this machine; a cluster given by --on has its own"


def test_distributed_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    said = refused("--on", "dask://127.0.0.1:8786")

    assert said == "--on needs the package distributed; get it by `pip install 'emu[cluster]'`"


def test_nobody_listens() -> None:
    pytest.importorskip("distributed", reason="the extra emu[cluster] is not installed")
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    said = refused("--on", f"dask://127.0.0.1:{port}")

    assert said == f"cannot reach a scheduler at dask://127.0.0.1:{port}: Connection refused"


def test_a_host_that_nobody_knows() -> None:
    pytest.importorskip("distributed", reason="the extra emu[cluster] is not installed")
    said = refused("--on", "dask://nowhere.invalid:8786")

    assert said.startswith("cannot reach a scheduler at dask://nowhere.invalid:8786: ")


def test_something_else_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed", reason="the extra emu[cluster] is not installed")
    monkeypatch.setattr(cluster, "ANSWER", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        said = refused("--on", f"dask://127.0.0.1:{port}")

    assert said.startswith(f"what answers at dask://127.0.0.1:{port} is no Dask scheduler, or not")
