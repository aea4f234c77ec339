"""The life of one stream: first the straight way, then each row of the table of reconnects."""

import pytest

from armguard_tray.connection import lifecycle as life
from armguard_tray.connection.backoff import Delay
from armguard_tray.connection.failures import Failure, FailureKind
from armguard_tray.connection.phase import Need, Phase
from tests.unit.connection.conversation import (
    Conversation,
    connecting,
    fail_again,
    failed,
    live,
    lost,
    status,
)


def test_the_straight_way_to_live() -> None:
    stream = Conversation()

    stream.hears(life.Start())
    assert (stream.phase, stream.commands) == (Phase.LOGGING_IN, (life.LogIn(anew=False),))

    stream.hears(life.LoggedIn())
    assert (stream.phase, stream.commands) == (Phase.CONNECTING, (life.Connect(),))

    stream.hears(life.Opened())
    assert stream.phase is Phase.CONNECTING, "open is not live"
    assert stream.commands == (life.Wait(Delay(5, 5)), life.Ping(5))

    stream.hears(life.Proven())
    assert (stream.phase, stream.state.trouble) == (Phase.LIVE, None)
    assert stream.waits == (20 * 3600, 23 * 3600), "the socket is renewed within a day"


def test_the_welcome_need_not_wait_for_the_pong() -> None:
    stream = connecting().hears(life.Opened(), life.Proven(), life.Proven())
    assert (stream.phase, stream.commands) == (Phase.LIVE, ())


@pytest.mark.parametrize("silence", [life.TimerFired(), life.PingUnanswered()])
def test_a_socket_without_proof_is_dropped(silence: life.Event) -> None:
    stream = connecting().hears(life.Opened(), silence)
    assert stream.phase is Phase.BACKING_OFF
    assert stream.says == "connected, but the server stays silent"
    assert life.Disconnect() in stream.commands


# 401, close 4001, 403 with the session gone: log in again once.


@pytest.mark.parametrize("refusal", [status(401), status(302), lost(4001)])
def test_a_lost_session_is_renewed_at_once(refusal: life.Event) -> None:
    stream = connecting().hears(refusal)
    assert stream.phase is Phase.LOGGING_IN
    assert stream.commands == (life.Disconnect(), life.LogIn(anew=True))


def test_403_asks_over_http_before_it_judges() -> None:
    stream = connecting().hears(status(403))
    assert (stream.phase, stream.commands) == (Phase.CONNECTING, (life.CheckSession(),))


def test_403_with_the_session_gone_logs_in_again() -> None:
    stream = connecting().hears(status(403), life.SessionChecked(alive=False))
    assert (stream.phase, stream.commands) == (Phase.LOGGING_IN, (life.LogIn(anew=True),))


def test_the_login_is_renewed_once_and_then_it_waits() -> None:
    stream = connecting().hears(status(401), life.LoggedIn(), status(401))
    assert stream.phase is Phase.BACKING_OFF
    assert stream.says == "server forgets the login at once"
    assert stream.waits == (60, 120)


def test_after_the_slow_wait_the_login_is_renewed_once_more() -> None:
    stream = connecting().hears(status(401), life.LoggedIn(), status(401))
    fail_again(stream, status(401))
    assert stream.commands[-1] == life.LogIn(anew=True)


def test_a_server_that_accepts_and_then_sends_4001_is_not_logged_in_to_in_a_loop() -> None:
    stream = live().hears(lost(4001))
    assert stream.commands == (life.Disconnect(), life.LogIn(anew=True))

    stream.hears(life.LoggedIn(), life.Opened(), life.Proven(), lost(4001))
    assert (stream.phase, stream.waits) == (Phase.BACKING_OFF, (60, 120))


def test_an_hour_later_a_lost_session_is_renewed_at_once_again() -> None:
    stream = live().hears(lost(4001), life.LoggedIn(), life.Opened(), life.Proven())
    stream.after(3600).hears(lost(4001))
    assert stream.commands == (life.Disconnect(), life.LogIn(anew=True))


@pytest.mark.parametrize("kind", [FailureKind.WRONG_PASSWORD, FailureKind.LOCKED_OUT, FailureKind.GIVEN_UP])
def test_a_refused_password_stops_until_the_user_acts(kind: FailureKind) -> None:
    stream = Conversation().hears(life.Start(), failed(kind))
    assert (stream.phase, stream.commands) == (Phase.REFUSED, (life.Disconnect(),))
    assert stream.state.trouble is not None
    assert stream.state.trouble.need is Need.LOGIN

    for event in (life.TimerFired(), life.Woke(), life.LoggedIn(), life.Start()):
        assert stream.hears(event).commands == ()

    assert stream.hears(life.Retry()).commands == (life.LogIn(anew=False),)


# 403 with the session fine: Origin or host name; soon after a drop our own zombies.


def test_403_with_the_session_fine_stops_and_explains() -> None:
    stream = connecting().hears(status(403), life.SessionChecked(alive=True))
    assert stream.phase is Phase.REFUSED
    assert stream.says == "server refuses this address (Origin)"
    assert stream.waits == (300, 360), "looks again slowly"


def test_403_soon_after_a_drop_may_be_our_own_zombies() -> None:
    stream = live().after(600).hears(lost(1006))
    stream.after(20)
    fail_again(stream, status(403)).hears(life.SessionChecked(alive=True))
    assert stream.phase is Phase.BACKING_OFF
    assert stream.says == "server refuses the stream for now (403)"

    stream.after(41)
    fail_again(stream, status(403)).hears(life.SessionChecked(alive=True))
    assert (stream.phase, stream.says) == (Phase.REFUSED, "server refuses this address (Origin)")


def test_403_that_cannot_be_told_apart_is_tried_again() -> None:
    stream = connecting().hears(status(403), life.SessionChecked(alive=None))
    assert (stream.phase, stream.waits) == (Phase.BACKING_OFF, (0, 5))


# 404, certificate, TLS: stop, explain, look again slowly.


@pytest.mark.parametrize("refusal", [status(404), failed(FailureKind.CERTIFICATE), failed(FailureKind.TLS)])
def test_what_others_must_mend_is_looked_at_again_slowly(refusal: life.Event) -> None:
    stream = connecting().hears(refusal)
    assert (stream.phase, stream.waits) == (Phase.REFUSED, (300, 360))

    assert stream.hears(life.TimerFired()).commands == (life.LogIn(anew=False),)


def test_another_network_is_a_reason_to_look_at_the_certificate_again() -> None:
    stream = connecting().hears(failed(FailureKind.CERTIFICATE), life.Woke())
    assert stream.phase is Phase.LOGGING_IN


def test_without_consent_only_the_user_can_go_on() -> None:
    stream = Conversation().hears(life.Start(), failed(FailureKind.NO_CONSENT))
    assert (stream.phase, stream.commands) == (Phase.REFUSED, (life.Disconnect(),))
    assert stream.hears(life.Woke()).commands == ()


# 429, 503: honour Retry-After.


@pytest.mark.parametrize("code", [429, 503])
def test_retry_after_is_honoured(code: int) -> None:
    assert connecting().hears(status(code, retry_after=30.0)).waits == pytest.approx((30, 34))


def test_retry_after_is_bounded() -> None:
    assert connecting().hears(status(503, retry_after=1e300)).waits == pytest.approx((3600, 3961))


def test_a_server_that_asks_for_no_wait_is_not_hammered() -> None:
    stream = connecting().hears(status(503, retry_after=0.0))
    for _ in range(9):
        fail_again(stream, status(503, retry_after=0.0))
    assert stream.waits == (0, 60)


@pytest.mark.parametrize("kind", [FailureKind.UNANSWERED, FailureKind.RATE_LIMITED])
@pytest.mark.parametrize("asked", [None, 0.0])
def test_after_a_password_no_server_hastens_the_next_one(kind: FailureKind, asked: float | None) -> None:
    stream = Conversation().hears(life.Start(), life.Failed(Failure(kind, 503, asked)))
    assert stream.waits == (60, 120)


def test_429_without_retry_after_is_tried_slowly() -> None:
    assert connecting().hears(status(429)).waits == (60, 120)


# 500: retry; after five alike, say so.


def test_five_500s_alike_are_called_what_they_are() -> None:
    stream = connecting().hears(status(500))
    for _ in range(3):
        fail_again(stream, status(500))
    assert stream.says == "server error (500)"

    fail_again(stream, status(500))
    assert (stream.phase, stream.says) == (
        Phase.BACKING_OFF,
        "every attempt ends in a server error (500)",
    )


def test_another_failure_in_between_starts_the_count_again() -> None:
    stream = connecting().hears(status(500))
    for answer in (status(500), status(500), status(500), status(502), status(500)):
        fail_again(stream, answer)
    assert stream.says == "server error (500)"


# 1001, 1012: spread over 0-15 s.


@pytest.mark.parametrize("code", [1001, 1012])
def test_a_server_that_restarts_is_not_overrun(code: int) -> None:
    assert live().hears(lost(code)).waits == (0, 15)


# 1011 every 5-15 s: retry, and name the known cause.


def rhythm(code: int, every: float) -> Conversation:
    stream = live().after(every).hears(lost(code))
    for _ in range(2):
        stream.hears(life.TimerFired(), life.LoggedIn(), life.Opened(), life.Proven())
        stream.after(every).hears(lost(code))
    return stream


def test_1011_every_few_seconds_has_a_known_cause() -> None:
    stream = rhythm(1011, every=7)
    assert stream.says == "server drops the connection every few seconds (1011)"
    assert stream.state.trouble is not None
    assert "socket_timeout" in stream.state.trouble.remedy


def test_1011_now_and_then_has_not() -> None:
    assert rhythm(1011, every=40).says == "server error"


# 4030: explain the limit, retry slowly.


def test_too_many_connections_is_explained_and_retried_slowly() -> None:
    stream = live().hears(lost(4030))
    assert (stream.says, stream.waits) == ("too many connections of this user", (60, 120))


# Otherwise full jitter; the count resets only after 60 s of stable life.


def test_full_jitter() -> None:
    stream = connecting().hears(failed(FailureKind.REFUSED))
    longest = [stream.waits[1]]
    for _ in range(6):
        fail_again(stream, failed(FailureKind.REFUSED))
        longest.append(stream.waits[1])
    assert longest == [5, 5, 8, 16, 32, 60, 60]
    assert stream.waits[0] == 0


def test_accept_then_close_does_not_loop_hot() -> None:
    stream = live().hears(lost(1006))
    for _ in range(6):
        stream.hears(life.TimerFired(), life.LoggedIn(), life.Opened(), life.Proven())
        stream.after(59).hears(lost(1006))
    assert stream.waits == (0, 60)


def test_a_stable_minute_forgets_earlier_failures() -> None:
    stream = live().hears(lost(1006))
    for _ in range(6):
        fail_again(stream, failed(FailureKind.REFUSED))
    stream.hears(life.TimerFired(), life.LoggedIn(), life.Opened(), life.Proven())
    stream.after(60).hears(lost(1006))
    assert stream.waits == (0, 5)


# Renewal, wake-up, network, the user, the end.


@pytest.mark.parametrize("reason", [life.TimerFired(), life.Retry(), life.Renew()])
def test_a_live_socket_is_renewed(reason: life.Event) -> None:
    stream = live().after(21 * 3600).hears(reason)
    assert (stream.phase, stream.commands) == (
        Phase.LOGGING_IN,
        (life.Disconnect(), life.LogIn(anew=False)),
    )


def test_only_what_is_live_is_renewed_when_that_is_doubted() -> None:
    stream = connecting()
    assert stream.hears(life.Renew()).commands == ()
    waiting = live().hears(lost(1006))
    assert (waiting.hears(life.Renew()).commands, waiting.phase) == ((), Phase.BACKING_OFF)


def test_a_renewal_after_a_stable_day_forgets_the_failures_before_it() -> None:
    stream = connecting()
    for _ in range(6):
        fail_again(stream.hears(failed(FailureKind.REFUSED)), failed(FailureKind.REFUSED))
    stream.hears(life.TimerFired(), life.LoggedIn(), life.Opened(), life.Proven())
    stream.after(21 * 3600).hears(life.TimerFired(), failed(FailureKind.REFUSED))
    assert stream.waits == (0, 5)


def test_after_a_wake_up_a_live_socket_is_tested_with_a_short_ping() -> None:
    stream = live().hears(life.Woke())
    assert (stream.phase, stream.commands) == (Phase.LIVE, (life.Ping(3),))

    stream.hears(life.PingUnanswered())
    assert (stream.phase, stream.says) == (Phase.BACKING_OFF, "connection went silent")


AWAY = (failed(FailureKind.REFUSED), failed(FailureKind.TIMED_OUT), failed(FailureKind.NAME), status(502))


@pytest.mark.parametrize("away", AWAY)
def test_a_stream_that_could_not_reach_the_server_waits_no_longer_once_another_has(away: life.Failed) -> None:
    stream = connecting().hears(away, life.Reachable())
    assert (stream.phase, stream.commands) == (Phase.LOGGING_IN, (life.LogIn(),))


OF_ITS_OWN = (status(500), status(429), failed(FailureKind.UNPROVEN), status(502, retry_after=30.0))


@pytest.mark.parametrize("own", OF_ITS_OWN)
def test_what_is_wrong_with_one_stream_alone_is_waited_for(own: life.Failed) -> None:
    stream = connecting().hears(own, life.Reachable())
    assert stream.phase is Phase.BACKING_OFF


@pytest.mark.parametrize("reason", [life.Woke(), life.Retry()])
def test_a_stream_that_waits_tries_at_once_when_there_is_a_reason(reason: life.Event) -> None:
    stream = live().hears(lost(1006), reason)
    assert (stream.phase, stream.commands) == (Phase.LOGGING_IN, (life.LogIn(anew=False),))


def test_while_it_tries_again_it_still_says_what_was_wrong() -> None:
    stream = connecting().hears(failed(FailureKind.REFUSED), life.TimerFired())
    assert stream.says == "server refused the connection"
    assert stream.hears(life.LoggedIn()).says == "server refused the connection"


def test_an_activity_that_broke_down_ends_the_connection() -> None:
    stream = live().hears(failed(FailureKind.OTHER))
    assert (stream.phase, stream.commands[0]) == (Phase.BACKING_OFF, life.Disconnect())


@pytest.mark.parametrize("stream", [Conversation, connecting, live])
def test_the_end_is_for_good(stream: type[Conversation]) -> None:
    ended = stream().hears(life.Stop())
    assert (ended.phase, ended.commands) == (Phase.STOPPED, (life.Disconnect(),))
    for event in (life.Start(), life.Retry(), life.Woke(), life.TimerFired(), life.Proven(), life.Stop()):
        assert ended.hears(event).commands == ()
        assert ended.phase is Phase.STOPPED


# A server that promises to say something.


def test_a_promise_is_expected_to_be_kept() -> None:
    stream = connecting().hears(life.Opened(), life.Proven(heartbeat=40.0))

    assert stream.phase is Phase.LIVE
    assert life.Expect(40.0) in stream.commands
    assert life.Expect(40.0) not in live().commands, "where nothing is promised, silence is no fault"


def test_a_server_that_breaks_it_is_silent() -> None:
    stream = live().after(40).hears(life.NothingHeard())

    assert stream.phase is Phase.BACKING_OFF
    assert stream.says == "connection went silent"
    assert life.Disconnect() in stream.commands


def test_silence_counts_only_while_live() -> None:
    stream = connecting().hears(life.Opened(), life.NothingHeard())

    assert (stream.phase, stream.commands) == (Phase.CONNECTING, ())
