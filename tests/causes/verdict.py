"""Whether what was told of a scene is right, and the table of it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass

from armguard_tray.diagnosis.ladder import Status
from tests.causes.command import Told
from tests.causes.not_made import NOT_MADE, STAND_INS
from tests.causes.scene import Cause

ALL_WELL = Status.OK.value
PROPERTY = "told of a cause"


def faults(cause: Cause, told: Told) -> list[str]:
    """Return what is wrong with what was told; nothing where the cause was told as it is."""
    return list(_faults(cause, told))


def _faults(cause: Cause, told: Told) -> Iterator[str]:
    if told.verdict == ALL_WELL:
        yield f"called well: {told.headline}"
    right = [code for code in told.codes if code in cause.codes]
    if not right:
        yield f"told {', '.join(told.codes) or 'no cause'}"
    elif cause.status is Status.FAILED and told.codes[0] not in cause.codes:
        yield f"told {told.codes[0]} first"
    if told.exit_code != cause.exit_code:
        yield f"exit code {told.exit_code} and not {cause.exit_code:d}"
    status = told.rung(cause.rung).get("status", "missing")
    if status != cause.status:
        yield f"rung {cause.rung} is {status} and not {cause.status}"


@dataclass(frozen=True, slots=True)
class Row:
    """One scene, or one run of healthy checks."""

    what: str
    scene: str
    seconds: float | None
    told: str


class Table:
    """Cause, seconds, told right or wrong: what a reader of the test run wants to see.

    Its rows travel with the reports of the tests, so that it is whole where several processes run them.
    """

    def __init__(self, properties: list[tuple[str, object]]) -> None:
        """Add to the properties of a test's report."""
        self._properties = properties

    def add(self, row: Row) -> None:
        """Add a row."""
        self._properties.append((PROPERTY, list(astuple(row))))

    def note(self, cause: Cause, told: Told | None, wrong: Sequence[str]) -> None:
        """Keep what was told of a scene; None: the check never answered."""
        verdict = f"WRONG: {'; '.join(wrong)}" if wrong else "right"
        self.add(Row(cause.code.value, cause.name, told.seconds if told else None, verdict))

    def skip(self, cause: Cause, reason: str) -> None:
        """Keep why a scene cannot be made on this machine."""
        self.add(Row(cause.code.value, cause.name, None, f"not told: {reason}"))


def lines(rows: Iterable[Row]) -> Iterator[str]:
    """Yield the table, and below it what cannot be made here."""
    yield f"{'cause':<28}{'scene':<48}{'seconds':>8}  told"
    for row in sorted(rows, key=lambda row: (row.what, row.scene)):
        seconds = "" if row.seconds is None else f"{row.seconds:.1f}"
        yield f"{row.what:<28}{row.scene:<48}{seconds:>8}  {row.told}"
    for code, reason in NOT_MADE.items():
        yield f"{code:<28}{'(not made here)':<48}{'':>8}  {reason}"
    for what, reason in STAND_INS.items():
        yield f"{what:<28}{'(not the real one)':<48}{'':>8}  {reason}"
