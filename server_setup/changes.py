"""Changes to files: shown as a diff, made with a backup, and taken back if something goes wrong."""

import difflib
import json
import os
import re
import secrets
import shutil
import stat
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from setup_websockets import SetupError

BACKUPS: Final = ".armguard-live-backup"
MANIFEST: Final = "manifest.json"
_SECRET_LINE: Final = re.compile(r"^([+-]\s*(?:export\s+)?[\w.]+\s*=).*", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Change:
    """One file's change.

    Attributes:
        path: the file.
        before, after: its content; None where it does not exist.
        secret: whether it holds secrets: nobody else may read it, and a diff shows no values.

    """

    path: Path
    before: bytes | None
    after: bytes | None
    secret: bool = False


def diff(change: Change, root: Path) -> str:
    """Return the change as a unified diff, without the values of a secret file."""
    name = shown(change.path, root)
    old, new = (_lines(content) for content in (change.before, change.after))
    lines = difflib.unified_diff(
        old,
        new,
        "/dev/null" if change.before is None else f"{name} (now)",
        "/dev/null" if change.after is None else f"{name} (then)",
        n=0 if change.secret else 3,
    )
    text = "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )
    return _SECRET_LINE.sub(r"\1********", text) if change.secret else text


def shown(path: Path, root: Path) -> str:
    """Return a path as a person in the project's folder would write it."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def refusal(change: Change) -> str | None:
    """Say why the file cannot be changed; None if it can."""
    folder = next(parent for parent in change.path.parents if parent.exists())
    if change.before is not None and not os.access(change.path, os.W_OK):
        return f"{change.path} cannot be written by this user."
    if not os.access(folder, os.W_OK):
        return f"Nothing can be written into {folder} by this user."
    return None


class NotPutBackError(SetupError):
    """A file could not be put back after a failure."""


class Applied:
    """Changes that were made; `keep` them, or they are taken back when the block ends with an error."""

    def __init__(self, backup: Path) -> None:
        self.backup = backup
        self._kept = False

    @property
    def kept(self) -> bool:
        """Whether they stay, whatever happens now."""
        return self._kept

    def keep(self) -> None:
        """Let them stay."""
        self._kept = True


@contextmanager
def applied(changes: Sequence[Change], root: Path, at: datetime) -> Iterator[Applied]:
    """Back up the originals, then make the changes, in order. Raises SetupError.

    Leaves all files as they were if the block (or the making) ends with an error, Ctrl+C included.
    """
    applied = Applied(back_up(changes, root, at))
    made: list[Change] = []
    try:
        for change in changes:
            made.append(change)
            _make(change)
        yield applied
    except BaseException:
        if not applied.kept:
            _take_back(made, applied.backup)
            _forget(applied.backup)
        raise


def back_up(changes: Sequence[Change], root: Path, at: datetime) -> Path:
    """Copy the originals into a new folder of the project that nobody else can read, and return it."""
    backups = root / BACKUPS
    backups.mkdir(mode=0o700, exist_ok=True)
    # Originals hold secrets: they must not slip into a repository.
    ignore = backups / ".gitignore"
    ignore.write_text("*\n", encoding="utf-8")
    name = f"{at:%Y%m%d-%H%M%S}"
    taken = {folder.name for folder in backups.iterdir()}
    if name in taken:
        name = next(f"{name}-{n}" for n in range(2, len(taken) + 3) if f"{name}-{n}" not in taken)
    folder = backups / name
    folder.mkdir(mode=0o700)
    copies: dict[str, str | None] = {}
    for change in changes:
        copy = None
        if change.before is not None:
            inside = change.path.is_relative_to(root)
            copy = shown(change.path, root) if inside else f"outside/{change.path.name}"
            (folder / copy).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(change.path, folder / copy)
            # Not more readable than the original, even in a folder of the project's owner.
            give(folder / copy, change.path.stat())
        copies[shown(change.path, root)] = copy
    (folder / MANIFEST).write_text(json.dumps(copies, indent=1), encoding="utf-8")
    folders = [path for path in folder.rglob("*") if path.is_dir()]
    for path in (backups, ignore, folder, folder / MANIFEST, *folders):
        give(path, root.stat())
    return folder


def give(path: Path, facts: os.stat_result) -> None:
    """Let a file of root's belong to whom `facts` names; only root can do that."""
    if sys.platform != "win32" and os.geteuid() == 0:
        os.chown(path, facts.st_uid, facts.st_gid, follow_symlinks=False)


def originals(root: Path, marker: bytes) -> dict[Path, bytes | None]:
    """Return what files were before they held `marker`, from the newest backup of each without it."""
    found: dict[Path, bytes | None] = {}
    for folder in sorted((root / BACKUPS).glob("*/"), reverse=True):
        # A run that was ended while it made its backup, or one by root with a file of root's.
        with suppress(FileNotFoundError, PermissionError):
            for name, copy in json.loads((folder / MANIFEST).read_text(encoding="utf-8")).items():
                content = (folder / copy).read_bytes() if copy else None
                if content is None or marker not in content:
                    found.setdefault(root / name, content)
    return found


def _make(change: Change) -> None:
    now = change.path.read_bytes() if change.path.exists() else None
    if now != change.before:
        raise SetupError(f"{change.path} was changed by somebody else meanwhile. Run this again.")
    _write(change.path, change.after, secret=change.secret)


def _write(path: Path, content: bytes | None, *, secret: bool = False) -> None:
    """Write a file so that no reader ever sees half of it; its owner and mode stay."""
    if content is None:
        path.unlink(missing_ok=True)
        with suppress(OSError):  # not empty: somebody else's files are in there
            path.parent.rmdir()
        return
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    # Its name is known before it is there, so that whoever is ended in between leaves none behind.
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            _like(draft, path.stat())
        elif not secret:
            draft.chmod(0o644)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _like(draft: Path, facts: os.stat_result) -> None:
    draft.chmod(stat.S_IMODE(facts.st_mode))
    if hasattr(os, "chown"):
        own = draft.stat()
        if (own.st_uid, own.st_gid) != (facts.st_uid, facts.st_gid):
            os.chown(draft, facts.st_uid, facts.st_gid)


def _take_back(made: Sequence[Change], backup: Path) -> None:
    for change in reversed(made):
        try:
            now = change.path.read_bytes() if change.path.exists() else None
            if now == change.after != change.before:
                _write(change.path, change.before, secret=change.secret)
        except OSError as error:
            raise NotPutBackError(
                f"{change.path} could not be put back: {error}. Copy it back from {backup}."
            ) from error


def _forget(backup: Path) -> None:
    """Remove a backup of what is as it was again, and the folder of backups if it was the only one."""
    shutil.rmtree(backup)
    if [path.name for path in backup.parent.iterdir()] == [".gitignore"]:
        shutil.rmtree(backup.parent)


def _lines(content: bytes | None) -> list[str]:
    return (content or b"").decode(errors="replace").splitlines(keepends=True)
