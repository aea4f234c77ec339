"""Every failure has words that a person can act on."""

import pytest

from armguard_tray.connection import close_codes
from armguard_tray.connection.explain import explain, outcome
from armguard_tray.connection.failures import Closure, Failure, FailureKind
from armguard_tray.connection.phase import Need

NO_WORDS_OF_ITS_OWN = {FailureKind.STATUS, FailureKind.OTHER}


@pytest.mark.parametrize("kind", [kind for kind in FailureKind if kind not in NO_WORDS_OF_ITS_OWN])
def test_every_kind_of_failure_is_explained(kind: FailureKind) -> None:
    trouble = explain(Failure(kind))
    assert trouble.summary != "connection failed"
    assert trouble.remedy.endswith((".", "?"))


def test_what_is_not_understood_is_still_called_a_failure() -> None:
    assert explain(Failure(FailureKind.OTHER, detail="SomeError: x")).summary == "connection failed"


@pytest.mark.parametrize("status", [403, 404, 429, 500, 502, 503, 504])
def test_usual_statuses_are_explained(status: int) -> None:
    trouble = explain(Failure(FailureKind.STATUS, status))
    assert not trouble.summary.startswith("unexpected")
    assert trouble.remedy


def test_any_status_has_words() -> None:
    for status in range(100, 600):
        assert str(status) in explain(Failure(FailureKind.STATUS, status)).summary or status == 404


@pytest.mark.parametrize(
    ("kind", "need"),
    [
        (FailureKind.NO_PASSWORD, Need.LOGIN),
        (FailureKind.WRONG_PASSWORD, Need.LOGIN),
        (FailureKind.LOCKED_OUT, Need.LOGIN),
        (FailureKind.GIVEN_UP, Need.LOGIN),
        (FailureKind.NO_CONSENT, Need.CONSENT),
        (FailureKind.CERTIFICATE, Need.CERTIFICATE),
        (FailureKind.TLS, Need.CERTIFICATE),
        (FailureKind.HOST_NOT_ALLOWED, Need.ADDRESS),
        (FailureKind.HTTPS_EXPECTED, Need.ADDRESS),
        (FailureKind.CLIENT_CERTIFICATE, Need.ADDRESS),
        (FailureKind.NOT_ARMGUARD, Need.ADDRESS),
        (FailureKind.ORIGIN, Need.ADDRESS),
        (FailureKind.CSRF, Need.ADDRESS),
        # What waiting may mend needs nobody.
        (FailureKind.NAME, None),
        (FailureKind.REFUSED, None),
        (FailureKind.TIMED_OUT, None),
        (FailureKind.UNREACHABLE, None),
        (FailureKind.NO_ANSWER, None),
        (FailureKind.RATE_LIMITED, None),
        (FailureKind.UNANSWERED, None),
        (FailureKind.SESSION_LOST, None),
        (FailureKind.UNPROVEN, None),
        (FailureKind.SILENT, None),
        (FailureKind.OTHER, None),
    ],
)
def test_what_only_the_user_can_do(kind: FailureKind, need: Need | None) -> None:
    assert explain(Failure(kind)).need is need


def test_a_missing_stream_is_a_matter_of_the_address() -> None:
    assert explain(Failure(FailureKind.STATUS, 404)).need is Need.ADDRESS


@pytest.mark.parametrize("code", [*close_codes.MEANINGS, 3000, 4999])
def test_every_close_code_has_words_and_needs_nobody(code: int) -> None:
    trouble = explain(Closure(code))
    assert trouble.summary
    assert not any(character.isdigit() for character in trouble.summary), "a code is for the page Connection"
    assert trouble.remedy.endswith((".", "?"))
    assert trouble.need is None


@pytest.mark.parametrize("kind", FailureKind)
def test_no_remedy_sends_people_where_they_may_already_be(kind: FailureKind) -> None:
    # The same words stand in the settings, beside their fields, and in a terminal, where there are none.
    assert "in the settings" not in explain(Failure(kind)).remedy
    assert "Reconnect" not in explain(Failure(kind)).remedy


def test_the_servers_own_words_are_not_repeated() -> None:
    assert "<b>" not in explain(Closure(4999, "<b>evil</b>")).summary
    assert "<b>" not in outcome(Closure(4999, "<b>evil</b>"))


def test_how_a_connection_ended() -> None:
    assert outcome(Closure(1011)) == "1011 server error"
    assert outcome(Closure(4999)) == "4999 unknown code"
    assert outcome(Failure(FailureKind.STATUS, 502)) == "HTTP 502: the proxy cannot reach ArmGuard (502)"
    assert outcome(Failure(FailureKind.WRONG_PASSWORD, 200)) == "user name or password refused"
    assert outcome(Failure(FailureKind.UNANSWERED, 500)) == "HTTP 500: login got no clear answer"
    assert outcome(Failure(FailureKind.UNANSWERED)) == "login got no clear answer"
    assert outcome(Failure(FailureKind.REFUSED)) == "server refused the connection"


def test_what_the_servers_app_says_to_its_admins_is_told() -> None:
    refused = Closure(4030, said="Four sockets, three are allowed")

    assert explain(refused).summary == ("too many connections of this user: Four sockets, three are allowed")
    assert outcome(refused) == "4030 too many connections of this user: Four sockets, three are allowed"
