"""What the libraries raise, told apart by what is at the root."""

import errno
import socket
import ssl

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.exceptions import InvalidMessage

from armguard_tray.connection.failures import FailureKind, failure_of, parse_retry_after


def raised(error: BaseException, *roots: BaseException) -> BaseException:
    """Return `error` as it is when each was raised from the next."""
    for outer, inner in zip((error, *roots), roots, strict=False):
        outer.__cause__ = inner
    return error


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), FailureKind.NAME),
        (ConnectionRefusedError(errno.ECONNREFUSED, "refused"), FailureKind.REFUSED),
        (TimeoutError("timed out during opening handshake"), FailureKind.TIMED_OUT),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), FailureKind.UNREACHABLE),
        (OSError(errno.EHOSTUNREACH, "No route to host"), FailureKind.UNREACHABLE),
        (ConnectionResetError(errno.ECONNRESET, "reset"), FailureKind.NO_ANSWER),
        (BrokenPipeError(errno.EPIPE, "pipe"), FailureKind.NO_ANSWER),
        (ssl.SSLCertVerificationError(1, "certificate verify failed"), FailureKind.CERTIFICATE),
        (ssl.SSLError(1, "WRONG_VERSION_NUMBER"), FailureKind.TLS),
        (ssl.SSLEOFError(8, "EOF occurred in violation of protocol"), FailureKind.NO_ANSWER),
        (ssl.SSLZeroReturnError(6, "TLS/SSL connection has been closed"), FailureKind.NO_ANSWER),
        (OSError("Multiple exceptions: …"), FailureKind.OTHER),
        (ValueError("a bug"), FailureKind.OTHER),
    ],
)
def test_system_errors(error: BaseException, kind: FailureKind) -> None:
    assert failure_of(error).kind is kind


def test_httpx_wraps_the_root_several_times() -> None:
    error = raised(
        httpx.ConnectError("All connection attempts failed"),
        OSError("All connection attempts failed"),
        ConnectionRefusedError(errno.ECONNREFUSED, "refused"),
    )
    assert failure_of(error).kind is FailureKind.REFUSED


def test_a_name_with_two_addresses_fails_in_a_group() -> None:
    both = ExceptionGroup(
        "multiple connection attempts failed",
        [OSError(errno.ENETUNREACH, "unreachable"), ConnectionRefusedError(errno.ECONNREFUSED, "refused")],
    )
    error = raised(httpx.ConnectError("failed"), OSError("All connection attempts failed"), both)
    assert failure_of(error).kind is FailureKind.REFUSED


def test_a_root_may_be_in_the_context() -> None:
    error = httpx.ConnectError("certificate verify failed")
    error.__context__ = ssl.SSLCertVerificationError(1, "self-signed certificate")
    assert failure_of(error).kind is FailureKind.CERTIFICATE


def test_websockets_wraps_the_end_of_the_connection() -> None:
    error = raised(InvalidMessage("did not receive a valid HTTP response"), EOFError("connection closed"))
    assert failure_of(error).kind is FailureKind.NO_ANSWER


def test_the_unknown_keeps_its_name_for_the_log() -> None:
    assert failure_of(ValueError("what?")).detail == "ValueError: what?"


NOW = "Tue, 24 Nov 2026 03:25:26 GMT"


@pytest.mark.parametrize(
    ("value", "date", "seconds"),
    [
        ("120", None, 120.0),
        ("0", None, 0.0),
        ("9" * 400, None, float("inf")),
        ("Tue, 24 Nov 2026 03:27:26 GMT", NOW, 120.0),
        # Old forms that RFC 9110, 5.6.7 still wants understood, and a time without a zone, which is UTC.
        ("Tuesday, 24-Nov-26 03:27:26 GMT", NOW, 120.0),
        ("Tue Nov 24 03:27:26 2026", NOW, 120.0),
        ("Tue, 24 Nov 2026 03:20:00 GMT", NOW, 0.0),
        # Without the server's own time its moment says nothing.
        ("Tue, 24 Nov 2026 03:27:26 GMT", None, None),
        (None, NOW, None),
        ("", NOW, None),
        ("soon", NOW, None),
        ("-5", NOW, None),
        ("1e3", NOW, None),
        ("١٢", NOW, None),
        ("Tue, 99 Nov 2026 99:99:99 GMT", NOW, None),
    ],
)
def test_retry_after(value: str | None, date: str | None, seconds: float | None) -> None:
    assert parse_retry_after(value, date) == seconds


@given(st.text(), st.text())
def test_no_retry_after_upsets_the_parser(value: str, date: str) -> None:
    seconds = parse_retry_after(value, date)
    assert seconds is None or seconds >= 0


@given(st.lists(st.sampled_from(["Tue,", "24", "Nov", "99999999999999999999", "03:27:26", "+9999", "GMT"])))
def test_no_odd_date_upsets_the_parser(words: list[str]) -> None:
    parse_retry_after(" ".join(words), NOW)
