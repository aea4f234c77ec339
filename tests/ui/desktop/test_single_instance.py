"""One instance a data folder, across real processes, whatever became of the first."""

import asyncio
import os
import signal
import socket
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, asynccontextmanager
from pathlib import Path

import pytest

from armguard_tray.desktop.single_instance import Role, SingleInstance, SingleInstanceError
from tests.ui.desktop.programs import Program, program

FIRST, SECOND = "primary", "secondary, answered: True"


class Starter:
    """Starts the program as one user."""

    def __init__(self, runtime: Path) -> None:
        self._env = os.environ | {"XDG_RUNTIME_DIR": str(runtime)}
        self.runtime = runtime

    def start(self, data: Path) -> AbstractContextManager[Program]:
        return program("tests.ui.desktop.instance_program", str(data), env=self._env)

    @asynccontextmanager
    async def first(self, data: Path) -> AsyncIterator[Program]:
        """Start the first one and wait until it is."""
        with self.start(data) as running:
            assert await running.line() == FIRST
            yield running


@pytest.fixture
def starter() -> Iterator[Starter]:
    with tempfile.TemporaryDirectory(prefix="run") as folder:
        yield Starter(Path(folder))


async def test_a_second_start_asks_the_first_for_its_window_and_ends(
    starter: Starter, tmp_path: Path
) -> None:
    async with starter.first(tmp_path) as first:
        for _ in range(2):
            with starter.start(tmp_path) as second:
                assert await second.line() == SECOND
                assert await second.line() == ""
            assert await first.line() == "asked for the window"


async def test_another_data_folder_is_another_program(starter: Starter, tmp_path: Path) -> None:
    async with starter.first(tmp_path / "a"), starter.first(tmp_path / "b"):
        pass


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
async def test_the_next_start_is_the_first_again_however_the_last_one_ended(
    starter: Starter, tmp_path: Path, end: signal.Signals
) -> None:
    async with starter.first(tmp_path) as first:
        first.process.send_signal(end)
        first.process.wait()
    assert list(starter.runtime.glob("armguard-tray-*")), "the socket is still there"
    async with starter.first(tmp_path) as first:
        with starter.start(tmp_path) as second:
            assert await second.line() == SECOND
        assert await first.line() == "asked for the window"


async def test_of_many_starts_at_once_one_is_the_first(starter: Starter, tmp_path: Path) -> None:
    with (
        starter.start(tmp_path) as one,
        starter.start(tmp_path) as two,
        starter.start(tmp_path) as three,
        starter.start(tmp_path) as four,
    ):
        said = await asyncio.gather(*(start.line() for start in (one, two, three, four)))
    assert sorted(said) == [FIRST, SECOND, SECOND, SECOND]


async def test_a_first_that_hangs_is_still_the_first(starter: Starter, tmp_path: Path) -> None:
    async with starter.first(tmp_path) as first:
        first.process.send_signal(signal.SIGSTOP)
        try:
            with starter.start(tmp_path) as second:
                assert await second.line() == "secondary, answered: False"
        finally:
            first.process.send_signal(signal.SIGCONT)


async def test_the_socket_is_for_this_user_alone_and_ignores_noise(starter: Starter, tmp_path: Path) -> None:
    async with starter.first(tmp_path) as first:
        (address,) = (path for path in starter.runtime.iterdir() if path.is_socket())
        assert address.stat().st_mode & 0o077 == 0
        with socket.socket(socket.AF_UNIX) as noise:
            noise.settimeout(20)
            noise.connect(str(address))
            noise.sendall(b"noise")
            assert noise.recv(1) == b""
        with starter.start(tmp_path) as second:
            assert await second.line() == SECOND
        assert await first.line() == "asked for the window"


def test_without_a_runtime_folder_the_data_folder_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    with tempfile.TemporaryDirectory(prefix="data") as folder:
        instance = SingleInstance(Path(folder) / "new")
        assert instance.acquire() is Role.PRIMARY
        instance.release()


def test_a_folder_that_cannot_be_made_is_told_to_the_user(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    (tmp_path / "file").touch()
    with pytest.raises(SingleInstanceError, match=r"cannot be made.*--data-dir"):
        SingleInstance(tmp_path / "file" / "data").acquire()


def test_a_folder_that_cannot_be_used_is_told_to_the_user(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    deep = tmp_path / ("x" * 120)
    deep.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(deep))
    with pytest.raises(SingleInstanceError, match="cannot listen"):
        SingleInstance(tmp_path).acquire()
