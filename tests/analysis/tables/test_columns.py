from __future__ import annotations

import pytest

from emu.analysis.tables.columns import BY_NAME, COLUMNS, RENAMED
from emu.record.event import COMMON, KINDS, type_of


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_of_every_kind_has_a_column(kind: str) -> None:
    for name in (*COMMON, *KINDS[kind]):
        column = BY_NAME[RENAMED.get(name, name)]
        assert column.field == name
        assert not column.kinds or kind in column.kinds


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_of_every_kind_has_a_type(kind: str) -> None:
    assert all(type_of(kind, name) for name in KINDS[kind])


def test_no_two_columns_have_one_name() -> None:
    assert len(BY_NAME) == len(COLUMNS)


def test_no_column_is_called_by_a_keyword() -> None:
    import duckdb

    reserved = duckdb.execute(
        "SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category = 'reserved'"
    )
    assert not set(BY_NAME) & {name for (name,) in reserved.fetchall()}


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.name)
def test_every_column_can_be_asked_for_by_its_bare_name(column: object) -> None:
    import duckdb

    name = getattr(column, "name")  # noqa: B009 - its type is of no matter here
    assert duckdb.execute(f"SELECT {name} FROM (SELECT 1 AS {name})").fetchall() == [(1,)]
