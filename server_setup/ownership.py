"""Whose the files are that a run by root leaves in a project."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from server_setup.changes import BACKUPS


@contextmanager
def handed_over(root: Path) -> Iterator[None]:
    """Let what root writes into a project, its own commands included, belong to the owner of its folder.

    Otherwise the project's owner could not undo it, and the server not write its own log any more.
    What belonged to root before stays so, and backups are seen to where they are made.
    """
    before = {path for path, _name, _folder in _of_root(root)}
    try:
        yield
    finally:
        if sys.platform != "win32":
            for path, name, folder in _of_root(root):
                if path not in before:
                    owner = os.fstat(folder)
                    os.chown(name, owner.st_uid, owner.st_gid, dir_fd=folder, follow_symlinks=False)


def _of_root(root: Path) -> Iterator[tuple[str, str, int]]:
    """Yield, if this is root, what is root's: path, name, and the folder's descriptor; folders come first.

    By descriptors, as the folders' owner might exchange one for a link meanwhile.
    """
    if sys.platform == "win32":
        yield from ()  # there is no root
    elif os.geteuid() == 0:
        for here, folders, files, folder in os.fwalk(root):
            folders[:] = [name for name in folders if not _is_left_out(Path(here, name))]
            for name in (*folders, *files):
                with suppress(FileNotFoundError):  # gone meanwhile, as a database's journal
                    facts = os.stat(name, dir_fd=folder, follow_symlinks=False)
                    # A second name of a file may be a trap: whoever writes here may have linked root's own.
                    if facts.st_uid == 0 and (name in folders or facts.st_nlink == 1):
                        yield str(Path(here, name)), name, folder


def _is_left_out(folder: Path) -> bool:
    return folder.name in {BACKUPS, ".git"} or (folder / "pyvenv.cfg").exists()
