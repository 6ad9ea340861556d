"""The data directory: what was put there is there again, and nothing half made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from emu.errors import UsageError
from emu.record.logs import CAMPAIGN
from emu.service.errors import NotFound
from emu.service.shelf import PAUSE, Card, Shelf


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    made = Shelf(tmp_path)
    yield made
    made.close()


def put(shelf: Shelf, name: str = "smoke", **more: Any) -> Card:
    card = Card(id=shelf.room_for(name).name, name=name, created=1.0, **more)
    shelf.put(card)
    return card


def again(shelf: Shelf) -> dict[str, Card]:
    """The cards that the next service has."""
    shelf.close()
    with closing(Shelf(shelf.data)) as other:
        return other.cards


def test_a_campaign_is_there_again(shelf: Shelf) -> None:
    card = put(shelf)
    assert again(shelf) == {card.id: card}


def test_campaigns_come_in_the_order_of_their_numbers(shelf: Shelf) -> None:
    assert [put(shelf, name).id for name in ("b", "a", "b")] == ["b-0001", "a-0002", "b-0003"]
    assert list(shelf.cards) == ["b-0001", "a-0002", "b-0003"]


def test_a_number_is_never_given_again(shelf: Shelf) -> None:
    shelf.discard(put(shelf).id)
    assert put(shelf).id == "smoke-0002"


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Go 1777/β", "go-1777"), ("../x", "x"), ("ä", "campaign"), ("a" * 99, "a" * 60)],
)
def test_an_id_is_made_of_the_name(shelf: Shelf, name: str, slug: str) -> None:
    assert put(shelf, name).id == f"{slug}-0001"


@pytest.mark.parametrize("name", ["smoke-0002", "", "..", "../campaigns/smoke-0001", "SMOKE-0001"])
def test_what_is_no_campaign_is_not_found(shelf: Shelf, name: str) -> None:
    put(shelf)
    with pytest.raises(NotFound, match="there is no campaign"):
        shelf.directory(name)


def test_a_change_is_written(shelf: Shelf) -> None:
    shelf.put(replace(put(shelf), wanted=PAUSE))
    assert again(shelf)["smoke-0001"].wanted == PAUSE


def test_a_directory_without_a_card_goes_to_the_trash(tmp_path: Path) -> None:
    first = Shelf(tmp_path)
    made = first.room_for("smoke")
    first.close()
    second = Shelf(tmp_path)
    second.sweep()
    second.close()
    assert not made.exists()
    assert not list((tmp_path / "trash").iterdir())


def test_what_is_deleted_is_gone(shelf: Shelf) -> None:
    card = put(shelf)
    directory = shelf.directory(card.id)
    shelf.discard(card.id)
    shelf.sweep()
    assert not directory.exists()
    assert not shelf.cards


def test_a_campaign_is_known_by_its_key(shelf: Shelf) -> None:
    card = put(shelf, key="k")
    put(shelf)
    assert shelf.with_key("k") == card
    assert shelf.with_key("") is None


def test_a_data_directory_has_one_service(shelf: Shelf) -> None:
    with pytest.raises(UsageError, match=r"is in use by the service that is process \d+"):
        Shelf(shelf.data)


@pytest.mark.parametrize("lost", ["{", None])
def test_a_campaign_without_its_card_is_left_out_and_left_alone(
    tmp_path: Path, lost: str | None
) -> None:
    with closing(Shelf(tmp_path)) as first:
        home = first.directory(put(first).id)
    (home / CAMPAIGN).write_bytes(b"")
    card = home / "service.json"
    card.unlink() if lost is None else card.write_text(lost)
    with closing(Shelf(tmp_path)) as second:
        second.sweep()
        assert second.cards == {}
        (notice,) = second.notices
    assert "left out, and as it is" in notice
    assert (home / CAMPAIGN).exists()
