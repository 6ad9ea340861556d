"""The parameters of a scenario: what each may be is said once, and checked wherever it is set."""

from __future__ import annotations

from typing import Annotated, Any

import pytest

from emu.campaign.catalogue import bundled
from emu.engine.machine import Machine
from emu.engine.param import AtLeast, Whole
from emu.engine.scenario import scenario
from emu.errors import UsageError


@scenario()
async def table(m: Machine, *, seats: Annotated[int, AtLeast(2)] = 5, guests: Whole = 0) -> None:
    pass


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"seats": 1}, "params.seats is 1; allowed is a whole number from 2"),
        ({"seats": "-1"}, "params.seats is '-1'; allowed is a whole number from 2"),
        ({"guests": -1}, "params.guests is -1; allowed is a whole number from 0"),
        ({"seats": "many"}, "params.seats is 'many'; allowed is a whole number from 2"),
        ({"seats": True}, "params.seats is True; allowed is a whole number from 2"),
    ],
)
def test_a_number_below_the_least_is_refused(values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        table.bind(values)
    assert str(caught.value) == sentence


def test_the_least_itself_is_allowed() -> None:
    assert table.bind({"seats": "2"}) == {"seats": 2, "guests": 0}


@pytest.mark.parametrize("name", bundled())
def test_no_number_of_a_bundled_scenario_may_be_negative(name: str) -> None:
    for param in bundled()[name].params:
        if param.kind is int:
            with pytest.raises(UsageError, match="allowed is a whole number from "):
                bundled()[name].bind({param.name: -1})
