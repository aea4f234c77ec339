"""Where files lie on this platform. Nothing is created here: whoever writes makes the folder."""

import sys
from dataclasses import dataclass
from pathlib import Path

import platformdirs

APP_NAME = "armguard-tray"


@dataclass(frozen=True, slots=True)
class Paths:
    """The folders and files of one user's program.

    Attributes:
        config: folder of the settings file.
        data: folder of the journal.
        logs: folder of the rotating logs.

    """

    config: Path
    data: Path
    logs: Path

    @property
    def settings_file(self) -> Path:
        """The settings, JSON, never a secret."""
        return self.config / "settings.json"

    @property
    def window_file(self) -> Path:
        """Sizes of windows and widths of columns; losing it costs nothing."""
        return self.config / "windows.ini"

    @property
    def journal_file(self) -> Path:
        """The SQLite journal of events."""
        return self.data / "journal.sqlite3"

    @property
    def log_file(self) -> Path:
        """The current log; older ones carry a number."""
        return self.logs / "armguard-tray.log"


def user_paths() -> Paths:
    """Return the platform's folders for the current user."""
    dirs = platformdirs.PlatformDirs(APP_NAME, appauthor=False)
    return Paths(config=dirs.user_config_path, data=dirs.user_data_path, logs=dirs.user_log_path)


def paths_below(folder: Path) -> Paths:
    """Return paths that keep everything inside `folder` (`--data-dir`)."""
    return Paths(config=folder, data=folder, logs=folder / "logs")


def resource(*parts: str) -> Path:
    """Return a file in `resources/`, in a checkout as well as in the frozen program.

    PyInstaller unpacks data files below `sys._MEIPASS`
    (https://pyinstaller.org/en/stable/runtime-information.html).
    """
    frozen_root = getattr(sys, "_MEIPASS", None)
    root = Path(frozen_root) if frozen_root else Path(__file__).resolve().parent.parent
    return root.joinpath("resources", *parts)
