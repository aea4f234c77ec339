"""A journal in a temporary folder."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from armguard_tray.storage.journal import Journal


@pytest.fixture
def journal_file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "journal.sqlite3"


@pytest.fixture
async def journal(journal_file: Path) -> AsyncIterator[Journal]:
    opened = await Journal.open(journal_file)
    yield opened
    await opened.close()
