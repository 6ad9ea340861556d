"""Which path of the OpenAPI document a path is, and what can be done there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

METHODS: Final = ("get", "put", "post", "delete", "patch", "options", "head", "trace")

OTHER: Final = "other"
"""The template of whatever is in no document."""

_PARAMETER: Final = re.compile(r"\{(\w+)(?::(\w+))?\}")


class Routes:
    """The paths of an OpenAPI document, and of what is served beside it.

    `beside` are prefixes of paths that stand in no document, such as those of files.
    """

    def __init__(self, document: Mapping[str, Any], beside: tuple[str, ...] = ()) -> None:
        paths: dict[str, Any] = document.get("paths", {})
        self._exact = {path: path for path in paths if "{" not in path}
        self._patterns = [(_pattern(path), path) for path in paths if "{" in path]
        self._methods = {
            path: [one.upper() for one in METHODS if one in operations]
            for path, operations in paths.items()
        }
        self._beside = beside

    def template(self, path: str) -> str:
        """The path as the document has it; `OTHER`: it has none. There are few of them."""
        if path in self._exact:
            return path
        for pattern, template in self._patterns:
            if pattern.fullmatch(path):
                return template
        for prefix in self._beside:
            if path == prefix or (prefix != "/" and path.startswith(f"{prefix}/")):
                return prefix
        return OTHER

    def methods(self, path: str) -> list[str]:
        """What can be done there, in capitals."""
        return self._methods.get(self.template(path), [])


def _pattern(template: str) -> re.Pattern[str]:
    parts = []
    end = 0
    for found in _PARAMETER.finditer(template):
        parts += [re.escape(template[end : found.start()]), "[^/]+"]
        end = found.end()
    return re.compile("".join(parts) + re.escape(template[end:]))
