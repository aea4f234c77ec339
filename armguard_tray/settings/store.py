"""The settings file: JSON with a version, replaced atomically, never holding a secret."""

import logging
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import mkstemp
from typing import TypeVar

import msgspec

from armguard_tray.errors import SettingsError
from armguard_tray.settings.model import LogSettings, NotificationSettings, Settings, problems

log = logging.getLogger(__name__)

VERSION = 1
LONGEST_PAUSE = timedelta(days=366)
S = TypeVar("S", NotificationSettings, LogSettings)


@dataclass(frozen=True, slots=True)
class _Document:
    version: int
    settings: Settings


class _Head(msgspec.Struct):
    version: int


class SettingsStore:
    """Reads and writes one settings file."""

    def __init__(self, file: Path) -> None:
        """Use `file`; it need not exist."""
        self.file = file

    def load(self) -> Settings:
        """Return the stored settings, or the defaults where there is no file.

        Raises:
            SettingsError: the file is unreadable, damaged, or of a newer version; it is left as it is.

        """
        try:
            content = self.file.read_bytes()
        except FileNotFoundError:
            return Settings()
        except OSError as error:
            raise SettingsError(f"The settings cannot be read: {error}.") from error
        try:
            if msgspec.json.decode(content, type=_Head).version > VERSION:
                raise SettingsError(
                    f"The settings in {self.file} were written by a newer version of ArmGuard Tray.",
                    "Update the program, or move the file away to start afresh.",
                )
            settings = msgspec.json.decode(content, type=_Document).settings
        except (msgspec.MsgspecError, RecursionError) as error:
            raise SettingsError(
                f"The settings in {self.file} are damaged: {error}.", "Move the file away to start afresh."
            ) from error
        return replace(
            settings,
            notifications=_usable(settings.notifications, datetime.now(UTC)),
            log=_with_defaults(settings.log, problems(settings.log)),
        )

    def save(self, settings: Settings) -> None:
        """Replace the file with `settings`, so that at every moment it is whole.

        Raises:
            SettingsError: the file cannot be written; the old one is still there.

        """
        content = msgspec.json.format(msgspec.json.encode(_Document(VERSION, settings)))
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            _replace(self.file, content)
        except OSError as error:
            raise SettingsError(f"The settings cannot be saved: {error}.") from error
        log.info("settings saved")


def _usable(notifications: NotificationSettings, now: datetime) -> NotificationSettings:
    """Put the default in place of impossible values, which only an edit of the file by hand can have made.

    What is wrong with the server stays as it is, for the user to see and mend.
    """
    wrong = list(problems(notifications))
    until = notifications.paused_until
    if until is not None and abs(until - now) > LONGEST_PAUSE:
        wrong.append("paused_until")
    return _with_defaults(notifications, wrong)


def _with_defaults(section: S, wrong: Iterable[str]) -> S:
    """Put the defaults in place of the fields that are `wrong`."""
    defaults = type(section)()
    instead = {name: getattr(defaults, name) for name in wrong}
    if instead:
        log.warning("impossible settings are dropped: %s", ", ".join(instead))
    return replace(section, **instead)


def _replace(file: Path, content: bytes) -> None:
    descriptor, name = mkstemp(dir=file.parent, prefix=".settings-")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        temporary.replace(file)
    except BaseException:
        temporary.unlink()
        raise
