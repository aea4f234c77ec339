"""Files that are not whole yet, and those that never will be, since whoever wrote them has died.

Until a file is whole it lies beside its place as `.NAME.HOST.SOMETHING.part`, and whoever writes it holds it
for as long as they live: by a lock on POSIX, which the system lifts when the process ends; on Windows a file
that is open cannot be deleted anyway. What nobody holds any more can go. In a folder that several computers
share a lock of another one may not be seen, so what bears another host's name is left alone.
"""

import logging
import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from armguard_tray.owner import host

log = logging.getLogger(__name__)

_SUFFIX: Final = ".part"
_LONGEST: Final = 40
_BESIDE: Final = ("-journal", "-wal", "-shm")
"""What SQLite may put beside a database."""


class Unfinished:
    """A file that is being written. It lets OSError pass.

    Attributes:
        path: where it is.
        descriptor: of the file, open to be read and written.

    """

    def __init__(self, final: Path) -> None:
        """Make an empty one for what is to be `final`; nobody but this user may read it."""
        while True:
            prefix = f".{final.name[:_LONGEST]}.{host()}."
            self.descriptor, name = tempfile.mkstemp(prefix=prefix, suffix=_SUFFIX, dir=final.parent)
            self.path = Path(name)
            if _is_ours(self.descriptor) and self.path.exists():
                break
            self._close()  # before it was held, somebody tidied it away, or is about to

    def into(self, place: Path) -> None:
        """Give it its place, whatever was there before."""
        if sys.platform == "win32":
            self._close()  # what is open has no other name there
        self.path.replace(place)
        self._close()

    def discard(self) -> None:
        """Remove it, if it still is there, and what SQLite has put beside it."""
        self._close()
        _remove(self.path)

    def _close(self) -> None:
        number, self.descriptor = self.descriptor, -1
        if number >= 0:
            os.close(number)


def clear(folder: Path) -> list[Path]:
    """Remove what was left unfinished in a folder on this computer, and return it; the log names it, too."""
    removed = []
    with suppress(OSError):  # a folder that cannot be looked into
        for path in folder.glob(f".*.{host()}.*{_SUFFIX}"):
            # The pattern also fits what another host writes, where the file's own name has this one in it.
            is_of_here = path.name.split(".")[-3] == host()
            if is_of_here and path.is_file() and not path.is_symlink() and _remove_unless_held(path):
                removed.append(path)
                log.warning("removed %s: whoever wrote it has ended before it was whole", path)
    return removed


def _is_ours(descriptor: int) -> bool:
    """Hold a new file, if its folder knows locks; tell whether nobody else has taken hold of it before."""
    try:
        _hold(descriptor)
    except BlockingIOError:
        return False
    except OSError:
        return True  # no locks there: it is told by its host's name alone
    return True


def _remove_unless_held(path: Path) -> bool:
    try:
        number = os.open(path, os.O_RDWR)
    except OSError:
        return False
    try:
        _hold(number)
        if sys.platform == "win32":
            os.close(number)
            number = -1
        _remove(path)
    except OSError:
        return False  # it is held, or there is no telling
    finally:
        if number >= 0:
            os.close(number)
    return True


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    for end in _BESIDE:
        path.with_name(f"{path.name}{end}").unlink(missing_ok=True)


if sys.platform == "win32":

    def _hold(descriptor: int) -> None:
        """Do nothing: it is held by being open."""

else:
    import fcntl

    def _hold(descriptor: int) -> None:
        """Hold a file; raise OSError where somebody else does, or where it is not known."""
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
