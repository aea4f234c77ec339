"""Where an export is written to: a file, which is there whole or not at all, or a stream."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import file_digest, sha256
from pathlib import Path
from types import TracebackType
from typing import IO, Any, BinaryIO, Protocol, Self

from armguard_tray.errors import ExportError
from armguard_tray.unfinished import Unfinished, clear

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
_GONE = {errno.ENOENT, errno.ENOTDIR, errno.ESTALE}


class Target(Protocol):
    """Where an export goes.

    Attributes:
        name: what it is called in sentences for people.
        stream: where the bytes are written.
        left: what is there if it fails, in a sentence.

    """

    name: str
    left: str
    stream: BinaryIO

    def keep(self) -> str:
        """Bring all to its place, and return the SHA-256 digest of it, in hexadecimal digits."""
        ...


class FileTarget:
    """A file. It is written under another name beside its place, and gets its own only when it is whole.

    What had the name before is there until then, and stays if the export fails. Beside the file a second one
    is put, with its digest as `sha256sum --check` reads it.

    Attributes:
        name, stream, left: as `Target`.

    """

    left = "Nothing was left there."

    def __init__(self, path: Path) -> None:
        """Write to `path`, or where it leads to if it is a link.

        Raises:
            ExportError: it cannot be written to.

        """
        self.name = str(path)
        with saying(self.name):
            self._path = _resolved(path)
            _check(self._path)
            self._listed_at = self._path.with_name(f"{self._path.name}.sha256")
            _check(self._listed_at)
            clear(self._path.parent)
            self._part = Unfinished(self._path)
        self._file = os.fdopen(self._part.descriptor, "w+b", closefd=False)
        self.stream: BinaryIO = self._file

    def __enter__(self) -> Self:
        """Write within a block: without `keep` there is nothing left behind it."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of the file, and remove it unless it was kept."""
        with suppress(OSError):  # of what was not kept, nothing needs to reach the disk
            self._file.close()
        self._part.discard()

    def keep(self) -> str:
        """Bring the file to its place, with its digest beside it, and return the digest."""
        _to_disk(self._file)
        self._file.seek(0)
        digest = file_digest(self._file, "sha256").hexdigest()
        self._file.close()  # the descriptor stays open, and with it the file is held
        listed = _written(self._listed_at, digest_line(digest, self._path.name))
        try:
            self._part.into(self._path)
            listed.into(self._listed_at)
        finally:
            listed.discard()
        _folder_to_disk(self._path.parent)
        return digest


class StreamTarget:
    """A stream, such as standard output.

    Attributes:
        name, stream, left: as `Target`.

    """

    left = "What was written there is not whole."

    def __init__(self, stream: BinaryIO, name: str = "standard output") -> None:
        """Write to `stream`, which stays open."""
        self.name = name
        self._counted = _Digesting(stream)
        self.stream: BinaryIO = self._counted  # type: ignore[assignment]  # all that a writer of text lines needs

    def __enter__(self) -> Self:
        """Write within a block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the stream open."""

    def keep(self) -> str:
        """Let all go out, and return the digest of it."""
        self._counted.flush()
        return self._counted.digest


class _Digesting:
    """A stream of which the digest is made as it is written."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._sum = sha256()

    @property
    def digest(self) -> str:
        return self._sum.hexdigest()

    def write(self, content: bytes) -> int:
        self._sum.update(content)
        return self._stream.write(content)

    def flush(self) -> None:
        self._stream.flush()


def digest_line(digest: str, name: str) -> str:
    r"""Return the line that `sha256sum` writes of a file; `\` and ends of lines in its name are escaped."""
    escaped = name.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
    return f"{'' if escaped == name else chr(92)}{digest}  {escaped}\n"


@contextmanager
def saying(name: str, left: str = FileTarget.left) -> Iterator[None]:
    """Raise ExportError, in words, where what is called `name` cannot be written and `left` is true."""
    try:
        yield
    except OSError as error:
        raise _in_words(name, left, error) from error


def _in_words(name: str, left: str, error: OSError) -> ExportError:
    if error.errno in _FULL:
        return ExportError(
            f"There is not enough room for {name}.", f"{left} Free some space, or choose another disk."
        )
    if error.errno in _FORBIDDEN:
        return ExportError(
            f"{name} may not be written.",
            "Choose another place, check the permissions, or close the file where it is open.",
        )
    if error.errno in _GONE:
        return ExportError(
            f"The folder of {name} is not there.", "Choose another place, or connect the disk that it is on."
        )
    if error.errno == errno.EPIPE:
        return ExportError("Whoever read the output has stopped before its end.")
    return ExportError(f"{name} cannot be written: {error.strerror or error}.", left)


def _resolved(path: Path) -> Path:
    """Return where a path leads to."""
    # Not Path.resolve: until Python 3.13 it raises RuntimeError where links go in a circle.
    found = Path(os.path.realpath(path))
    if found.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    return found


def _check(path: Path) -> None:
    """Raise unless a file can be put in this place; what is there and is no file is not to be replaced."""
    with suppress(FileNotFoundError):
        path.lstat()  # the name may be too long
    if path.is_dir():
        raise ExportError(f"{path} is a folder.", "Give the name of a file in it.")
    if path.exists() and not path.is_file():
        raise ExportError(f"{path} is no file.", "Choose another name.")
    if path.exists() and not os.access(path, os.W_OK):
        # It could be replaced all the same, where its folder may be written; but somebody protected it.
        raise ExportError(f"{path} may not be written.", "Choose another name, or check its permissions.")


def _written(final: Path, text: str) -> Unfinished:
    """Return what is to be the file `final`, with `text` in it, on the disk."""
    file = Unfinished(final)
    try:
        with os.fdopen(file.descriptor, "wb", closefd=False) as stream:
            stream.write(text.encode("utf-8", "surrogateescape"))
            _to_disk(stream)
    except BaseException:
        file.discard()
        raise
    return file


def _to_disk(stream: IO[Any]) -> None:
    stream.flush()
    os.fsync(stream.fileno())


def _folder_to_disk(folder: Path) -> None:
    """Let the new names survive a power cut, where the system can do that."""
    with suppress(OSError):  # Windows opens no folders; there the names are in its journal
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
