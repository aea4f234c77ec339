"""What was raised is told apart."""

import socket
import ssl

import pytest
from redis import exceptions

from armguard_tray.redis_probe.reasons import detail_of, reason_of
from armguard_tray.redis_probe.report import Reason


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (exceptions.AuthenticationError("Authentication required."), Reason.LOGIN_NEEDED),
        (exceptions.AuthenticationError("invalid username-password pair"), Reason.LOGIN_REFUSED),
        (exceptions.AuthenticationError("Client sent AUTH, but no password is set"), Reason.LOGIN_UNEXPECTED),
        (exceptions.ConnectionError("max number of clients reached"), Reason.TOO_MANY_CLIENTS),
        (exceptions.BusyLoadingError("Redis is loading the dataset in memory"), Reason.LOADING),
        (exceptions.MasterDownError("Link with MASTER is down"), Reason.MASTER_LOST),
        (
            exceptions.ResponseError("DENIED Redis is running in protected mode"),
            Reason.PROTECTED_MODE,
        ),
        (exceptions.ResponseError("DB index is out of range"), Reason.ERROR),
        (OSError("Multiple exceptions: [Errno 111] Connect call failed, [Errno 111] …"), Reason.REFUSED),
        (OSError("[WinError 1225] The remote computer refused the network connection"), Reason.REFUSED),
        (OSError("no route to host"), Reason.UNREACHABLE),
        (ValueError("invalid literal for int()"), Reason.NOT_REDIS),
    ],
)
def test_an_error_is_told_apart(error: Exception, reason: Reason) -> None:
    assert reason_of(error) is reason


@pytest.mark.parametrize(
    ("cause", "reason"),
    [
        (socket.gaierror(-2, "Name or service not known"), Reason.NAME_UNKNOWN),
        (ConnectionResetError(), Reason.CLOSED),
        (ssl.SSLCertVerificationError("self-signed certificate"), Reason.CERTIFICATE),
        (ssl.SSLEOFError(8, "EOF occurred in violation of protocol"), Reason.CLOSED),
        (ssl.SSLError(1, "wrong version number"), Reason.TLS_UNEXPECTED),
    ],
)
def test_what_the_system_said_counts_more_than_how_the_library_wrapped_it(
    cause: Exception, reason: Reason
) -> None:
    wrapped = exceptions.ConnectionError("Error connecting")
    wrapped.__context__ = cause

    assert reason_of(wrapped) is reason


@pytest.mark.parametrize(
    ("said", "detail"),
    [
        (
            "unknown command 'AUTH', with args beginning with: 'hunter22-Zebra' ",
            "it knows no AUTH, so that nobody can log in there; look without user name and password",
        ),
        # Redis says only the beginning back: half a password is known by no word of it.
        ("unknown command 'PING', with args beginning with: 'hunter22-Ze", "unknown command 'PING'"),
        ("unknown command `AUTH`, with args beginning with: `hunter22-Zebra`, ", "it knows no AUTH"),
        ("who says hunter22%2dZebra?", "who says ***?"),
        ("DB index is out of range", "DB index is out of range"),
    ],
)
def test_what_redis_says_back_is_no_secret(said: str, detail: str) -> None:
    shown = detail_of(exceptions.ResponseError(said), "hunter22-Zebra")
    assert shown.startswith(detail)
    assert "hunter22" not in shown
