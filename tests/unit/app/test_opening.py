"""Windows are opened one after the other, and what they need is imported beside the event loop."""

import asyncio
import sys
import threading
from pathlib import Path

import pytest

from armguard_tray.app.opening import Opening, imported
from armguard_tray.tasks import TaskKeeper


async def test_the_next_window_is_opened_when_the_one_before_is_open() -> None:
    keeper, begun, opened = TaskKeeper("test"), asyncio.Event(), asyncio.Event()
    opening, seen = Opening(keeper), []

    async def first() -> None:
        seen.append("first begun")
        begun.set()
        await opened.wait()
        seen.append("first open")

    async def second() -> None:
        seen.append("second open")

    opening.start(first, "the first")
    opening.start(second, "the second")
    await begun.wait()
    opened.set()
    await keeper.close(patience=60.0)

    assert seen == ["first begun", "first open", "second open"]


async def test_none_is_opened_any_more_once_all_are_closed() -> None:
    keeper, begun = TaskKeeper("test"), asyncio.Event()
    opening, seen = Opening(keeper), []

    async def first() -> None:
        begun.set()
        await asyncio.Event().wait()

    async def second() -> None:
        seen.append("second open")

    opening.start(first, "the first")
    opening.start(second, "the second")
    await begun.wait()
    opening.close()
    opening.start(second, "the second")
    await keeper.close(patience=60.0)

    assert seen == []


async def test_a_window_that_cannot_be_opened_keeps_no_other_from_it() -> None:
    failed: list[str] = []
    keeper = TaskKeeper("test", lambda name, _: failed.append(name))
    opening, seen = Opening(keeper), []

    async def first() -> None:
        raise ValueError

    async def second() -> None:
        seen.append("second open")

    opening.start(first, "the first")
    opening.start(second, "the second")
    await keeper.close(patience=60.0)

    assert failed == ["test:open the first"]
    assert seen == ["second open"]


async def test_modules_are_imported_in_another_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a_large_window.py").write_text("import threading\nthread = threading.current_thread()\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "a_large_window", raising=False)

    await imported("a_large_window")

    assert sys.modules["a_large_window"].thread is not threading.current_thread()
