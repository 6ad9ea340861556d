"""The setup in which a prediction can happen: that of its run, and what has to come besides."""

from __future__ import annotations

from emu.analysis.predict.needs import rows_needed
from emu.analysis.predict.prediction import Prediction
from emu.analysis.predict.wakeups import Wakeup
from emu.campaign.recorded import setup_from
from emu.engine.scenario import Setup


def setup_for(prediction: Prediction | Wakeup) -> Setup:
    """The setup of the run that showed it; its chaos can bring the signals that it needs.

    Raises `UsageError` when this emu cannot run that.
    """
    info = prediction.run.history.info
    needed = rows_needed(prediction) if isinstance(prediction, Prediction) else ()
    more = tuple(row for row in needed if row not in info.chaos)
    return setup_from(info.scenario, info.params, (*info.chaos, *more), info.watchdog)
