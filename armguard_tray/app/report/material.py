"""Gathers what goes into a report."""

import os
import platform
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from importlib import metadata
from pathlib import Path

from armguard_tray import __version__
from armguard_tray.app.report.masking import Known
from armguard_tray.connection.phase import StreamFacts
from armguard_tray.diagnosis.ladder import Diagnosis
from armguard_tray.errors import JournalError
from armguard_tray.logs import BACKUPS
from armguard_tray.paths import Paths
from armguard_tray.settings.model import Settings
from armguard_tray.storage.names import Names, read_names

LOG_KEPT = 256 * 1024
"""Bytes of the log's end; about half a day of a troubled desk. Masking takes a second for twice as much."""
LIBRARIES = (
    *("PySide6-Essentials", "qasync", "websockets", "redis", "httpx", "msgspec", "keyring", "truststore"),
    *("platformdirs", "cryptography", "rich", "dbus-fast", "windows-toasts", "tzdata"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What a report is made of, not masked yet.

    Attributes:
        made_at: when, aware.
        diagnosis: what the last checkup found; None if there was none.
        streams: what the running connection knows of its streams; empty where there is none.
        settings: those in force.
        versions: name -> version of what runs.
        log: the end of the log; why there is none, if it must not be shown.
        known: what is to be masked.

    """

    made_at: datetime
    diagnosis: Diagnosis | None
    streams: tuple[StreamFacts, ...]
    settings: Settings
    versions: Mapping[str, str]
    log: str
    known: Known = field(repr=False)


def gather(  # noqa: PLR0913 - what there is to tell of
    *,
    paths: Paths,
    settings: Settings,
    diagnosis: Diagnosis | None,
    streams: tuple[StreamFacts, ...] = (),
    secrets: Iterable[str | None] = (),
    now: datetime,
) -> Material:
    """Return all that goes into a report. It reads files and blocks: run it in a thread where that matters.

    Args:
        paths: where log and journal are.
        settings: those in force.
        diagnosis: what the last checkup found.
        streams: what the running connection knows of its streams.
        secrets: passwords and cookies that this program holds, to be struck out.
        now: the time, aware.

    """
    try:
        names = read_names(paths.journal_file)
        log = recent_log(paths.log_file)
    except JournalError as error:
        # Without the journal nobody knows which words of the log are names.
        names = Names()
        log = f"The log is left out, since names in it could not be masked. {error.message}"
    users = names.users | {name for name in [settings.server.username] if name}
    return Material(
        made_at=now,
        diagnosis=diagnosis,
        streams=streams,
        settings=settings,
        versions=versions(),
        log=log,
        known=Known(
            names=replace(names, users=users),
            secrets=tuple(secret for secret in secrets if secret),
            home=str(Path.home()),
        ),
    )


def recent_log(file: Path) -> str:
    """Return the end of the log: of the file, and of those it was before."""
    kept = b""
    for part in (file, *(file.with_name(f"{file.name}.{number}") for number in range(1, BACKUPS + 1))):
        if len(kept) >= LOG_KEPT:
            break
        try:
            with part.open("rb") as opened:
                size = opened.seek(0, os.SEEK_END)
                opened.seek(max(0, size - (LOG_KEPT - len(kept))))
                kept = opened.read() + kept
        except FileNotFoundError:
            break
        except OSError as error:
            return f"The log cannot be read: {error.strerror}."
    whole = kept if len(kept) < LOG_KEPT else kept[kept.find(b"\n") + 1 :]
    return whole.decode("utf-8", "replace") or "There is no log."


def versions() -> dict[str, str]:
    """Return what runs here: the program, Python, the system, libraries, and Qt where it is loaded."""
    found = {
        "ArmGuard Tray": __version__,
        "Python": platform.python_version(),
        "System": platform.platform(),
        "Machine": platform.machine(),
        "Frozen": "yes" if getattr(sys, "frozen", False) else "no",
    }
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue  # of another platform, or frozen without its description
    # Not imported for this: a check in a terminal has no use for Qt.
    core = sys.modules.get("PySide6.QtCore")
    if core is not None:
        found["Qt, loaded"] = core.qVersion()
    return found
