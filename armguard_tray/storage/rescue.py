"""The last resort for what the journal would not take: a plain file, wherever there is room for one."""

import logging
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from armguard_tray.messages.event import Received, raw_text

log = logging.getLogger(__name__)


def rescue(frames: Sequence[Received], server: str, folder: Path) -> Path | None:
    """Write `frames` of the server at URL `server` into a new file, for this user alone, as lines of JSON.

    Returns:
        the file, in `folder` or else in the system's folder for temporary files; None if neither takes it.

    """
    content = b"".join(_line(each, server) for each in frames)
    for place in (folder, None):
        try:
            file = _write(content, place)
        except OSError as error:
            log.warning("messages cannot be kept in %s: %s", place or "the temporary folder", error)
        else:
            log.warning("%d messages that could not be stored are in %s", len(frames), file)
            return file
    return None


def _line(received: Received, server: str) -> bytes:
    frame = {
        "server": server,
        "stream": received.stream.value,
        "received": received.at,
        "data": raw_text(received.data),
    }
    return msgspec.json.encode(frame) + b"\n"


def _write(content: bytes, folder: Path | None) -> Path:
    descriptor, name = tempfile.mkstemp(dir=folder, prefix="armguard-unstored-", suffix=".jsonl")
    file = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
    except BaseException:
        file.unlink()
        raise
    return file
