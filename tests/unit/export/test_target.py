"""A file is there whole or not at all, and what cannot be written is said."""

import errno
import io
import os
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

from armguard_tray.errors import ExportError
from armguard_tray.export.target import FileTarget, StreamTarget, digest_line, saying


def names(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir()}


def test_a_file_gets_its_name_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("before")
    with FileTarget(path) as target:
        target.stream.write(b"new")
        assert path.read_text() == "before"
        digest = target.keep()
    assert path.read_bytes() == b"new"
    assert digest == sha256(b"new").hexdigest()
    assert names(tmp_path) == {"log.csv", "log.csv.sha256"}
    assert path.stat().st_mode & 0o077 == 0, "it says who holds which weapon"


def test_what_is_not_kept_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("before")
    with FileTarget(path) as target:
        target.stream.write(b"half")
    assert path.read_text() == "before"
    assert names(tmp_path) == {"log.csv"}


@pytest.mark.parametrize("name", ["log.csv", "with space.csv", "back\\slash.csv", "a\nb.csv", "ñ.csv"])
def test_sha256sum_reads_the_digest(tmp_path: Path, name: str) -> None:
    with FileTarget(tmp_path / name) as target:
        target.stream.write(b"rows")
        target.keep()
    checked = subprocess.run(
        ["/usr/bin/sha256sum", "--check", "--strict", f"{name}.sha256"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr


def test_a_link_leads_to_the_file_that_is_written(tmp_path: Path) -> None:
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    with FileTarget(tmp_path / "link.csv") as target:
        target.stream.write(b"rows")
        target.keep()
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_bytes() == b"rows"


def test_where_no_file_can_be_is_said(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    (tmp_path / "file").touch()
    for path, words in (
        (tmp_path / "gone" / "log.csv", "is not there"),
        (tmp_path / "file" / "log.csv", "is not there"),
        (tmp_path, "is a folder"),
        (Path("/"), "is a folder"),
        (fifo, "is no file"),
    ):
        with pytest.raises(ExportError, match=words):
            FileTarget(path)
    assert names(tmp_path) == {"fifo", "file"}


def test_where_the_digest_cannot_be_put_the_file_before_stays(tmp_path: Path) -> None:
    long, listed = tmp_path / ("a" * 250), tmp_path / "log.csv.sha256"
    long.write_text("before")
    listed.mkdir()
    with pytest.raises(ExportError, match="cannot be written"):
        FileTarget(long)
    with pytest.raises(ExportError, match=r"log\.csv\.sha256 is a folder"):
        FileTarget(tmp_path / "log.csv")
    assert long.read_text() == "before"
    assert names(tmp_path) == {long.name, listed.name}


def test_links_in_a_circle_are_said(tmp_path: Path) -> None:
    (tmp_path / "log.csv").symlink_to(tmp_path / "log.csv")
    with pytest.raises(ExportError, match="cannot be written"):
        FileTarget(tmp_path / "log.csv")


def test_a_file_that_somebody_protected_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "log.csv"
    path.write_text("before")
    monkeypatch.setattr(os, "access", lambda *_: False)  # for root all may be written
    with pytest.raises(ExportError, match="may not be written"):
        FileTarget(path)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "not enough room for log.csv. Nothing was left there."),
        (errno.EDQUOT, "not enough room"),
        (errno.EACCES, "may not be written"),
        (errno.EROFS, "may not be written"),
        (errno.ENOENT, "folder of log.csv is not there"),
        (errno.EIO, "cannot be written: Input/output error. Nothing was left there."),
        (errno.EPIPE, "has stopped before its end"),
    ],
)
def test_every_failure_is_a_sentence(number: int, words: str) -> None:
    with pytest.raises(ExportError) as caught, saying("log.csv"):
        raise OSError(number, os.strerror(number))
    assert words in str(caught.value)


def test_a_stream_stays_open_and_its_digest_is_known() -> None:
    stream = io.BytesIO()
    with StreamTarget(stream) as target:
        target.stream.write(b"ro")
        target.stream.write(b"ws")
        assert target.keep() == sha256(b"rows").hexdigest()
    assert stream.getvalue() == b"rows"


def test_a_name_is_written_as_sha256sum_does() -> None:
    assert digest_line("d", "a.csv") == "d  a.csv\n"
    assert digest_line("d", "a\nb\\c") == "\\d  a\\nb\\\\c\n"
