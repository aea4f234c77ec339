"""An export in a process of its own: ordered on standard input, told on standard output."""

import io
import os
import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest

from armguard_tray.app import export_order
from armguard_tray.app.export_order import Order, Told, run_order
from armguard_tray.exit_codes import ExitCode
from armguard_tray.export import exporting
from armguard_tray.export.formats import Format
from armguard_tray.messages.event import Category, Source
from armguard_tray.paths import paths_below
from armguard_tray.storage.journal import Journal
from armguard_tray.storage.log_filter import LogFilter
from tests.unit.export.exports import AN_HOUR, AT, MADE, csv_rows
from tests.unit.storage.events import SERVER, takes

FILTER = LogFilter(
    categories=frozenset({Category.ISSUED}),
    text="cruz",
    since=AT - AN_HOUR,
    until=AT + AN_HOUR,
    duties=frozenset({"Guard Duty"}),
    sources=frozenset({Source.LIVE}),
)


@pytest.fixture
async def order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Order:
    monkeypatch.setattr(os, "nice", lambda _: 0)  # this process is not only for an export
    file = paths_below(tmp_path / "data").journal_file
    journal = await Journal.open(file)
    await journal.append(SERVER, takes(1, 5))
    await journal.close()
    return Order(
        journal=str(file),
        out=str(tmp_path / "log.csv"),
        log_filter=FILTER,
        wanted="Issued · “cruz”",
        time_zone="Asia/Manila",
        format=Format.CSV,
        program="ArmGuard Tray 1.2.3",
        made=MADE,
    )


class Held(io.RawIOBase):
    """A standard input that has the order and then stays open."""

    def __init__(self, content: bytes) -> None:
        self._lines = [content]

    def readline(self, _size: int | None = -1, /) -> bytes:
        return self._lines.pop(0)

    def read(self, _size: int = -1, /) -> bytes:
        return b""


def carried_out(order: Order) -> tuple[ExitCode, list[Told]]:
    told = io.BytesIO()
    code = run_order(Held(msgspec.json.encode(order) + b"\n"), told)  # type: ignore[arg-type]  # what is used
    return code, [msgspec.json.decode(line, type=Told) for line in told.getvalue().splitlines()]


def test_an_order_survives_the_way() -> None:
    there = msgspec.json.decode(msgspec.json.encode(FILTER), type=LogFilter)
    assert there == FILTER


async def test_it_is_carried_out_and_told(
    order: Order, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Held, "read", lambda *_: threading.Event().wait())
    code, told = carried_out(order)
    assert code == ExitCode.OK
    assert told[0].progress is not None
    assert (told[0].progress.done, told[0].progress.total) == (0, 5)
    last = told[-1].exported
    assert last is not None
    assert last.rows == 5
    rows, said = csv_rows(tmp_path / "log.csv")
    assert len(rows) == 5
    assert (said["Filter"], rows[0]["Time"]) == ("Issued · “cruz”", "2026-11-24 11:25:26")


async def test_what_cannot_be_done_is_told(order: Order, tmp_path: Path) -> None:
    code, told = carried_out(msgspec.structs.replace(order, out=str(tmp_path / "gone" / "log.csv")))
    assert code == ExitCode.FAILED
    assert told[-1].failed is not None
    assert "is not there" in told[-1].failed[0]


async def test_once_its_input_ends_it_is_unwanted(
    order: Order, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = exporting.export

    def when_unwanted(job: Any, target: Any, writer: Any, conduct: Any) -> Any:
        conduct.unwanted.wait()
        return go_on(job, target, writer, conduct)

    monkeypatch.setattr(export_order, "export", when_unwanted)
    code, told = carried_out(order)
    assert code == ExitCode.FAILED
    assert told[-1].cancelled
    assert not list(tmp_path.glob("log.csv*"))  # noqa: ASYNC240 - it is a test
