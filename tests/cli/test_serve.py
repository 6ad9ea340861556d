"""`emu serve`: what it refuses to start with, how it answers, how it ends."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.prompt import ROOT, emu, finish, start

TOKEN = "correct-horse-battery-staple"


class Service:
    """A service in a process of its own, that listens."""

    def __init__(self, *args: str) -> None:
        self.process = start("serve", "--port", "0", *args)
        assert self.process.stdout is not None
        self.line = self.process.stdout.readline()
        self.url = self.line.split()[-1] if self.line else finish(self.process)[2]

    def get(self, path: str, **headers: str) -> tuple[int, bytes]:
        request = urllib.request.Request(self.url + path, headers=headers)
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as wrong:
            with wrong:
                return wrong.code, wrong.read()

    def connect(self) -> socket.socket:
        host, _, port = self.url.removeprefix("http://").partition(":")
        return socket.create_connection((host, int(port)))

    def end(self, *signals: int) -> tuple[int, str, str]:
        for number in signals:
            self.process.send_signal(number)
        return finish(self.process)

    def said(self, event: str) -> None:
        """Wait until it has logged this."""
        assert self.process.stderr is not None
        while f'"event":"{event}"' not in (line := self.process.stderr.readline()):
            assert line, f"it ended without {event}"


@pytest.fixture
def serve() -> Iterator[Callable[..., Service]]:
    made: list[Service] = []

    def begin(*args: str) -> Service:
        made.append(Service(*args))
        return made[-1]

    yield begin
    for one in made:
        if one.process.poll() is None:
            one.process.kill()
        one.process.communicate()


def token_file(text: str = TOKEN, mode: int = 0o600) -> str:
    path = Path("token")
    path.write_text(text)
    path.chmod(mode)
    return str(path)


def refused(*args: str) -> str:
    result = emu("serve", *args)
    assert (result.exit_code, result.stdout) == (2, "")
    sentence, end = result.stderr[:-1], result.stderr[-1]
    assert (sentence.count("\n"), end) == (0, "\n")
    return sentence.removeprefix("emu: error: ")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "emu.example"])
def test_without_a_token_it_listens_at_loopback_alone(host: str) -> None:
    assert refused("--host", host) == (
        f"--host {host} lets other machines in, so callers must show a token; give one by "
        f"--token-file FILE, or listen at 127.0.0.1"
    )


@pytest.mark.parametrize(
    ("text", "mode", "said"),
    [
        ("", 0o600, "it is empty; make a token by python3 -c"),
        (" \n", 0o600, "it is empty; make a token by python3 -c"),
        ("secret", 0o600, "the token has 6 characters; allowed are 16 or more"),
        (TOKEN, 0o644, "everybody on this machine may use it; chmod 600 token"),
        (TOKEN, 0o602, "everybody on this machine may use it; chmod 600 token"),
        ("correct horse battery", 0o600, "allowed is one line without spaces"),
        (f"{TOKEN}\n{TOKEN}", 0o600, "allowed is one line without spaces"),
        ("grüße-grüße-grüße", 0o600, "allowed are letters, figures and signs of ASCII"),
    ],
)
def test_a_token_that_is_none_is_refused(text: str, mode: int, said: str) -> None:
    sentence = refused("--token-file", token_file(text, mode))
    assert sentence.startswith(f"--token-file token: {said}")
    assert not text.strip() or text not in sentence


def test_a_token_that_is_not_there_is_refused() -> None:
    assert refused("--token-file", "none") == "--token-file none: No such file or directory"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--allow-host", "http://x"), "--allow-host http://x: allowed is a name alone, such as"),
        (("--allow-host", ""), "--allow-host : allowed is a name alone, such as emu.example"),
        (("--plans", "nowhere"), "--plans nowhere: there is no such directory"),
        (("--port", "70000"), "Invalid value for '--port': 70000 is not in the range"),
        (("--max-streams", "0"), "Invalid value for '--max-streams': 0 is not in the range"),
        (("--max-call-seconds", "nan"), "Invalid value for '--max-call-seconds': nan is no"),
        (("--scenarios", "nowhere:x"), "scenario 'nowhere:x': there is no module"),
        (("--host", "nowhere.invalid", "--token-file", "token"), "--host nowhere.invalid: there"),
        (("--data", "token/x"), "cannot use token/x: Not a directory"),
    ],
)
def test_what_cannot_be_is_one_sentence(args: tuple[str, ...], said: str) -> None:
    token_file()
    assert refused(*args).startswith(said)


def test_a_port_that_is_taken_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status, out, err = finish(start("serve", "--port", str(port)))
    assert (status, out) == (2, "")
    assert err == (
        f"emu: error: --port {port}: something listens there already; --port 0 finds one that is "
        f"free\n"
    )


@pytest.mark.parametrize("module", ["fastapi", "anycorn", "prometheus_client"])
def test_without_the_extra_it_says_how_to_get_it(module: str) -> None:
    code = f"import sys; sys.modules[{module!r}] = None; from emu.cli import main; main(['serve'])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"emu: error: this needs {module}, which is not installed: pip install 'emu[serve]'\n"
    )


def test_it_prints_where_it_listens_and_answers_there(serve: Any) -> None:
    service = serve()
    assert service.line.startswith("emu serves runs/service at http://127.0.0.1:")
    assert service.get("/healthz")[0] == 200
    assert service.get("/docs")[0] == 200


def test_a_termination_ends_it_in_good_order(serve: Any) -> None:
    status, out, err = serve().end(signal.SIGTERM)
    assert (status, out) == (0, "")
    assert '"event":"stopped"' in err
    assert "Traceback" not in err


def test_ctrl_c_ends_it_in_good_order(serve: Any) -> None:
    status, _, err = serve().end(signal.SIGINT)
    assert status == 130
    assert '"event":"stopped"' in err


def test_a_second_signal_ends_it_at_once(serve: Any) -> None:
    service = serve()
    with service.connect() as client:
        client.sendall(
            b"POST /api/campaigns HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n"
            b"Content-Type: application/json\r\nExpect: 100-continue\r\n\r\n"
        )
        assert client.recv(100).startswith(b"HTTP/1.1 100")  # it waits for the body
        service.process.send_signal(signal.SIGTERM)
        service.said("stopping")
        status, _, err = service.end(signal.SIGTERM)
    assert status == 130
    assert '"event":"stopped"' not in err


@pytest.mark.parametrize("clients", [1, 20])
def test_watchers_that_do_not_read_do_not_keep_it(clients: int, serve: Any) -> None:
    service = serve()
    watchers = [service.connect() for _ in range(clients)]
    for one in watchers:
        one.sendall(b"GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert one.recv(12) == b"HTTP/1.1 200"
    status, _, err = service.end(signal.SIGTERM)
    assert (status, "Traceback" in err) == (0, False)
    for one in watchers:
        one.close()


def test_a_token_is_asked_for_and_never_logged(serve: Any) -> None:
    service = serve("--token-file", token_file())
    assert service.get("/api/campaigns")[0] == 401
    assert service.get("/api/campaigns", Authorization="Bearer wrong-wrong-wrong")[0] == 401
    assert service.get("/api/campaigns", Authorization=f"Bearer {TOKEN}")[0] == 200
    assert service.get(f"/api/campaigns?token={TOKEN}")[0] == 401
    _, out, err = service.end(signal.SIGTERM)
    assert '"status":401' in err
    assert TOKEN not in out + err
    assert "wrong-wrong" not in err


def test_names_and_scenarios_may_be_given(serve: Any) -> None:
    Path("mine.py").write_text(
        "from emu import Machine, scenario\n\n\n@scenario()\nasync def one(m: Machine) -> None:\n"
        '    """Mine."""\n'
    )
    service = serve("--scenarios", "mine:*", "--allow-host", "emu.example")
    assert service.get("/healthz", Host="emu.example")[0] == 200
    assert service.get("/healthz", Host="evil.example")[0] == 421
    assert b'"mine:one"' in service.get("/api/scenarios")[1]


def test_limits_may_be_given(serve: Any) -> None:
    service = serve("--max-streams", "1", "--max-body", "10")
    with service.connect() as watcher:
        watcher.sendall(b"GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert watcher.recv(12) == b"HTTP/1.1 200"
        assert service.get("/api/events")[0] == 429


def test_nobody_needs_to_read_what_it_prints(serve: Any) -> None:
    service = serve()
    service.process.stdout.close()
    service.process.stderr.close()
    assert service.get("/healthz")[0] == 200
    assert service.get("/nowhere")[0] == 404
    service.process.send_signal(signal.SIGTERM)
    assert service.process.wait(60) == 0
