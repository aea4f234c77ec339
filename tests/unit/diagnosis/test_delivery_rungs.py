"""What the rung says of how complete the log is, and whether all was announced."""

import pytest

from armguard_tray.catchup.audit_found import AuditFound
from armguard_tray.diagnosis.diagnose import diagnose
from armguard_tray.diagnosis.ladder import Rung, Status
from tests.unit.catchup.pages import MANILA
from tests.unit.diagnosis.examples import NOW, audit, running


def complete(audit: AuditFound) -> Rung:
    """Return the rung, with the times of a reader in Manila."""
    return next(each for each in diagnose(running(audit=audit), MANILA).rungs if each.id == "complete")


@pytest.mark.parametrize(
    ("found", "status", "evidence"),
    [
        (
            audit(compared=37),
            Status.OK,
            "complete to #48211 · all 37 since 10:26 were announced · audited 11:26",
        ),
        (
            audit(gaps=1),
            Status.OK,
            "complete to #48211 · 1 gap in the log today · all 3 since 10:26 were announced · audited 11:26",
        ),
        (
            audit(complete_to=None),
            Status.OK,
            "all 3 since 10:26 were announced · audited 11:26",
        ),
        (
            audit(compared=0, gaps=2, complete_to=None),
            Status.UNKNOWN,
            (
                "no transaction since 10:26 shows whether they are announced"
                " · 2 gaps in the log today · audited 11:26"
            ),
        ),
        (
            audit(compared=0, since=None),
            Status.UNKNOWN,
            "nothing to compare yet · complete to #48211 · audited 11:26",
        ),
        (
            audit(compared=0, since=None, failure="#7 not announced yet: made just now"),
            Status.UNKNOWN,
            "#7 not announced yet: made just now · complete to #48211 · audited 11:26",
        ),
        (
            AuditFound(at=NOW, ms=40.0, failure="the history page did not come in time"),
            Status.UNKNOWN,
            "the history page did not come in time · audited 11:26",
        ),
        (
            audit(48210, compared=3),
            Status.WARNING,
            "1 of 3 not announced: #48210 · complete to #48211 · audited 11:26",
        ),
        (
            audit(unannounced_today=5, gaps=2),
            Status.WARNING,
            "5 of today not announced · complete to #48211 · 2 gaps in the log today · audited 11:26",
        ),
        (
            audit(48210, 48211, compared=2, warning="it was set back"),
            Status.FAILED,
            "2 of 2 not announced: #48210, #48211 · it was set back · complete to #48211 · audited 11:26",
        ),
        (
            audit(warning="the record was set back", failure="nor is this known"),
            Status.WARNING,
            "the record was set back · complete to #48211 · audited 11:26",
        ),
    ],
)
def test_it_says_how_complete_the_log_is_and_what_was_announced(
    found: AuditFound, status: Status, evidence: str
) -> None:
    rung = complete(found)
    assert (rung.status, rung.evidence) == (status, evidence)


def test_a_record_that_is_not_what_it_was_is_said_with_what_to_do() -> None:
    found = diagnose(running(audit=audit(warning="the record was set back")))
    assert found.headline == (
        "It works, with a warning: The server's record is not what it was: the record was set back."
    )
