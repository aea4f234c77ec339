"""The log on paper, read back and looked at."""

import asyncio
import errno
import os
import shutil
import subprocess
from concurrent.futures import CancelledError
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pypdf import PdfReader

from armguard_tray.errors import ExportError
from armguard_tray.export.target import FileTarget
from armguard_tray.messages.gap import Gap, Reason
from armguard_tray.messages.streams import Stream
from armguard_tray.storage.journal import Journal
from armguard_tray.storage.ledger import Ledger, Plan
from armguard_tray.ui.paper.log_paper import PdfWriter
from tests.fakes.pictures import ARTEFACTS
from tests.ui.paper.page_text import page_text
from tests.unit.export.exports import AT, Watch, exported, gap_event
from tests.unit.messages import frames
from tests.unit.storage.events import SERVER, event, takes

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture
def journal_file(tmp_path: Path) -> Path:
    """Return a journal of some pages, with a gap and a name that is longer than its column."""
    file = tmp_path / "data" / "journal.sqlite3"
    asyncio.run(_fill(file))
    return file


async def _fill(file: Path) -> None:
    journal = await Journal.open(file)
    told = [event(frames.STATUS, Stream.INVENTORY), event(frames.NOTICE, Stream.NOTIFICATIONS)]
    long = replace(
        event(frames.take(4)), person="Maria Isabel Concepcion de los Reyes y Magsaysay-Villanueva III"
    )
    await journal.append(SERVER, [*takes(1, 3), *told, long, *takes(8, 120)])
    gap = Gap(
        reason=Reason.NOT_CONNECTED,
        streams=(Stream.TRANSACTIONS,),
        first=5,
        last=7,
        since=AT,
        until=AT + timedelta(minutes=7),
        cause="the server ended the connection",
    )
    ledger = Ledger(begins=1, complete_to=120, as_of=AT)
    await journal.carry_out(SERVER, lambda _: Plan(gaps=[gap_event(gap)], ledger=ledger), AT)
    await journal.close()


def test_every_row_is_on_paper_with_what_the_log_says_of_itself(journal_file: Path, tmp_path: Path) -> None:
    found = exported(journal_file, tmp_path / "log.pdf", writer=PdfWriter())
    as_lines = exported(journal_file, tmp_path / "log.jsonl")

    reader = PdfReader(tmp_path / "log.pdf")
    pages = [page_text(page) for page in reader.pages]
    whole = "\n".join(pages)
    assert reader.metadata is not None
    assert reader.metadata.title == "ArmGuard log"
    assert all(f"page {number} of {len(pages)}" in text for number, text in enumerate(pages, 1))
    assert whole.count("Juan Dela Cruz") >= 116
    assert "3 transactions (#5\N{EN DASH}7) not received" in whole
    assert "Available → Maintenance" in whole
    assert "the log, or in a gap that it shows" in whole
    assert "1 in this period, whatever the filter" in whole
    assert found.rows_digest == as_lines.rows_digest
    assert found.rows_digest in whole
    name = "Maria Isabel Concepcion de los Reyes y Magsaysay-Villanueva III"
    assert all(word in whole for word in name.split()), "wrapped, not cut off"


def test_a_page_for_people_to_look_at(journal_file: Path, tmp_path: Path) -> None:
    pdftoppm = shutil.which("pdftoppm")
    if pdftoppm is None:
        pytest.skip("pdftoppm (poppler-utils) is not installed")
    exported(journal_file, tmp_path / "log.pdf", writer=PdfWriter())
    ARTEFACTS.mkdir(exist_ok=True)
    subprocess.run([pdftoppm, "-r", "80", "-png", tmp_path / "log.pdf", ARTEFACTS / "export_pdf"], check=True)


@pytest.mark.parametrize("stop_after", [1, 2])
def test_cancelled_it_leaves_nothing(journal_file: Path, tmp_path: Path, stop_after: int) -> None:
    with pytest.raises(CancelledError):
        exported(journal_file, tmp_path / "log.pdf", writer=PdfWriter(), watch=Watch(stop_after=stop_after))
    assert [each.name for each in tmp_path.iterdir()] == ["data"]


def test_on_a_full_disk_it_leaves_nothing(journal_file: Path, tmp_path: Path) -> None:
    class Full:
        def write(self, _: bytes) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def fill(target: FileTarget) -> None:
        target.stream = Full()  # type: ignore[assignment]  # all that is used of one

    with pytest.raises(ExportError, match="not enough room"):
        exported(journal_file, tmp_path / "log.pdf", writer=PdfWriter(), on_target=fill)
    assert [each.name for each in tmp_path.iterdir()] == ["data"]
