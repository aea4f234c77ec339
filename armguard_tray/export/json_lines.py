"""JSON Lines, for programs: UTF-8, one object a line (https://jsonlines.org).

The first line is `{"statement": …}`, the last `{"end": …}` with the number of rows and their digest; between
them each row is a line. Without its last line a file is not whole. The digest is that of the lines between:
`sed '1d;$d' FILE | sha256sum`.
"""

from dataclasses import asdict
from datetime import tzinfo

import msgspec

from armguard_tray.export.contents import Rows
from armguard_tray.export.local_times import iso
from armguard_tray.export.statement import TITLE, Statement
from armguard_tray.export.target import Target

_TIMES = ("since", "until", "first", "last", "made")


class JsonLinesWriter:
    """Writes JSON Lines.

    Attributes:
        rounds: as `contents.Writer`.

    """

    rounds = 1

    def write(self, statement: Statement, rows: Rows, zone: tzinfo, target: Target) -> None:
        """Write statement, rows and end."""
        target.stream.write(_line({"statement": _plain(statement, zone)}))
        for piece in rows:
            target.stream.write(piece.canonical)
        target.stream.write(_line({"end": {"rows": statement.rows, "sha256": rows.digest}}))


def _plain(statement: Statement, zone: tzinfo) -> dict[str, object]:
    said: dict[str, object] = {"title": TITLE, **asdict(statement), "totals": dict(statement.totals)}
    for name in _TIMES:
        time = getattr(statement, name)
        said[name] = None if time is None else iso(time, zone)
    return said


def _line(value: dict[str, object]) -> bytes:
    return msgspec.json.encode(value) + b"\n"
