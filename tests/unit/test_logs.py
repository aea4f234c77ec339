"""The log: rotating files, and never a secret in them."""

import errno
import io
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from armguard_tray import logs
from armguard_tray.logs import configure, redact

SECRET = "hunter two"


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[Path]:
    """Give the root logger back as it was, and close what a test opened."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    root.handlers.clear()  # the test runner's own must not be closed
    levels = {name: logging.getLogger(name).level for name in ("httpx", "httpcore", "websockets", "qasync")}
    yield tmp_path / "logs" / "armguard-tray.log"
    for opened in root.handlers:
        opened.close()
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, old in levels.items():
        logging.getLogger(name).setLevel(old)


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("Cookie: armguard_sessionid=abc; csrftoken=def", "Cookie: ***"),
        ("Set-Cookie: any_name=abc; HttpOnly", "Set-Cookie: ***"),
        ("('Cookie', 'any_name=abc')", "('Cookie', ***"),
        ("Authorization: Basic cmV5ZXM6aHVudGVy", "Authorization: ***"),
        ("armguard_sessionid=abc", "armguard_sessionid=***"),
        ("csrfmiddlewaretoken=abc&username=reyes&password=hunter%20two&next=/",
         "csrfmiddlewaretoken=***&username=reyes&password=***&next=/"),
        (f"{{'username': 'reyes', 'password': '{SECRET}', 'next': '/'}}",
         "{'username': 'reyes', 'password': ***, 'next': '/'}"),
        (f'{{"password":"{SECRET}\\" and more"}}', '{"password":***}'),
        (f"password={SECRET}", "password=***"),
        ("redis://:hunter@127.0.0.1:6379/0 refused", "redis://***@127.0.0.1:6379/0 refused"),
        ("rediss://reyes:p@ss@redis.local/0", "rediss://***@redis.local/0"),
    ],
)  # fmt: skip
def test_secrets_are_blotted_out(text: str, safe: str) -> None:
    assert redact(text) == safe


@pytest.mark.parametrize(
    "unit",
    [
        "csrf", "csrf_", "csrfmiddleware", "password='", 'password="\\', "secret=b'&", "passwd:\t",
        "cookie ", "cookie=\n", "session_id", "://a:", "://a:b@", "://", "' ,",
    ],
)  # fmt: skip
def test_a_mebibyte_of_hostile_text_holds_nobody_up(unit: str) -> None:
    # A search of quadratic length would take minutes, and the test's time limit ends it.
    redact(unit * ((1 << 20) // len(unit)))


@pytest.mark.parametrize(
    "text",
    [
        "https://armory.local:8443/login/ answered 200",
        "the password was refused: ask an administrator",
        "ws://127.0.0.1:8000/ws/transactions/ closed by reyes@desk",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redact(text) == text


def test_a_line_says_when_in_utc_how_grave_and_where(log_file: Path) -> None:
    configure(log_file)
    record = logging.LogRecord("armguard_tray.app", logging.INFO, "", 0, "started on %s", ("desk 7",), None)
    record.created, record.msecs = 1795490726.0, 250.0

    logging.getLogger().handle(record)

    assert log_file.read_text() == "2026-11-24T03:25:26.250Z INFO    armguard_tray.app: started on desk 7\n"


def test_no_secret_reaches_the_file_not_even_in_a_traceback(log_file: Path) -> None:
    configure(log_file)
    error = ValueError(f"bad request: {{'password': '{SECRET}'}}")

    logging.getLogger("armguard_tray").error("no login, cookie: %s", "sessionid=abc", exc_info=error)

    content = log_file.read_text()
    assert "ValueError" in content
    assert SECRET not in content
    assert "abc" not in content


def test_files_rotate(log_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "MAX_BYTES", 200)
    monkeypatch.setattr(logs, "BACKUPS", 2)
    configure(log_file)
    for n in range(20):
        logging.getLogger("armguard_tray").info("line %d", n)

    names = sorted(file.name for file in log_file.parent.iterdir())
    assert names == ["armguard-tray.log", "armguard-tray.log.1", "armguard-tray.log.2"]
    assert log_file.read_text().endswith("line 19\n")


def test_any_text_can_be_logged(log_file: Path) -> None:
    configure(log_file)

    logging.getLogger("armguard_tray").info("José \ud800")

    assert "José \\ud800" in log_file.read_text(encoding="utf-8")


def test_to_stderr_on_request_only(capsys: pytest.CaptureFixture[str], log_file: Path) -> None:
    configure(log_file)
    logging.getLogger("armguard_tray").warning("silent")
    configure(None, to_stderr=True)
    logging.getLogger("armguard_tray").warning("loud")

    captured = capsys.readouterr()
    assert "loud" in captured.err
    assert "silent" not in captured.err


def test_configuring_again_closes_the_old_file(log_file: Path) -> None:
    configure(log_file)
    configure(log_file.with_name("other.log"))
    logging.getLogger("armguard_tray").info("now")

    assert log_file.read_text() == ""
    assert len(logging.getLogger().handlers) == 1


def test_chatty_libraries_are_heard_from_a_warning_up(log_file: Path) -> None:
    configure(log_file)

    logging.getLogger("httpx").info("HTTP Request: POST /login/")
    logging.getLogger("httpx").warning("odd")

    assert log_file.read_text().count("\n") == 1


def test_a_log_that_cannot_be_made_is_said_and_stops_nothing(
    log_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log_file.parent.touch()

    logs.configure_or_say(log_file)
    logging.getLogger("armguard_tray").warning("nobody hears this")

    said = capsys.readouterr().err
    assert said.startswith("armguard-tray: there is no log: ")
    assert len(said.splitlines()) == 1


class FullDisk(io.StringIO):
    """A file for which there is no room."""

    def write(self, _: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_does_not_fill_the_terminal(
    log_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(log_file)
    (handler,) = logging.getLogger().handlers
    monkeypatch.setattr(handler, "stream", FullDisk())

    logging.getLogger("armguard_tray").warning("this finds no room")

    assert capsys.readouterr().err == ""
