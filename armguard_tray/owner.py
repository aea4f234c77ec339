"""Whose a file is, told by its name: several desks may share a folder, and none may touch another's files."""

import platform
import re
from hashlib import sha256
from pathlib import Path
from typing import Final

_LONGEST: Final = 24
_NOT_PLAIN: Final = re.compile(r"[^a-z0-9]+")


def host() -> str:
    """Return this computer's name as file names bear it: lower-case letters, digits, and single hyphens."""
    plain = _NOT_PLAIN.sub("-", platform.node().lower()).strip("-")
    return plain[:_LONGEST].rstrip("-") or "desk"


def owner_of(file: Path) -> str:
    """Return what is told of a file in the names of its copies: the computer and, hashed, where it lies."""
    place = sha256(f"{host()}\n{file.resolve()}".encode("utf-8", "surrogateescape")).hexdigest()
    return f"{host()}-{place[:8]}"
