"""The files that the page is made of: of its own, and for other pages that draw timelines.

The scripts are modules, which import each other by name. In the page, which is one file, they
stand one after the other instead.
"""

from __future__ import annotations

import re
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

STYLES: Final = ("page.css", "parts.css", "timeline.css", "print.css")
SCRIPTS: Final = (
    "elements.js",
    "scene.js",
    "scale.js",
    "drawing.js",
    "tip.js",
    "details.js",
    "search.js",
    "gestures.js",
    "timeline.js",
    "copying.js",
    "theme.js",
    "tips.js",
    "page.js",
)
"""In the order in which they stand in the page: a later one imports earlier ones."""

_BETWEEN_FILES: Final = re.compile(r"^import [^;]*;\n|^export (?=const |class )", re.MULTILINE)


def home() -> Traversable:
    """Where the files are."""
    return files("emu.analysis.report") / "assets"


def style() -> str:
    """All styles, as one."""
    return "\n".join(_read(name) for name in STYLES)


def script() -> str:
    """All scripts, as one module that imports nothing."""
    return "\n".join(_BETWEEN_FILES.sub("", _read(name)) for name in SCRIPTS)


def _read(name: str) -> str:
    return (home() / name).read_text(encoding="utf-8")
