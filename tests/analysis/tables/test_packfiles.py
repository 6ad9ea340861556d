"""A file of a pack that cannot be read is named, and costs what is in it alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from emu.analysis.tables.locks import locks
from emu.analysis.tables.pack import pack
from emu.analysis.tables.packfiles import RELATIONS
from emu.analysis.tables.sources import Sources
from emu.analysis.tables.summary import summary
from emu.analysis.tables.tables import Tables
from emu.analysis.tables.unpack import runs_in
from emu.errors import LogError
from emu.record.logs import Logged
from tests.analysis.tables.logs import acquire, release, run, written

DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "cut off": lambda whole: whole[:-20],
    "no Parquet": lambda whole: b"x" * len(whole),
    "changed inside": lambda whole: whole[:4] + bytes(400) + whole[404:],
    "with a hole": lambda whole: whole[:4] + whole[104:],
}


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    """A pack of two programs with a lock each, of one run and of two."""
    runs = [run(acquire(1, "A", lock), release(2, "A", lock), scenario=lock) for lock in "lmm"]
    pack([written(tmp_path / "a.jsonl", runs)], tmp_path / "pack")
    return tmp_path / "pack"


def broken(pack: Path, pattern: str, how: str) -> Path:
    """The one file of a pack that is called so, damaged."""
    (file,) = pack.glob(pattern)
    file.write_bytes(DAMAGES[how](file.read_bytes()))
    return file


@pytest.mark.parametrize("how", DAMAGES)
def test_events_that_cannot_be_read_are_left_out(packed: Path, how: str) -> None:
    file = broken(packed, "events/scenario=l/*.parquet", how)
    with Tables([packed]) as tables:
        counts = tables.rows("SELECT run, count(*), sum(hash(COLUMNS(*))) FROM events GROUP BY ALL")
        assert [row[:2] for row in sorted(counts)] == [(2, 4), (3, 4)]
        (said,) = tables.damage
        assert said.startswith(f"{file}: this file of a pack cannot be read, and is left out")


@pytest.mark.parametrize("relation", RELATIONS)
def test_a_pack_answers_without_any_of_its_relations(packed: Path, relation: str) -> None:
    for file in (packed / relation).rglob("*.parquet"):
        file.write_bytes(b"")
    with Tables([packed]) as tables:
        summary(tables)
        assert [lock.lock for lock in locks(tables)] == ([] if relation == "holds" else ["l", "m"])
        assert all("this file of a pack cannot be read" in said for said in tables.damage)
        assert tables.damage


def test_what_stands_in_for_a_file_has_the_columns_of_one(packed: Path) -> None:
    with Tables([packed]) as tables:
        for relation, columns in RELATIONS.items():
            (part,) = tables.packed(relation)
            found = {name: type_ for name, type_, *_ in tables.rows(f"DESCRIBE {part}")}
            assert found == columns


def test_an_error_stands_in_the_place_of_a_run_that_a_pack_has_lost(packed: Path) -> None:
    file = broken(packed, "events/scenario=l/*.parquet", "cut off")
    lost, *runs = runs_in(Sources([packed]))
    assert [one.history.info.scenario for one in runs if isinstance(one, Logged)] == ["m", "m"]
    assert isinstance(lost, LogError)
    assert str(lost).startswith(f"{file}: this file of a pack cannot be read, and is left out")


def test_a_pack_that_is_called_like_a_pattern_is_read_without_a_broken_file(
    packed: Path, tmp_path: Path
) -> None:
    odd = packed.rename(tmp_path / "what?")
    file = broken(odd, "events/scenario=l/*.parquet", "cut off")
    with Tables([odd]) as tables:
        assert list(tables.rows("SELECT count(DISTINCT run) FROM events")) == [(2,)]
        assert tables.damage[0].startswith(
            f"{file}: this file of a pack cannot be read, and is left out"
        )


def test_what_is_wrong_with_a_question_costs_no_file(packed: Path) -> None:
    with Tables([packed]) as tables:
        with pytest.raises(LogError):
            list(tables.rows("SELECT error('events') FROM events"))
        assert tables.damage == []
