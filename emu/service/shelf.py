"""The data directory: campaigns by their ids, and what is wanted of each.

    campaigns/ID/service.json   the card: what is wanted of it; without a card it is none
    campaigns/ID/plan.toml      its plan
    campaigns/ID/events.jsonl   what happened; see `journal`
    campaigns/ID/…              what `emu soak` keeps of a campaign, its ledger above all
    trash/                      what was deleted, until it is gone
    service.lock                held by the service that has the directory

An id is the name of the plan and a number, which no other campaign of the directory ever had.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson

from emu.campaign.opening import is_campaign
from emu.errors import LogError, UsageError
from emu.record.store import write_file
from emu.service.errors import NotFound

CAMPAIGNS: Final = "campaigns"
TRASH: Final = "trash"
LOCK: Final = "service.lock"
COUNT: Final = "count.json"
CARD: Final = "service.json"
PLAN: Final = "plan.toml"

RUN, PAUSE, STOP = "run", "pause", "stop"

ID: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")
"""What an id looks like; nothing else is ever looked for in the directory."""

_LONGEST: Final = 60


@dataclass(frozen=True)
class Card:
    """What the service knows of a campaign, besides its ledger.

    `created` is in seconds since the epoch. `wanted` is `RUN`, `PAUSE` or `STOP`. `workers` and
    `memory` are what its process is given. `ended` says that it has come to its end, `failure` why
    it cannot go on. `key` and `request` are of the request that made it: a key that its caller
    chose, and a digest.
    """

    id: str
    name: str
    created: float
    wanted: str = RUN
    workers: int = 1
    memory: str = ""
    ended: bool = False
    failure: str = ""
    key: str = ""
    request: str = ""
    options: dict[str, Any] = field(default_factory=dict)


class Shelf:
    """The campaigns in the directory `data`, which is made if it is not there.

    `notices` has a sentence for each directory that is left out, though it may be a campaign.
    Raises `UsageError` if another service has the directory, `LogError` if it cannot be written.
    """

    def __init__(self, data: Path) -> None:
        self.data = data
        try:
            for name in (CAMPAIGNS, TRASH):
                (data / name).mkdir(parents=True, exist_ok=True)
            self._lock: int | None = _locked(data / LOCK)
        except OSError as wrong:
            raise LogError(f"cannot use {data}: {wrong.strerror or wrong}") from None
        self.notices: list[str] = []
        self.cards = {card.id: card for card in self._read()}
        self._count = max([self._stored_count(), *map(_number, self.cards)])

    def close(self) -> None:
        """Let another service have the directory."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def directory(self, name: str) -> Path:
        """Where a campaign is; raises `NotFound`."""
        self.card(name)
        return self.data / CAMPAIGNS / name

    def card(self, name: str) -> Card:
        """The card of a campaign; raises `NotFound`."""
        card = self.cards.get(name) if ID.fullmatch(name) else None
        if card is None:
            raise NotFound(f"there is no campaign {name[:_LONGEST]!r}")
        return card

    def with_key(self, key: str) -> Card | None:
        """The campaign that a request with this key has made, if any."""
        return next((card for card in self.cards.values() if key and card.key == key), None)

    def room_for(self, name: str) -> Path:
        """A new, empty directory for a campaign of this name; it is one once it has its card."""
        self._count += 1
        write_file(self.data / COUNT, orjson.dumps({"count": self._count}))
        slug = re.sub(r"[^a-z0-9._]+", "-", name.lower()).strip("-._")[:_LONGEST]
        made = self.data / CAMPAIGNS / f"{slug or 'campaign'}-{self._count:04}"
        made.mkdir()
        return made

    def put(self, card: Card) -> None:
        """Write a card, new or changed, and know it; raises `LogError` where that cannot be."""
        self.write(card)
        self.note(card)

    def write(self, card: Card) -> None:
        """Write a card; raises `LogError` where that cannot be."""
        row = orjson.dumps(asdict(card), option=orjson.OPT_INDENT_2)
        write_file(self.data / CAMPAIGNS / card.id / CARD, row)

    def note(self, card: Card) -> None:
        """Know a card, if only until the service ends."""
        self.cards[card.id] = card

    def discard(self, name: str) -> None:
        """Take a campaign off the shelf, at once; `sweep` removes what is left of it."""
        self.directory(name).rename(self.data / TRASH / name)
        del self.cards[name]

    def sweep(self) -> None:
        """Remove what was deleted, and directories that never became campaigns."""
        for path in (self.data / TRASH).iterdir():
            shutil.rmtree(path, ignore_errors=True)

    def _read(self) -> list[Card]:
        cards = []
        for path in (self.data / CAMPAIGNS).iterdir():
            if (path / CARD).exists():
                try:
                    cards.append(_card(path / CARD))
                except LogError as wrong:
                    self.notices.append(f"{wrong}; the campaign is left out, and as it is")
            elif is_campaign(path):
                self.notices.append(f"{path} has no {CARD!r}: it is left out, and as it is")
            elif path.is_dir() and not path.is_symlink():
                with suppress(OSError):  # what was there of it is not swept yet
                    path.rename(self.data / TRASH / path.name)
        return sorted(cards, key=lambda card: _number(card.id))

    def _stored_count(self) -> int:
        with suppress(OSError, ValueError, KeyError, TypeError):
            return int(orjson.loads((self.data / COUNT).read_bytes())["count"])
        return 0


def _card(path: Path) -> Card:
    try:
        return Card(**orjson.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError) as wrong:
        raise LogError(f"{path} is damaged: {wrong}") from None


def _number(name: str) -> int:
    number = name.rpartition("-")[2]
    return int(number) if number.isdecimal() else 0


def _locked(path: Path) -> int:
    """The lock of a data directory, held; a process that dies lets go of it."""
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        who = os.pread(lock, 64, 0).decode() or "another process"
        os.close(lock)
        raise UsageError(
            f"{path.parent} is in use by the service that is process {who}; give each service a "
            f"directory of its own by --data"
        ) from None
    os.ftruncate(lock, 0)
    os.pwrite(lock, str(os.getpid()).encode(), 0)
    return lock
