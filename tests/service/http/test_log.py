"""What the service says of itself."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

from emu.service.http.log import LONGEST, logger


def said(event: str, **fields: object) -> dict[str, object]:
    output = StringIO()
    logger(output).info(event, **fields)
    (line,) = output.getvalue().splitlines()
    made: dict[str, object] = json.loads(line)
    return made


def test_an_event_is_a_line_with_its_time() -> None:
    line = said("listening", url="http://x")
    assert list(line) == ["timestamp", "level", "event", "url"]
    assert (line["level"], line["event"], line["url"]) == ("info", "listening", "http://x")


def test_what_callers_send_stays_on_its_line_and_is_cut() -> None:
    assert said("request", path="/a\nb\x1b[1m")["path"] == "/a\nb\x1b[1m"
    assert len(str(said("request", path="x" * 2 * LONGEST)["path"])) == LONGEST + 1


def test_values_that_json_does_not_know_are_spelled() -> None:
    line = said("odd", path=Path("x"), text="\ud800")
    assert (line["path"], line["text"]) == ("PosixPath('x')", "\\ud800")


def test_an_exception_has_its_traceback() -> None:
    output = StringIO()
    try:
        raise ValueError("oops")
    except ValueError:
        logger(output).exception("failure")
    assert "ValueError: oops" in json.loads(output.getvalue())["exception"]


def test_a_log_that_is_full_stops_no_work() -> None:
    with Path("/dev/full").open("w") as full:
        log = logger(full)
        log.info("first")
        log.info("second")
