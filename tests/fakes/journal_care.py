"""What takes care of a journal, as the test says."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from armguard_tray.errors import JournalError
from armguard_tray.storage.backup import Backup
from armguard_tray.storage.chain import NO_LINK, Anchor, ChainHead, Reason
from armguard_tray.storage.upkeep import Checked, Facts, Progress
from armguard_tray.storage.verification import Break, Fault, HeadFound, Verified
from tests.fakes.stream_health import NOW

FILE = Path("/home/reyes/.local/share/armguard-tray/journal.sqlite3")
BEGAN = datetime(2024, 11, 23, 16, 30, 22, tzinfo=UTC)
FACTS = Facts(
    file=FILE,
    size=992 << 20,
    free=0.03,
    rows=1_000_000,
    since=BEGAN,
    trimmed_to=None,
    over_size=False,
    backup=None,
)
BACKUP = Backup(
    FILE.parent / "backups" / "journal-armory-1-3f9c02ab-20261123-060000.sqlite3",
    NOW - timedelta(days=1),
    991 << 20,
)
MUCH_TRIMMED = replace(
    FACTS, free=0.41, rows=31_772, trimmed_to=(968_228, NOW - timedelta(hours=2)), backup=BACKUP
)
HOLDS = Verified(
    rows=1_000_000,
    since=BEGAN,
    until=NOW,
    head=ChainHead(1_000_013, "5688662ea0a4a4211cdb99fedc86c447d055684c2a095e21191ca9a27d339e9a"),
    anchors=(Anchor(1, 0, NO_LINK, 0, 1_732_379_422_000_000, Reason.BEGUN),),
    changes=(),
    changed=12,
    breaks=(),
    broken=0,
    head_found=HeadFound.NOT_GIVEN,
)
BROKEN = replace(HOLDS, breaks=(Break(Fault.CONTENT, 512, 511, BEGAN),), broken=3)


@dataclass
class FakeCare:
    """Does what it is asked once it is let go.

    Attributes:
        now: what there is to say of the journal.
        finds: what the next check finds.
        error: what the next work ends with.
        answer: set to let work end.
        asked: what was asked.
        cancelled: how much was broken off.

    """

    now: Facts = FACTS
    finds: Verified = HOLDS
    error: JournalError | None = None
    answer: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[str] = field(default_factory=list)
    cancelled: int = 0
    checked: Checked | None = None

    async def facts(self) -> Facts:
        return self.now

    async def back_up(self, target: Path | None, progress: Progress) -> Backup:
        await self._work(f"back up to {target}", progress)
        made = replace(BACKUP, file=target or BACKUP.file)
        self.now = replace(self.now, backup=made)
        return made

    async def check(self, progress: Progress) -> Checked:
        await self._work("check", progress)
        self.checked = Checked(NOW, self.finds)
        return self.checked

    async def compact(self) -> None:
        await self._work("compact", lambda _done, _of: None)
        self.now = replace(self.now, free=0.0)

    async def _work(self, what: str, progress: Progress) -> None:
        self.asked.append(what)
        progress(1, 4)
        try:
            await self.answer.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.error is not None:
            raise self.error
