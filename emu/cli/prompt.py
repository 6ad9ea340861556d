"""The command `emu`: finds a verb's file when it is called, and turns errors into statuses."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable
from typing import Any, Final, NoReturn

import click

from emu.cli import status
from emu.cli.server import choose
from emu.cli.streams import discard, have_streams, note
from emu.cli.verbs import Verbs
from emu.errors import Mismatch, UsageError

VERBS: Final[dict[str, str]] = {
    "list": "List scenarios with their parameters and expectations.",
    "run": "Run a scenario once, with a full log.",
    "explore": "Run a scenario many times, to a finding or a budget.",
    "replay": "Follow a tape, step by step.",
    "shrink": "Find the simplest tape that finds the same.",
    "diff": "Show where two runs part, and why it matters.",
    "show": "Print the message of a finding.",
    "soak": "Run the entries of plans on all cores: a campaign.",
    "status": "Show how a campaign gets on, or what became of it.",
    "findings": "List what a campaign has found, or export it.",
    "report": "Show a campaign as one page for a browser.",
    "logs": "Ask the logs of many runs.",
    "stop": "End a campaign of a service.",
    "serve": "Serve campaigns over HTTP, with a page to watch them on.",
}
"""Each verb with its line in the help; its file is `verb_NAME.py`."""

REPORT: Final = (
    "emu: this is a fault of emu's own, not of your program. Please report it, with the lines "
    "above and the command that you ran."
)


class Prompt(Verbs):
    """The group that is the program."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # click would say 1, which means something here
            raise click.exceptions.Exit(_unread()) from None

    def main(self, *args: Any, **extra: Any) -> Any:
        have_streams()
        extra = {"prog_name": "emu", **extra, "standalone_mode": False}
        code = _guarded(lambda: super(Prompt, self).main(*args, **extra))
        if code == status.INTERRUPTED:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # it ends, and all is said
        sys.exit(code)


def _guarded(call: Callable[[], object]) -> int:
    """What `call` gives as an exit status, whatever happens in it."""
    try:
        code = call()
        sys.stdout.flush()
    except (click.Abort, KeyboardInterrupt):
        _end_at_once()
    except click.exceptions.NoArgsIsHelpError as wrong:
        note(wrong.format_message())
        return status.USAGE
    except click.ClickException as wrong:
        complain(wrong.format_message())
        return status.USAGE
    except Mismatch as wrong:
        complain(str(wrong))
        return status.NOT_MET
    except BrokenPipeError:
        return _unread()
    except OSError as wrong:
        complain(f"{wrong.filename or 'output'}: {wrong.strerror or wrong}")
        _settle()
        return status.USAGE
    except UsageError as wrong:
        complain(str(wrong))
        return status.USAGE
    except Exception:
        traceback.print_exc()
        note(REPORT)
        return status.INTERNAL
    return code if isinstance(code, int) else status.MET


def _end_at_once() -> NoReturn:
    """End here: what was broken off in the middle would complain while Python tidies up."""
    _settle()
    os._exit(status.INTERRUPTED)


def _unread() -> int:
    """Nobody reads stdout: let what is left of it go nowhere."""
    discard(sys.stdout)
    return status.NO_READER


def _settle() -> None:
    """Write what is left for stdout, if that can be: Python must not fail at it when it exits."""
    try:
        sys.stdout.flush()
    except OSError:
        discard(sys.stdout)


def complain(text: str) -> None:
    """Print an error to stderr: `emu: error:` and a sentence, for each line of `text`."""
    for line in text.splitlines():
        note(f"emu: error: {line}")


@click.command(
    cls=Prompt,
    name="emu",
    table=VERBS,
    home="emu.cli.verb_",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option(
    "--server",
    metavar="URL",
    envvar="EMU_SERVER",
    help="Ask the service there, as http://HOST:PORT [env: EMU_SERVER].",
)
@click.option(
    "--token-file",
    metavar="FILE",
    help="Show it the token in FILE [default: that in EMU_TOKEN].",
)
@click.version_option(package_name="emu", prog_name="emu")
@click.pass_context
def main(ctx: click.Context, server: str | None, token_file: str | None) -> None:
    """The chaos emulator for thread runtimes.

    A TARGET is a bundled scenario's short name, module:function, or plan.toml#entry.

    Exit status: 0 the expectation is met, 1 it is not, 2 the command cannot be run as it
    was given, 3 unknown (a limit was met), 130 interrupted.
    """
    choose(ctx, server, token_file)
