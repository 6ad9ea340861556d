"""Puts the contents into one page of HTML that needs nothing else: no network, no other file.

Styles, scripts and data stand in it. It allows itself no script but its own (a content security
policy with the hash of it), so that nothing that a program under test says can become one.
"""

from __future__ import annotations

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from typing import Any, Final

import orjson
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from emu.analysis.order import ProgramOrder
from emu.analysis.orderwords import cycle_in_words
from emu.analysis.report import parts, spelling
from emu.analysis.report.contents import Contents, Program
from emu.analysis.report.course import HEIGHT, WIDTH, draw_course
from emu.analysis.report.graph import draw_graph
from emu.analysis.report.histogram import draw_histogram
from emu.analysis.report.retelling import retell
from emu.analysis.report.telling import Telling

ARTICLES: Final = 200
"""So many findings are told at length; of more, the others have a row in the table."""

MAGIC: Final = '<!doctype html>\n<html lang="en" data-emu-report>'
"""How a page begins: by this a file is known to be one."""

_ESCAPES: Final = {ord(one): f"\\u{ord(one):04x}" for one in "<>&\u2028\u2029"}
"""What could end a script element, or a line of one, is spelled so that it cannot."""


def page(contents: Contents) -> bytes:
    """The page, in UTF-8; the same contents give the same bytes."""
    courses = [drawn for one in contents.entries if (drawn := draw_course(one)) is not None]
    script = parts.script()
    telling = Telling([*contents.entries, *(one.order for one in contents.programs)])
    text = (
        _environment()
        .get_template("page.html")
        .render(
            it=contents,
            style=Markup(parts.style()),  # noqa: S704 - they are our own files
            script=Markup(script),  # noqa: S704
            policy=f"default-src 'none'; style-src 'unsafe-inline'; script-src '{_hash(script)}'; "
            "img-src data:; base-uri 'none'; form-action 'none'",
            courses=courses,
            course_size=(WIDTH, HEIGHT),
            programs=sorted(
                (_program(one, telling(one.order)) for one in contents.programs),
                key=lambda one: (-one["possible"], -len(one["cycles"])),
            ),
            telling=telling,
            articles=ARTICLES,
        )
    )
    return text.encode("utf-8", "backslashreplace")


def hatches() -> str:
    """The patterns and arrowheads that a timeline refers to: SVG for the page that it stands in."""
    return _environment().get_template("hatches.html").render()


def _program(one: Program, own: dict[str, Any]) -> dict[str, Any]:
    return {
        "order": one.order,
        "own": own,
        "counted": _counted(one.order),
        "graph": draw_graph(one.order),
        "cycles": [(cycle, cycle_in_words(cycle)) for cycle in one.order.cycles],
        "possible": sum(cycle.verdict == "possible" for cycle in one.order.cycles),
        "locks": one.locks,
    }


def _counted(order: ProgramOrder) -> str:
    counts = ((len(order.locks), "lock"), (len(order.edges), "edge"), (len(order.cycles), "circle"))
    said = ", ".join(spelling.plural(number, noun) for number, noun in counts)
    return f"{said}, in {spelling.plural(order.runs, 'run')}"


def _breakable(text: str) -> Markup:
    """A long name, which may be broken at its punctuation."""
    return Markup("<wbr>").join(re.split("(?<=[.:/_])", text))


def _json(value: object) -> Markup:
    """A value as the text of a script element of type JSON."""
    text = orjson.dumps(value).decode().translate(_ESCAPES)
    return Markup(text)  # noqa: S704 - nothing is left in it that means something in HTML


def _hash(script: str) -> str:
    return f"sha256-{b64encode(sha256(script.encode()).digest()).decode()}"


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("emu.analysis.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {
        "whole": spelling.whole,
        "duration": spelling.duration,
        "moment": spelling.moment,
        "percent": spelling.percent,
        "settings": spelling.settings,
        "breakable": _breakable,
        "setting": spelling.setting,
        "json": _json,
        "retell": retell,
        "histogram": draw_histogram,
    }
    made.globals |= {"plural": spelling.plural}
    return made
