"""Where orders are carried out, whoever does it."""

from __future__ import annotations

from typing import Protocol

from emu.campaign.health import Health
from emu.campaign.order import Order, Tell, Told, Yield


class Place(Protocol):
    """Somewhere orders are carried out, one at a time: a worker here, or one on a cluster."""

    @property
    def health(self) -> Health:
        """How it is: the campaign notes what it is busy with, it notes all else.

        Where no worker can work (`WorkerLost.unable`) the campaign notes that it is gone, too.
        """

    async def do(self, order: Order | Tell) -> Yield | Told:
        """Have it carried out.

        Raises `WorkerLost` if that cost the worker, `NoWorker` if there can be none.
        """

    async def stop(self) -> None:
        """Have it answer with what is done by now."""
