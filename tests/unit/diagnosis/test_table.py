"""What is told apart: for each cause an example of the facts that lead to it."""

from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any

import pytest

from armguard_tray.connection.explain import BROKEN_DOWN, HELD_UP
from armguard_tray.connection.failures import Closure, Failure, FailureKind
from armguard_tray.connection.live_app import without_socket
from armguard_tray.connection.phase import End, Phase
from armguard_tray.diagnosis.codes import Code
from armguard_tray.diagnosis.diagnose import diagnose
from armguard_tray.diagnosis.facts import Facts, Keeping, Site, TlsFault, ToastsFound
from armguard_tray.diagnosis.ladder import Rung, Status
from armguard_tray.diagnosis.verdict import is_well_so_far
from armguard_tray.messages.streams import DEFAULT_STREAMS, Stream
from armguard_tray.redis_probe.report import Reason
from tests.unit.diagnosis.examples import (
    NOW,
    ago,
    all_live,
    app,
    audit,
    checked,
    closed_with,
    down,
    figures,
    handshake,
    handshakes,
    http,
    live,
    login,
    name,
    proof,
    redis,
    refused_with,
    running,
    session,
    tcp,
    tls,
)

FAILED, WARNING = Status.FAILED, Status.WARNING
K = FailureKind

MIXED = (
    handshake(Stream.TRANSACTIONS),
    handshake(Stream.INVENTORY, Failure(K.STATUS, 500)),
    handshake(Stream.NOTIFICATIONS),
)
NO_APP = Failure(K.NO_APP, 404)
# Each has been dropped once, in turn.
DROPPED_IN_TURN = tuple(
    live(stream, ends=(End(ago(seconds=seconds), Closure(1011)),))
    for stream, seconds in zip(DEFAULT_STREAMS, (17, 12, 7), strict=True)
)
OF_SEVERAL = "Several processes serve sockets, and one of them has its channel layer in memory."

# The rung that is the headline, what leads to it, and how bad that is.
TABLE: tuple[tuple[Code, str, Status, Facts], ...] = (
    (Code.NOT_SET_UP, "name", FAILED, Facts(now=NOW, configured=False)),
    (Code.NAME_UNKNOWN, "name", FAILED, checked(name=name(K.NAME))),
    (Code.REFUSED, "tcp", FAILED, checked(tcp=tcp(K.REFUSED))),
    (Code.TIMED_OUT, "tcp", FAILED, checked(tcp=tcp(K.TIMED_OUT))),
    (Code.SERVER_HANGS, "tls", FAILED, checked(tls=tls(TlsFault.TIMED_OUT))),
    (Code.SERVER_HANGS, "http", FAILED, checked(http=http(K.TIMED_OUT, None))),
    (Code.SERVER_HANGS, "login", FAILED, checked(login=login(K.TIMED_OUT))),
    (
        Code.SERVER_HANGS,
        "handshake:transactions",
        FAILED,
        checked(handshakes=handshakes(Failure(K.TIMED_OUT))),
    ),
    (Code.NETWORK_UNREACHABLE, "tcp", FAILED, checked(tcp=tcp(K.UNREACHABLE))),
    (Code.HUNG_UP, "tls", FAILED, checked(tls=tls(TlsFault.HUNG_UP))),
    (Code.HUNG_UP, "http", FAILED, checked(http=http(K.NO_ANSWER, None))),
    (Code.PLAIN_HTTP, "tls", FAILED, checked(tls_expected=False, tls=None, plain_http_refused=True)),
    (Code.PLAIN_HTTP, "tls", WARNING, checked(tls_expected=False, tls=None)),
    (Code.NOT_TLS, "tls", FAILED, checked(tls=tls(TlsFault.NOT_TLS))),
    (Code.TLS_NEEDED, "tls", FAILED, checked(tls_expected=False, tls=tls())),
    (Code.TLS_NEEDED, "http", FAILED, checked(http=http(K.HTTPS_EXPECTED, 400))),
    (Code.TLS_FAILED, "tls", FAILED, checked(tls=tls(TlsFault.OTHER))),
    (Code.CA_UNKNOWN, "tls", FAILED, checked(tls=tls(TlsFault.CA_UNKNOWN))),
    (Code.CA_FILE, "tls", FAILED, checked(tls=tls(TlsFault.CA_FILE))),
    (Code.CERTIFICATE_EXPIRED, "tls", FAILED, checked(tls=tls(TlsFault.EXPIRED))),
    (Code.CERTIFICATE_NOT_YET_VALID, "tls", FAILED, checked(tls=tls(TlsFault.NOT_YET_VALID))),
    (Code.CERTIFICATE_EXPIRES_SOON, "tls", WARNING, checked(tls=tls(not_after=NOW + timedelta(days=9)))),
    (Code.CERTIFICATE_OF_ANOTHER_HOST, "tls", FAILED, checked(tls=tls(TlsFault.OTHER_HOST))),
    (Code.CLIENT_CERTIFICATE, "tls", FAILED, checked(tls=tls(TlsFault.CLIENT_CERTIFICATE))),
    (Code.CLIENT_CERTIFICATE, "http", FAILED, checked(http=http(K.CLIENT_CERTIFICATE, 400))),
    (Code.NOT_ARMGUARD, "http", FAILED, checked(http=http(K.NOT_ARMGUARD, 404, site=Site.OTHER))),
    (Code.CAPTIVE_PORTAL, "http", FAILED, checked(http=http(K.NOT_ARMGUARD, 302, site=Site.PORTAL))),
    (Code.CAPTIVE_PORTAL, "http", FAILED, checked(http=http(K.STATUS, 511, site=Site.PORTAL))),
    (Code.PROXY_PAGE, "http", FAILED, checked(http=http(K.NOT_ARMGUARD, 407, site=Site.PROXY))),
    (Code.PROXY_PAGE, "http", FAILED, checked(http=http(K.LOCKED_OUT, 403, site=Site.PROXY))),
    (Code.PROXY_PAGE, "http", FAILED, checked(http=http(K.STATUS, 503, site=Site.PROXY))),
    (Code.NOT_ARMGUARD, "http", FAILED, checked(http=http(K.NOT_ARMGUARD, 404, site=Site.PROXY))),
    (Code.HOST_NOT_ALLOWED, "http", FAILED, checked(http=http(K.HOST_NOT_ALLOWED, 400))),
    (Code.SERVER_ERROR, "http", FAILED, checked(http=http(K.STATUS, 500))),
    (Code.BACKEND_DOWN, "http", FAILED, checked(http=http(K.STATUS, 502, site=Site.PROXY))),
    (Code.CLOCKS_APART, "clock", WARNING, checked(http=http(ahead=timedelta(seconds=-6)))),
    (Code.PASSWORD_MISSING, "password", FAILED, checked(password=Keeping.MISSING, login=None)),
    (Code.PASSWORD_MISSING, "password", FAILED, checked(password=Keeping.NO_KEYRING, login=None)),
    (Code.KEYRING_LOCKED, "password", FAILED, checked(password=Keeping.LOCKED, login=None)),
    (Code.KEYRING_LOCKED, "password", WARNING, running(password=Keeping.LOCKED)),
    (Code.CSRF, "login", FAILED, checked(login=login(K.CSRF, 403))),
    (Code.WRONG_PASSWORD, "login", FAILED, checked(login=login(K.WRONG_PASSWORD, 200))),
    (Code.LOCKED_OUT, "login", FAILED, checked(login=login(K.LOCKED_OUT, 403))),
    (Code.LOCKED_OUT, "http", FAILED, checked(http=http(K.LOCKED_OUT, 403))),
    (Code.RATE_LIMITED, "login", FAILED, checked(login=login(K.RATE_LIMITED, 429))),
    (Code.RATE_LIMITED, "session", WARNING, checked(session=session(failure=K.RATE_LIMITED))),
    (Code.RATE_LIMITED, "handshake:transactions", FAILED, checked(handshakes=refused_with(429))),
    (Code.LOGIN_UNCLEAR, "login", FAILED, checked(login=login(K.UNANSWERED))),
    (Code.LOGIN_UNCLEAR, "login", FAILED, checked(login=login(K.GIVEN_UP))),
    (Code.SESSION_EXPIRED, "session", FAILED, checked(session=session(alive=False))),
    (
        Code.SESSION_EXPIRED,
        "handshake:transactions",
        FAILED,
        running(session=session(alive=None), streams=(), handshakes=refused_with(401)),
    ),
    (Code.ORIGIN_REFUSED, "handshake:transactions", FAILED, checked(handshakes=refused_with(403))),
    (Code.UPGRADE_LOST, "handshake:transactions", FAILED, checked(handshakes=refused_with(200))),
    (Code.UPGRADE_LOST, "handshake:transactions", FAILED, checked(handshakes=refused_with(400))),
    (Code.UPGRADE_LOST, "handshake:transactions", FAILED, checked(handshakes=refused_with(426))),
    (Code.BACKEND_DOWN, "handshake:transactions", FAILED, checked(handshakes=refused_with(502))),
    (Code.BACKEND_DOWN, "handshake:transactions", FAILED, checked(handshakes=refused_with(504))),
    (Code.PATH_UNKNOWN, "handshake:transactions", FAILED, checked(handshakes=refused_with(404))),
    (Code.PATH_UNKNOWN, "handshake:inventory", FAILED, checked(handshakes=MIXED)),
    (Code.HANDSHAKE_500, "handshake:transactions", FAILED, checked(handshakes=refused_with(500))),
    (Code.HANDSHAKE_REFUSED, "handshake:transactions", FAILED, checked(handshakes=refused_with(503))),
    (Code.HANDSHAKE_REFUSED, "handshake:transactions", FAILED, checked(handshakes=refused_with(401))),
    (Code.HANDSHAKE_REFUSED, "handshake:transactions", FAILED, checked(handshakes=refused_with(302))),
    (Code.CLOSED_BY_ERROR, "subscribed:transactions", FAILED, checked(handshakes=closed_with(4000))),
    (Code.CLOSED_UNAUTHORIZED, "subscribed:transactions", FAILED, checked(handshakes=closed_with(4001))),
    (Code.CLOSED_REPLACED, "subscribed:transactions", FAILED, checked(handshakes=closed_with(4008))),
    (Code.CLOSED_RATE_LIMITED, "subscribed:transactions", FAILED, checked(handshakes=closed_with(4029))),
    (Code.CLOSED_TOO_MANY, "subscribed:transactions", FAILED, checked(handshakes=closed_with(4030))),
    (Code.CLOSED_1011, "subscribed:transactions", FAILED, checked(handshakes=closed_with(1011))),
    (Code.CLOSED_IN_RHYTHM, "subscribed:transactions", FAILED, checked(handshakes=closed_with(1011, 5.1))),
    (Code.CLOSED_IN_RHYTHM, "subscribed:transactions", WARNING, running(streams=DROPPED_IN_TURN)),
    (Code.SERVER_RESTARTING, "subscribed:transactions", FAILED, checked(handshakes=closed_with(1012))),
    (Code.SERVER_RESTARTING, "subscribed:transactions", FAILED, checked(handshakes=closed_with(1001))),
    (Code.CLOSED, "subscribed:transactions", FAILED, checked(handshakes=closed_with(1006))),
    (
        Code.NEXT_TRY,
        "subscribed:transactions",
        WARNING,
        checked(streams=(down(Stream.TRANSACTIONS, Failure(K.REFUSED)),)),
    ),
    (Code.UNPROVEN, "subscribed:transactions", FAILED, checked(handshakes=handshakes(subscribed=""))),
    (Code.REAL_TIME_OFF, "handshake:transactions", WARNING, checked(app=app(real_time=False), handshakes=())),
    (
        Code.REAL_TIME_OFF,
        "handshake:transactions",
        WARNING,
        running(streams=all_live(app=app(real_time=False))),
    ),
    (
        Code.APP_FAILS,
        "handshake:transactions",
        WARNING,
        running(streams=all_live(app=without_socket(app(), "HTTP 500"))),
    ),
    (
        Code.APP_FAILS,
        "handshake:transactions",
        FAILED,
        checked(handshakes=handshakes(Failure(K.NO_APP, 404))),
    ),
    (Code.DESK_HELD_UP, "subscribed:transactions", FAILED, running(streams=all_live(trouble=HELD_UP))),
    (Code.DEAF, "subscribed:notifications", FAILED, running(app=None, proof=proof(was_member=True))),
    (Code.UNANNOUNCED, "complete", FAILED, running(audit=audit(1, 2, 3), proof=None)),
    (Code.UNANNOUNCED, "complete", WARNING, running(audit=audit(2, compared=3))),
    (Code.UNANNOUNCED, "complete", WARNING, running(audit=audit(2, compared=1))),
    (Code.UNANNOUNCED, "complete", WARNING, running(audit=audit(unannounced_today=3))),
    (Code.RECORD_CHANGED, "complete", WARNING, running(audit=audit(warning="it was set back"))),
    (
        Code.MEMORY_MANY_PROCESSES,
        "complete",
        FAILED,
        running(app=None, streams=all_live(), audit=audit(1, 2, compared=2), proof=proof()),
    ),
    (
        Code.MEMORY_MANY_PROCESSES,
        "layer",
        WARNING,
        running(streams=all_live(app=app(layer="memory", warning=OF_SEVERAL)), proof=None),
    ),
    (
        Code.MEMORY_LAYER,
        "layer",
        WARNING,
        running(streams=all_live(app=app(layer="memory", warning="Where more than one runs …")), proof=None),
    ),
    (Code.REDIS_NAME_UNKNOWN, "redis", WARNING, running(redis=redis(Reason.NAME_UNKNOWN))),
    (Code.REDIS_DOWN, "redis", WARNING, running(redis=redis(Reason.REFUSED))),
    (Code.REDIS_DOWN, "redis", WARNING, running(redis=redis(Reason.NO_SOCKET))),
    (Code.REDIS_TIMED_OUT, "redis", WARNING, running(redis=redis(Reason.TIMED_OUT))),
    (Code.REDIS_UNREACHABLE, "redis", WARNING, running(redis=redis(Reason.UNREACHABLE))),
    (Code.REDIS_HUNG_UP, "redis", WARNING, running(redis=redis(Reason.CLOSED))),
    (Code.REDIS_PASSWORD_NEEDED, "redis", WARNING, running(redis=redis(Reason.LOGIN_NEEDED))),
    (Code.REDIS_PASSWORD_WRONG, "redis", WARNING, running(redis=redis(Reason.LOGIN_REFUSED))),
    (Code.REDIS_PASSWORD_UNEXPECTED, "redis", WARNING, running(redis=redis(Reason.LOGIN_UNEXPECTED))),
    (Code.REDIS_NO_PERMISSION, "redis", WARNING, running(redis=redis(Reason.NO_PERMISSION))),
    (Code.REDIS_PROTECTED, "redis", WARNING, running(redis=redis(Reason.PROTECTED_MODE))),
    (Code.REDIS_TLS_NEEDED, "redis", WARNING, running(redis=redis(Reason.TLS_NEEDED))),
    (Code.REDIS_NOT_TLS, "redis", WARNING, running(redis=redis(Reason.TLS_UNEXPECTED))),
    (Code.REDIS_CERTIFICATE, "redis", WARNING, running(redis=redis(Reason.CERTIFICATE))),
    (Code.REDIS_CLIENT_CERTIFICATE, "redis", WARNING, running(redis=redis(Reason.CLIENT_CERTIFICATE))),
    (Code.REDIS_REPLICA, "redis", WARNING, running(redis=redis(Reason.MASTER_LOST))),
    (Code.REDIS_REPLICA, "redis", WARNING, running(redis=redis(Reason.REPLICA))),
    (Code.REDIS_FULL, "redis", WARNING, running(redis=redis(Reason.FULL), figures=None)),
    (Code.REDIS_NOT_REDIS, "redis", WARNING, running(redis=redis(Reason.NOT_REDIS))),
    (Code.REDIS_LOADING, "redis", WARNING, running(redis=redis(Reason.LOADING))),
    (Code.REDIS_LOADING, "redis", WARNING, running(figures=figures(loading=True))),
    (Code.REDIS_REPLICA, "redis", WARNING, running(figures=figures(role="replica"))),
    (Code.REDIS_FULL, "redis", FAILED, running(figures=figures(used_memory=100, max_memory=100))),
    (Code.REDIS_FULL, "redis", WARNING, running(figures=figures(used_memory=90, max_memory=100))),
    (Code.REDIS_EVICTING, "redis", WARNING, running(figures=figures(policy="allkeys-lru", max_memory=2**30))),
    (Code.REDIS_EVICTING, "redis", WARNING, running(figures=figures(evicted_lately=4))),
    (Code.REDIS_TOO_MANY_CLIENTS, "redis", WARNING, running(figures=figures(clients=9_000))),
    (Code.REDIS_TOO_MANY_CLIENTS, "redis", WARNING, running(figures=figures(refused_lately=1))),
    (Code.REDIS_TOO_MANY_CLIENTS, "redis", WARNING, running(redis=redis(Reason.TOO_MANY_CLIENTS))),
    (Code.REDIS_ERROR, "redis", WARNING, running(redis=redis(Reason.ERROR))),
    (Code.REDIS_ERROR, "redis", WARNING, running(figures=figures(last_save_ok=False))),
    (Code.TOASTS_OFF, "toasts", WARNING, running(toasts=ToastsFound(by="the desktop", off="do not disturb"))),
)


@pytest.mark.parametrize(
    ("code", "rung", "status", "facts"),
    TABLE,
    ids=[f"{code}-{rung}-{status}" for code, rung, status, _ in TABLE],
)
def test_these_facts_have_this_cause(code: Code, rung: str, status: Status, facts: Facts) -> None:
    found = diagnose(facts)
    bad = next(each for each in found.rungs if each.status in {FAILED, WARNING})

    assert (found.verdict, bad.id, bad.status, bad.code) == (status, rung, status, code)
    assert found.causes[0].code is code
    assert found.headline.endswith(found.causes[0].text)


def test_every_code_has_its_example() -> None:
    assert {code for code, *_ in TABLE} == set(Code)


@pytest.mark.parametrize(
    "facts",
    [
        checked(),
        running(),
        running(app=None, streams=all_live(), proof=proof()),
        checked(app=app(layer="memory", why="One process runs.")),
        # Its layer warns of something else: that what it carries can be read.
        running(streams=all_live(app=app(warning="Messages are not encrypted."))),
        # Nobody has said that there should be a Redis on this desk.
        checked(redis=redis(Reason.REFUSED), redis_guessed=True),
        checked(redis=redis(), redis_guessed=True, figures=figures(policy="allkeys-lru", max_memory=1)),
        # With no limit nothing is evicted.
        running(figures=figures(policy="allkeys-lru")),
        # What Redis does not tell is no fault of it.
        running(figures=figures(policy=None, max_memory=None, clients=None, role=None, last_save_ok=None)),
        # The streams outlive the session.
        running(session=session(alive=False)),
        # The server tells no time; a rung beside the way needs no evidence.
        checked(http=http()),
        checked(tls_expected=False, tls=None, name=replace(name(), addresses=("::1",))),
    ],
)
def test_healthy_servers_have_no_cause(facts: Facts) -> None:
    found = diagnose(facts)
    assert (found.verdict, found.causes) == (Status.OK, ())


def test_a_headline_claims_no_more_than_was_seen() -> None:
    assert diagnose(running()).headline == "Everything works."
    assert "not seen" in diagnose(checked()).headline


def test_a_warning_says_that_it_works_only_where_all_was_seen() -> None:
    off: dict[str, Any] = {"toasts": ToastsFound(by="x", off="switched off")}
    assert diagnose(running(**off)).headline.startswith("It works, with a warning: ")
    assert not diagnose(running(session=None, **off)).headline.startswith("It works")


def test_what_is_missing_is_named() -> None:
    assert (
        diagnose(checked(session=None)).headline == "Whether it works is not known. Session: not looked at."
    )


def test_a_lock_out_says_until_when_and_what_to_run() -> None:
    locked = login(K.LOCKED_OUT, 403, locked_until=NOW + timedelta(minutes=34))
    found = diagnose(checked(login=locked), NOW.tzinfo)
    assert found.headline == "The account sgt.reyes is locked or forbidden until 04:00."
    assert found.causes[0].copy == "python manage.py axes_reset_username sgt.reyes"


def test_what_to_copy_has_this_server_in_it() -> None:
    (why,) = diagnose(checked(handshakes=refused_with(403))).causes
    assert why.text == "The server refuses this desk's Origin, https://armory.local:8443."
    assert why.copy == 'ALLOWED_HOSTS += ["armory.local"]'


def test_a_refused_stream_beside_open_ones_is_not_refused_for_its_origin() -> None:
    mixed = (handshake(Stream.TRANSACTIONS), handshake(Stream.INVENTORY, Failure(K.STATUS, 403)))
    found = diagnose(checked(handshakes=mixed))
    assert [each.code for each in found.causes] == [Code.HANDSHAKE_REFUSED]
    assert "the stream inventory" in found.headline


def test_403_with_an_unknown_session_is_not_explained_away() -> None:
    found = diagnose(checked(session=session(alive=None), handshakes=refused_with(403)))
    assert found.causes[0].code is Code.HANDSHAKE_REFUSED


def test_streams_with_the_same_fault_have_one_cause_that_names_them_all() -> None:
    (why,) = diagnose(checked(handshakes=refused_with(500))).causes
    assert "to open all streams ends" in why.text
    found = diagnose(checked(handshakes=(*refused_with(500)[:2], handshake(Stream.NOTIFICATIONS))))
    assert "the streams transactions, inventory (" in found.headline


def test_a_live_stream_stands_though_the_name_is_gone() -> None:
    found = diagnose(running(name=name(K.NAME)))
    assert found.verdict is FAILED
    status = {each.id: each.status for each in found.rungs}
    assert status["tcp"] is Status.UNKNOWN
    assert status["subscribed:transactions"] is Status.OK


def test_a_live_stream_is_warned_of_where_a_new_one_is_refused() -> None:
    found = diagnose(running(handshakes=refused_with(403)))
    assert found.verdict is WARNING
    assert "live since" in {each.id: each.evidence for each in found.rungs}["handshake:inventory"]


def test_a_running_connection_that_is_down_is_told_though_a_new_socket_opens() -> None:
    found = diagnose(checked(streams=(down(Stream.TRANSACTIONS, Closure(1006)),)))
    assert (found.verdict, found.causes[0].code) == (WARNING, Code.CLOSED)


@pytest.mark.parametrize(
    ("ends", "code"),
    [
        ((Failure(K.STATUS, 403),), Code.ORIGIN_REFUSED),
        ((Failure(K.STATUS, 502),), Code.BACKEND_DOWN),
        ((Closure(1011),), Code.CLOSED_1011),
        ((Closure(1011),) * 3, Code.CLOSED_IN_RHYTHM),
        ((Closure(4030, said="three are open"),), Code.CLOSED_TOO_MANY),
        ((Failure(K.JOURNAL),), Code.DESK_HELD_UP),
    ],
)
def test_why_the_running_connection_is_down_is_told_without_a_checkup(
    ends: tuple[Failure | Closure, ...], code: Code
) -> None:
    streams = tuple(down(stream, *ends) for stream in DEFAULT_STREAMS)
    found = diagnose(running(streams=streams, proof=None))
    assert (found.verdict, found.causes[0].code) == (FAILED, code)


def rung(facts: Facts, which: str) -> Rung:
    return next(each for each in diagnose(facts, UTC).rungs if each.id == which)


WAITS = "waits for its next try at 03:27:30; the last one, at 03:26:30, was refused"


def test_what_is_seen_now_rules_over_the_refusal_of_a_stream_that_waits() -> None:
    waiting = down(Stream.TRANSACTIONS, Failure(K.REFUSED), retry_at=NOW + timedelta(seconds=50))
    others = [live(each) for each in (Stream.INVENTORY, Stream.NOTIFICATIONS)]
    facts = checked(streams=(waiting, *others), handshakes=(handshake(Stream.TRANSACTIONS),))

    found = diagnose(facts)

    assert (found.verdict, [each.code for each in found.causes]) == (WARNING, [Code.NEXT_TRY])
    assert "refuses" not in found.headline
    assert rung(facts, "handshake:transactions").status is Status.OK
    assert rung(facts, "subscribed:transactions").evidence.endswith(WAITS)


def test_a_refusal_is_over_as_soon_as_the_server_takes_a_connection() -> None:
    waiting = down(Stream.TRANSACTIONS, Failure(K.REFUSED), retry_at=NOW + timedelta(seconds=50))
    facts = checked(streams=(waiting,), handshakes=())
    assert (rung(facts, "handshake:transactions").status, rung(facts, "handshake:transactions").evidence) == (
        WARNING,
        WAITS,
    )
    still = replace(facts, tcp=tcp(K.REFUSED))
    assert [each.code for each in diagnose(still).causes] == [Code.REFUSED]


def test_a_server_that_takes_connections_and_is_silent_hangs_and_no_firewall_is_blamed() -> None:
    (why,) = diagnose(checked(http=http(K.TIMED_OUT, None))).causes
    assert why.text.startswith("192.168.0.177:8443 accepts the connection but does not answer")
    assert "sudo systemctl restart daphne gunicorn" in why.copy
    assert "ufw" not in why.remedy + why.copy


def test_nothing_is_said_twice_of_one_rung() -> None:
    silent = Failure(K.TIMED_OUT, detail="timed out during opening handshake")
    facts = running(streams=(down(Stream.TRANSACTIONS, silent), *all_live()[1:]))
    assert rung(facts, "handshake:transactions").evidence == "server does not answer · for 4 min"


def test_gaps_of_today_are_told_and_all_is_not_called_well() -> None:
    found = diagnose(running(audit=audit(gaps=2)))
    assert (found.verdict, found.causes) == (Status.OK, ())
    assert found.headline == "Everything works now. 2 gaps of today stand in the log."
    assert is_well_so_far(found)
    assert not is_well_so_far(diagnose(running()))


def test_a_program_that_broke_down_is_no_fault_of_the_server() -> None:
    broken = down(Stream.TRANSACTIONS, Failure(K.OTHER), trouble=BROKEN_DOWN)
    (why,) = diagnose(running(streams=(broken, *running().streams[1:]))).causes
    assert why.text == "This desk itself holds the connection up: this program failed."


def test_a_stream_that_is_on_its_way_is_neither_well_nor_ill() -> None:
    coming = down(Stream.TRANSACTIONS, phase=Phase.CONNECTING)
    found = diagnose(running(streams=(coming, *running().streams[1:])))
    assert (found.verdict, found.causes) == (Status.UNKNOWN, ())


def test_redis_that_is_down_fails_only_where_the_streams_do_too() -> None:
    found = diagnose(checked(handshakes=refused_with(500), redis=redis(Reason.REFUSED)))
    assert [each.code for each in found.causes] == [Code.HANDSHAKE_500, Code.REDIS_DOWN]
    assert {each.id: each.status for each in found.rungs}["redis"] is FAILED


def test_several_faults_of_redis_are_all_told_the_worst_first() -> None:
    ill = figures(role="replica", used_memory=2, max_memory=2, clients=10_000)
    causes = diagnose(running(figures=ill)).causes
    assert [each.code for each in causes] == [
        Code.REDIS_FULL,
        Code.REDIS_REPLICA,
        Code.REDIS_TOO_MANY_CLIENTS,
    ]


def test_a_membership_that_is_missing_alone_proves_nothing() -> None:
    found = diagnose(running(app=None, streams=all_live(), proof=proof()))
    layer = next(each for each in found.rungs if each.id == "layer")
    assert (layer.status, "not proven" in layer.evidence) == (Status.UNKNOWN, True)


def test_one_unannounced_transaction_does_not_conclude_a_layer_in_memory() -> None:
    found = diagnose(running(app=None, streams=all_live(), audit=audit(7, compared=1), proof=proof()))
    assert [each.code for each in found.causes] == [Code.UNANNOUNCED]


def test_a_reconnect_ends_deafness() -> None:
    anew = tuple(live(stream, since=NOW + timedelta(seconds=1)) for stream in DEFAULT_STREAMS)
    assert diagnose(running(streams=anew, proof=proof(was_member=True))).verdict is Status.OK


def test_a_session_that_could_not_be_asked_for_is_unknown_and_says_why() -> None:
    found = diagnose(checked(session=session(failure=K.TIMED_OUT)))
    assert (found.verdict, found.causes) == (Status.UNKNOWN, ())
    assert "the server does not say" in found.headline


def test_a_handshake_that_is_refused_for_too_many_requests_says_how_long_to_wait() -> None:
    found = diagnose(checked(handshakes=handshakes(Failure(K.STATUS, 429, retry_after=120))))
    assert found.headline == "The server asks this desk to slow down for 2 min."


BEHIND_NGINX = http(nginx=True)


@pytest.mark.parametrize(("status", "code"), [(404, Code.UPGRADE_LOST), (503, Code.RATE_LIMITED)])
def test_what_nginx_says_of_a_handshake_is_not_the_servers_word(status: int, code: Code) -> None:
    found = diagnose(checked(http=BEHIND_NGINX, handshakes=refused_with(status)))
    assert [each.code for each in found.causes] == [code]


def test_a_path_that_is_unknown_beside_open_streams_has_not_lost_its_upgrade() -> None:
    made = (*handshakes()[1:], handshake(DEFAULT_STREAMS[0], Failure(K.STATUS, 404)))
    assert diagnose(checked(http=BEHIND_NGINX, handshakes=made)).causes[0].code is Code.PATH_UNKNOWN


def test_a_503_for_the_login_right_after_its_page_is_nginxs_limit() -> None:
    found = diagnose(checked(http=BEHIND_NGINX, login=login(K.STATUS, 503)))
    assert found.causes[0].code is Code.RATE_LIMITED
    assert diagnose(checked(login=login(K.STATUS, 503))).causes[0].code is Code.SERVER_ERROR


def test_a_503_for_the_session_is_nginxs_limit_too() -> None:
    limited = replace(session(alive=None), failure=Failure(K.STATUS, 503))
    assert diagnose(checked(http=BEHIND_NGINX, session=limited)).causes[0].code is Code.RATE_LIMITED


def test_a_proxys_own_403_says_nothing_of_an_account() -> None:
    found = diagnose(checked(http=http(K.LOCKED_OUT, 403, site=Site.PROXY)))
    evidence = {each.id: each.evidence for each in found.rungs}["http"]
    assert "account" not in found.headline + evidence


def test_the_secure_address_is_the_one_that_the_server_leads_to() -> None:
    leads = http(K.HTTPS_EXPECTED, 301, secure="https://armory.local:8443")
    (why,) = diagnose(checked(tls_expected=False, tls=None, http=leads)).causes[:1]
    assert why.copy == "https://armory.local:8443"


def test_a_portal_is_told_with_where_it_leads_to() -> None:
    found = diagnose(checked(http=http(K.NOT_ARMGUARD, 302, site=Site.PORTAL, leads_to="wifi.example")))
    assert "it leads to wifi.example" in found.headline


def test_hostile_words_stay_on_their_line() -> None:
    said = Failure(K.STATUS, 418, detail="\x1b[2J<host>\n[x]")
    found = diagnose(checked(handshakes=handshakes(said)))
    for text in (found.headline, *(each.evidence for each in found.rungs)):
        assert text.isprintable()
    assert "<host>" in found.headline
