"""Whose a file is, told by its name: several desks may share a folder, and none may touch another's files."""

import platform
import re
from hashlib import sha256
from pathlib import Path
from typing import Final

_LONGEST: Final = 24
_MARK: Final = 6  # hexadecimal digits
_NOT_PLAIN: Final = re.compile(r"[^a-z0-9]+")


def host() -> str:
    """Return this computer's name as file names bear it: lower-case letters, digits, and single hyphens.

    Behind one that is not told whole stands a hash of all of it: long names often begin alike.
    """
    name = platform.node().lower()
    plain = _NOT_PLAIN.sub("-", name).strip("-")
    if plain and plain == name and len(plain) <= _LONGEST:
        return plain
    mark = sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:_MARK]
    begin = plain[: _LONGEST - len(mark) - 1].rstrip("-") or "desk"
    return f"{begin}-{mark}"


def owner_of(file: Path) -> str:
    """Return what is told of a file in the names of its copies: the computer and, hashed, where it lies."""
    place = sha256(f"{host()}\n{file.resolve()}".encode("utf-8", "surrogateescape")).hexdigest()
    return f"{host()}-{place[:8]}"
