"""The report that `check --report FILE` saves."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from armguard_tray.app.report.archive import save
from armguard_tray.app.report.material import gather
from armguard_tray.app.report.parts import preview
from armguard_tray.clock import Clock
from armguard_tray.diagnosis.ladder import Diagnosis
from armguard_tray.paths import Paths
from armguard_tray.settings.model import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportTo:
    """Where a report is to be saved, and what it tells of besides the checkup.

    Attributes:
        file: the zip file.
        paths: where the tray's log and journal are.
        settings: those that were checked with.

    """

    file: Path
    paths: Paths
    settings: Settings


def save_report(to: ReportTo, diagnosis: Diagnosis, secrets: Iterable[str | None], clock: Clock) -> None:
    """Save the report, and name on standard error what is in it.

    Raises:
        UserError: it cannot be saved.

    """
    now = clock.now()
    parts = preview(
        gather(paths=to.paths, settings=to.settings, diagnosis=diagnosis, secrets=secrets, now=now)
    )
    save(to.file, parts, now)
    names = ", ".join(name for name, _ in parts)
    print(  # noqa: T201 - to the person
        f"The report is saved as {to.file}: {names}. Names are masked; read it before you pass it on.",
        file=sys.stderr,
    )
