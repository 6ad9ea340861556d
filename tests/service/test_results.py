"""What the prompt prints of a campaign, from the service."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from emu.campaign.glance import overview_from
from emu.service.errors import NotFound
from emu.service.service import Service
from emu.service.shelf import PAUSE
from tests.service.house import LONG, SHORT, begun, opened, runs, state


async def test_a_result_is_what_a_soak_prints(tmp_path: Path) -> None:
    async with opened(tmp_path) as service:
        name = await begun(service, SHORT)
        await state(service, name, "done")
        row = await service.result(name)
    (entry,) = row["entries"]
    assert (row["directory"], row["met"], row["interrupted"]) == (name, True, False)
    assert (entry["entry"], entry["runs"], len(entry["findings"])) == ("inversion", 50, 1)


async def test_a_status_is_read_back_as_an_overview(tmp_path: Path) -> None:
    async with opened(tmp_path) as service:
        name = await begun(service, LONG)
        await runs(service, name)
        seen = overview_from(await service.status(name))
    assert (seen.directory, bool(seen.holder), seen.plans) == (name, True, ("long",))
    assert seen.runs


async def test_what_rests_is_not_at_work(tmp_path: Path) -> None:
    async with opened(tmp_path) as service:
        name = await begun(service, LONG)
        await runs(service, name)
        await service.want(name, PAUSE)
        await state(service, name, "paused")
        row = await service.status(name)
        assert (await service.result(name))["interrupted"]
    assert (row["state"], overview_from(row).holder) == ("paused", "")


@pytest.mark.parametrize("ask", [Service.status, Service.result])
async def test_of_no_campaign_there_is_nothing(ask: Any, tmp_path: Path) -> None:
    async with opened(tmp_path) as service:
        with pytest.raises(NotFound):
            await ask(service, "gone-0001")
