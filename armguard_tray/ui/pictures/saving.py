"""Writes a picture's file: whole, or not at all."""

import os
import tempfile
from pathlib import Path

from armguard_tray.errors import UserError


def write_whole(path: Path, content: bytes) -> None:
    """Put `content` into the file `path`, in the place of what was there.

    Raises:
        UserError: that cannot be done; what was there is untouched.

    """
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise _cannot(path, error) from error
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise _cannot(path, error) from error


def _cannot(path: Path, error: OSError) -> UserError:
    return UserError(f"{path} cannot be written: {error.strerror}.", "Choose another place.")
