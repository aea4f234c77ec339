"""The program's log: rotating files, one line an event, never a secret."""

import logging
import logging.handlers
import re
import sys
import time
from contextlib import suppress
from pathlib import Path

MAX_BYTES = 1_000_000
BACKUPS = 5
_FORMAT = "%(asctime)s.%(msecs)03dZ %(levelname)-7s %(name)s: %(message)s"

# What must never reach a file: cookies, CSRF tokens, passwords in text or in a URL. Nothing logs them on
# purpose; this is the net under libraries that print headers or URLs when they fail.
_SECRETS = re.compile(
    r"""
    # A header takes the rest of its line: cookies go by any name.
    ((?:cookie|authorization)(?:['"]?\s*[=:]|['"]\s*,)\s*) [^\r\n]+
    # Anything else ends with its quotes; without any, with the field of a form or the line. Bounded: the text
    # is hostile, and from every "csrf" of it a search without bound would go to the end.
    | ((?:csrf\w{0,32}token|session_?id|passw(?:or)?d|secret)(?:['"]?\s*[=:]|['"]\s*,)\s*)
      (?: b?'(?:[^'\\\r\n]|\\.)*' | b?"(?:[^"\\\r\n]|\\.)*" | [^&\r\n]+ )
    # User and password in a URL.
    | (?<=://) [^/\s@:]*:[^/\s]+ (?=@)
    """,
    re.IGNORECASE | re.VERBOSE,
)


def redact(text: str) -> str:
    """Return `text` with anything that looks like a secret replaced by `***`."""
    return _SECRETS.sub(lambda match: f"{match[1] or match[2] or ''}***", text)


class _RedactingFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def configure(log_file: Path | None, *, level: int = logging.INFO, to_stderr: bool = False) -> None:
    """Send the log to `log_file` (rotated at 1 MB, five kept) and, on request, to stderr.

    Raises:
        OSError: the folder or file cannot be made.

    """
    handlers: list[logging.Handler] = []
    if log_file is not None:
        log_file.parent.mkdir(parents=True, exist_ok=True)
        handlers.append(
            logging.handlers.RotatingFileHandler(
                log_file, maxBytes=MAX_BYTES, backupCount=BACKUPS, encoding="utf-8", errors="backslashreplace"
            )
        )
    if to_stderr:
        handlers.append(logging.StreamHandler(sys.stderr))
    if not handlers:
        # Without any, Python would send warnings to stderr.
        handlers.append(logging.NullHandler())
    # A full disk must not fill the terminal with the log's own failures.
    logging.raiseExceptions = False
    formatter = _RedactingFormatter(_FORMAT, datefmt="%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
        old.close()
    for handler in handlers:
        handler.setFormatter(formatter)
        root.addHandler(handler)
    root.setLevel(level)
    # At INFO these print request lines and frames; what matters of them the runner says itself.
    for noisy in ("httpx", "httpcore", "websockets", "qasync"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def configure_or_say(log_file: Path) -> None:
    """Send the log to `log_file`; where that cannot be made, say so on stderr and go on without a log."""
    try:
        configure(log_file)
    except OSError as error:
        configure(None)
        with suppress(OSError):
            print(f"armguard-tray: there is no log: {error}", file=sys.stderr)  # noqa: T201 - to the person
