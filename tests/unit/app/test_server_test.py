"""What *Test* says: green only where all was seen to hold, else the first rung that failed and its remedy."""

from dataclasses import replace

import pytest

from armguard_tray.app.server_test import NEXT, first_rungs, result_of
from armguard_tray.connection.failures import Failure, FailureKind
from armguard_tray.connection.phase import Need
from armguard_tray.diagnosis.diagnose import diagnose
from armguard_tray.diagnosis.facts import Facts, Keeping, LoginFound, SessionFound
from armguard_tray.diagnosis.ladder import RungId, Status
from armguard_tray.ui.settings_dialog.test_result import TESTED, TestResult
from tests.fakes.diagnoses import CA_UNKNOWN, HEALTHY, REFUSED
from tests.fakes.stream_health import NOW

GOOD = replace(HEALTHY, streams=())
NO_LOGIN = replace(GOOD, login=None, session=None)


def result(facts: Facts) -> TestResult:
    return result_of(diagnose(facts), "sgt.reyes")


def refused(kind: FailureKind) -> Facts:
    return replace(NO_LOGIN, login=LoginFound(at=NOW, ms=90, username="sgt.reyes", failure=Failure(kind)))


def statuses(found: TestResult) -> dict[str, Status]:
    return {rung.id: rung.status for rung in found.rungs}


def test_all_rungs_that_hold_are_good() -> None:
    found = result(GOOD)

    assert found.ok
    assert (found.message, found.remedy) == ("The server accepts sgt.reyes.", NEXT)
    assert tuple(statuses(found)) == TESTED
    assert set(statuses(found).values()) == {Status.OK}


def test_a_warning_is_said_with_the_good_news() -> None:
    found = result(replace(GOOD, tls=None, tls_expected=False))

    assert found.ok
    assert "not encrypted" in found.remedy
    assert statuses(found)[RungId.TLS] is Status.WARNING


@pytest.mark.parametrize(
    ("facts", "words", "need", "to_copy"),
    [
        (replace(REFUSED, streams=()), "refuses the connection", None, "ss -ltnp"),
        (replace(CA_UNKNOWN, streams=()), "a CA that this desk does not trust", Need.CERTIFICATE, "openssl"),
        (refused(FailureKind.WRONG_PASSWORD), "refused the user name or password", Need.LOGIN, ""),
        (refused(FailureKind.LOCKED_OUT), "is locked", Need.LOGIN, "axes_reset"),
        (refused(FailureKind.UNANSWERED), "", None, ""),
        (replace(NO_LOGIN, password=Keeping.MISSING), "no password", Need.LOGIN, ""),
        (Facts(now=NOW, plain_http_refused=True, tls_expected=False), "not encrypted", Need.CONSENT, ""),
    ],
)
def test_the_first_rung_that_failed_is_the_outcome(
    facts: Facts, words: str, need: Need | None, to_copy: str
) -> None:
    found = result(facts)

    assert not found.ok
    assert words in found.message
    assert found.remedy
    assert found.need is need
    assert to_copy in found.copy


def test_what_the_first_failed_rung_hides_is_unknown() -> None:
    assert statuses(result(replace(CA_UNKNOWN, streams=()))) == {
        RungId.NAME: Status.OK,
        RungId.TCP: Status.OK,
        RungId.TLS: Status.FAILED,
        RungId.HTTP: Status.UNKNOWN,
        RungId.LOGIN: Status.UNKNOWN,
        RungId.SESSION: Status.UNKNOWN,
    }


def test_a_session_that_nobody_has_seen_is_not_good() -> None:
    unseen = result(replace(GOOD, session=SessionFound(at=NOW, ms=9, alive=None)))

    assert not unseen.ok
    assert "is not known. Session:" in unseen.message


def test_before_the_first_look_nothing_is_known() -> None:
    assert {rung.status for rung in first_rungs(diagnose(Facts(now=NOW)))} == {Status.UNKNOWN}
