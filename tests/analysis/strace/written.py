"""Values as strace writes them, for tests that generate lines."""

from __future__ import annotations

from hypothesis import strategies as st

NAMES = st.sampled_from(["a", "sa_flags", "_exit", "futex", "f32", "rt_sigprocmask"])
CONSTANTS = st.sampled_from(["A", "SIG_BLOCK", "O_RDONLY", "F2FS", "FUTEX_WAIT_PRIVATE"])
NUMBERS = st.integers(-(1 << 31), (1 << 64) - 1).map(str) | st.integers(0, (1 << 64) - 1).map(hex)

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}


def quoted(text: str) -> str:
    """A string as strace writes it: what is not plain is escaped."""
    parts = [
        _ESCAPES.get(chr(byte)) or (chr(byte) if 0x20 <= byte < 0x7F else f"\\{byte:03o}")
        for byte in text.encode("utf-8", "replace")
    ]
    return f'"{"".join(parts)}"'


STRINGS = st.builds(
    lambda text, more: quoted(text) + more, st.text(max_size=8), st.sampled_from(["", "..."])
)
FLAGS = st.lists(CONSTANTS, min_size=1, max_size=3).map("|".join)
COMMENTED = st.builds(lambda value, word: f"{value} /* {word} */", NUMBERS, CONSTANTS)
DESCRIPTORS = st.builds(
    lambda number, path: f"{number}<{path}>",
    st.integers(0, 99),
    st.sampled_from(
        [
            "/a/path",
            "/an (odd) [path], {really",
            '/a \\" of a path',
            "TCP:[127.0.0.1:80->127.0.0.1:81]",
            "UNIX-STREAM:[1->2]",
            "/dev/pts/1<char 136:1>",
            'pipe:["1"]',
        ]
    ),
)
_LEAVES = NUMBERS | STRINGS | FLAGS | COMMENTED | DESCRIPTORS | st.just("NULL")


def _struct(values: dict[str, str]) -> str:
    return "{" + ", ".join(f"{name}={value}" for name, value in values.items()) + "}"


def _array(values: list[str]) -> str:
    return "[" + ", ".join(values) + "]"


VALUES = st.recursive(
    _LEAVES,
    lambda inner: (
        st.dictionaries(NAMES, inner, min_size=1, max_size=3).map(_struct)
        | st.lists(inner, max_size=3).map(_array)
        | st.builds(lambda one, other: f"{one} => {other}", inner, inner)
        | st.builds(lambda name, one: f"{name}({one})", NAMES, inner)
    ),
    max_leaves=4,
)
"""Anything that an argument can be."""

ARGUMENTS = st.lists(VALUES, max_size=4)
