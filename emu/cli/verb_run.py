"""`emu run`: one run, with a full log."""

from __future__ import annotations

from dataclasses import replace

import click

from emu.cli import options
from emu.cli.one_run import Report, report
from emu.cli.server import asked
from emu.cli.target import Typed, aim
from emu.errors import StrategyError
from emu.search.answer import NAME
from emu.search.edge import Halt, run_trio
from emu.search.explore import run_once
from emu.search.strategies import DEFAULT


@click.command("run")
@options.target
@options.seed
@options.strategy
@options.setup
@options.log
@options.json
def command(
    target: str,
    seed: int | None,
    strategy: str | None,
    params: Typed,
    chaos: str | None,
    watchdog: Typed,
    log: str | None,
    level: str,
    *,
    as_json: bool,
) -> int:
    """Run TARGET once, with a full log (in runs/, unless --log says where).

    Exit status: 0 its expectation allows the outcome, 1 it does not, 3 unknown.
    """
    asked(target=target)
    aimed = aim(target, params, chaos, watchdog)
    entry = aimed.entry
    entry = replace(
        entry,
        seed=entry.seed if seed is None else seed,
        strategy=strategy or (DEFAULT if entry.strategy == NAME else entry.strategy),
    )

    async def main(halt: Halt) -> Report:
        try:
            history = await run_once(entry.setup, entry.strategy, entry.seed)
        except StrategyError:
            if halt.requested:
                raise KeyboardInterrupt from None  # it never answered, and was not let to
            raise
        return Report(aimed, history, interrupted=halt.requested)

    made = run_trio(main)
    report(made, log, level, as_json=as_json)
    return made.status
