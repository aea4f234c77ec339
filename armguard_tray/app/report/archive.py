"""Saves a report as a zip file, whole or not at all, for its user's eyes only."""

import os
import zipfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from tempfile import mkstemp
from typing import IO

from armguard_tray.app.report.parts import Part
from armguard_tray.errors import UserError

_MODE = 0o600
_OLDEST = 1980
"""The first year that a zip file can hold."""


def suggested_name(now: datetime) -> str:
    """Return a name for a report that is made now."""
    return f"armguard-tray-report-{now:%Y%m%d-%H%M%S}.zip"


def save(path: Path, parts: Iterable[Part], now: datetime) -> None:
    """Put `parts` into a zip file at `path`, in place of what is there. It blocks.

    Raises:
        UserError: it cannot be written; what was there still is.

    """
    try:
        # mkstemp lets only the user read it, and so it stays.
        descriptor, name = mkstemp(dir=path.parent, prefix=".report-", suffix=".zip")
        temporary = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as opened:
                _write(opened, parts, now)
                opened.flush()
                os.fsync(opened.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UserError(
            f"The report cannot be saved as {path}: {error.strerror or error}.", "Choose another place."
        ) from error


def _write(file: IO[bytes], parts: Iterable[Part], now: datetime) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts:
            entry = zipfile.ZipInfo(name, (max(now.year, _OLDEST), *now.timetuple()[1:6]))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = _MODE << 16
            archive.writestr(entry, text.encode())
