"""Rows of an SQLite database read from its pages, without SQLite: of a file that it does not open any more.

Only the leaves of tables are read; what leads to them may all be lost. The format is public
(https://www.sqlite.org/fileformat2.html) and the same for ever.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

Value = int | float | str | bytes | None
Values = tuple[Value, ...]
Wanted = Callable[[int, int], bool]
"""Tells by its number and the number of its columns whether a row is worth reading."""

PAGE_SIZE = 4096
"""Bytes of a page where the file no longer says so: what SQLite has made since 2016."""
MAX_PAYLOAD = 64 << 20
"""Bytes of a row; one that claims to be longer is none."""

_MAGIC = b"SQLite format 3\0"
_WAL_MAGIC = frozenset({0x377F0682, 0x377F0683})
_WAL_HEADER = 32
_FRAME_HEADER = 24
_FILE_HEADER = 100
_LEAF_HEADER = 8
_TABLE_LEAF = 0x0D
# What a serial type's value takes in bytes (https://www.sqlite.org/fileformat2.html#record_format).
_INTEGER_SIZES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
_NULL, _ZERO, _ONE, _FIRST_BLOB = 0, 8, 9, 12


class _NoRowError(Exception):
    """What stands there is no row."""


class RawPages:
    """The pages of a database and of the write-ahead log beside it."""

    def __init__(self, file: Path) -> None:
        """Open `file` to read it; raises OSError."""
        self._size = PAGE_SIZE
        self._files: list[BinaryIO] = []
        # Where the newest copy of a page is, if that is not its place in the database.
        self._in_log: dict[int, int] = {}
        self._database = self._open(file)
        self._log = self._open(file.with_name(f"{file.name}-wal"))
        self._size = self._page_size()
        self._in_log = self._committed()
        # The last page may be cut off; of what is left of it, rows can be read.
        self._count = -(-_length(self._database) // self._size)

    def _open(self, file: Path) -> BinaryIO | None:
        try:
            opened = file.open("rb")
        except FileNotFoundError:
            return None
        self._files.append(opened)
        return opened

    def __enter__(self) -> Self:
        """Read within a block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the files."""
        for each in self._files:
            each.close()

    def rows(self, wanted: Wanted) -> Iterator[tuple[int, Values]]:
        """Yield number and values of each row that is `wanted`, of whatever table; never raises.

        A table's own number for its rows stands as None among the values. In text that is no UTF-8 each wrong
        byte is a lone surrogate.
        """
        for number in sorted({*range(1, self._count + 1), *self._in_log}):
            page = self._page(number)
            start = _FILE_HEADER if number == 1 else 0
            if len(page) == self._size and page[start] == _TABLE_LEAF:
                yield from self._rows_of(page, start, wanted)

    def _rows_of(self, page: bytes, start: int, wanted: Wanted) -> Iterator[tuple[int, Values]]:
        count = int.from_bytes(page[start + 3 : start + 5], "big")
        for index in range(count):
            at = start + _LEAF_HEADER + 2 * index
            cell = int.from_bytes(page[at : at + 2], "big")
            try:
                row = self._row(page, cell, wanted)
            except (_NoRowError, IndexError):
                continue
            if row is not None:
                yield row

    def _row(self, page: bytes, cell: int, wanted: Wanted) -> tuple[int, Values] | None:
        length, at = _varint(page, cell)
        number, at = _varint(page, at)
        if not 0 < length <= MAX_PAYLOAD:
            raise _NoRowError
        number -= (number >> 63) << 64
        local = self._local_part(length)
        content = page[at : at + local]
        types = _types(content)
        if not wanted(number, len(types)):
            return None
        if local < length:
            content += self._overflow(page[at + local : at + local + 4], length - local)
        if len(content) != length:
            raise _NoRowError
        return number, tuple(_values(content, types))

    def _local_part(self, length: int) -> int:
        """Return how many bytes of a row stand on its leaf."""
        most = self._size - 35
        if length <= most:
            return length
        least = (self._size - 12) * 32 // 255 - 23
        fitting = least + (length - least) % (self._size - 4)
        return fitting if fitting <= most else least

    def _overflow(self, first: bytes, length: int) -> bytes:
        parts: list[bytes] = []
        following = int.from_bytes(first, "big")
        while length > 0:
            page = self._page(following)
            if len(page) < self._size:
                raise _NoRowError
            part = page[4 : 4 + length]
            parts.append(part)
            length -= len(part)
            following = int.from_bytes(page[:4], "big")
        return b"".join(parts)

    def _page(self, number: int) -> bytes:
        place = self._in_log.get(number)
        if place is not None:
            return _read(self._log, place, self._size)
        if number < 1:
            return b""
        page = _read(self._database, (number - 1) * self._size, self._size)
        return page.ljust(self._size, b"\0") if page else b""

    def _page_size(self) -> int:
        header = _read(self._database, 0, _FILE_HEADER)
        if header.startswith(_MAGIC):
            said = int.from_bytes(header[16:18], "big")
            size = 65536 if said == 1 else said
            if _is_page_size(size):
                return size
        size = int.from_bytes(_read(self._log, 8, 4), "big")
        return size if _is_page_size(size) else PAGE_SIZE

    def _committed(self) -> dict[int, int]:
        """Return where in the log the newest committed copy of each page is."""
        header = _read(self._log, 0, _WAL_HEADER)
        if int.from_bytes(header[:4], "big") not in _WAL_MAGIC:
            return {}
        salts = header[16:24]
        places: dict[int, int] = {}
        uncommitted: dict[int, int] = {}
        step = _FRAME_HEADER + self._size
        for at in range(_WAL_HEADER, _length(self._log) - step + 1, step):
            frame = _read(self._log, at, _FRAME_HEADER)
            if frame[8:16] != salts:
                continue  # from before the log was begun again, or damaged
            uncommitted[int.from_bytes(frame[:4], "big")] = at + _FRAME_HEADER
            if any(frame[4:8]):
                places |= uncommitted
                uncommitted = {}
        return places


def _is_page_size(size: int) -> bool:
    return 512 <= size <= 65536 and size & (size - 1) == 0  # noqa: PLR2004 - the format's own bounds


def _length(file: BinaryIO | None) -> int:
    return 0 if file is None else file.seek(0, 2)


def _read(file: BinaryIO | None, place: int, length: int) -> bytes:
    if file is None:
        return b""
    try:
        file.seek(place)
        return file.read(length)
    except OSError:
        return b""  # a bad sector; the pages around it may be readable


def _varint(content: bytes, at: int) -> tuple[int, int]:
    """Return the number that stands there, and where it ends: seven bits a byte, eight in the ninth."""
    value = 0
    for byte in content[at : at + 8]:
        at += 1
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            return value, at
    return value << 8 | content[at], at + 1


def _types(content: bytes) -> list[int]:
    """Return what kinds of values a row has, by the header before them."""
    end, at = _varint(content, 0)
    if end > len(content):
        raise _NoRowError
    types: list[int] = []
    while at < end:
        kind = content[at]
        if kind & 0x80:
            kind, at = _varint(content, at)
        else:
            at += 1  # most are as short as that, and there are thirty in an event
        types.append(kind)
    return types


def _values(content: bytes, types: list[int]) -> Iterator[Value]:
    at, _ = _varint(content, 0)
    for kind in types:
        end = at + ((kind - _FIRST_BLOB) // 2 if kind >= _FIRST_BLOB else _INTEGER_SIZES.get(kind, 0))
        if end > len(content):
            raise _NoRowError
        yield _value(kind, content[at:end])
        at = end


def _value(kind: int, part: bytes) -> Value:
    if kind >= _FIRST_BLOB:
        return part.decode(errors="surrogateescape") if kind % 2 else part
    if kind in _INTEGER_SIZES:
        return int.from_bytes(part, "big", signed=True)
    if kind in {_ZERO, _ONE}:
        return kind - _ZERO
    if kind == _NULL:
        return None
    raise _NoRowError  # the journal has no floating-point numbers; others are none of the format's
