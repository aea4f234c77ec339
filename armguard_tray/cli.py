"""The command line: what can be said to the program, checked, and handed to the part that does it.

Each command imports what it needs when it runs: `watch` works with no display and imports no Qt.
"""

import argparse
import asyncio
import io
import logging
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from armguard_tray import __version__
from armguard_tray.desktop.display import has_display, named_displays
from armguard_tray.errors import FilterError, UserError
from armguard_tray.exit_codes import ExitCode
from armguard_tray.paths import Paths, paths_below, user_paths
from armguard_tray.settings.model import RedisSettings, ServerSettings, problems, tidy_prefix
from armguard_tray.settings.store import SettingsStore

if TYPE_CHECKING:
    from armguard_tray.app.check_redis import RedisGiven

log = logging.getLogger(__name__)

MAX_RATE = 600_000
"""Events a minute; more than any machine plays."""

_DESCRIPTION = """\
ArmGuard Tray shows on the desk what an ArmGuard server announces: weapons issued and returned, changes of an
item's status, and notices to this account. What arrives is stored before it is shown.

Without a command it runs in the desktop's tray."""

_EPILOG = """\
exit codes:
  0  stopped, or the time was up; of check: all is well
  1  something on this machine keeps it from running; it is said in words; of check: there are warnings
  2  wrong usage
  3  the server refused the login
  4  the server could not be reached in the given time (--for); of check: it does not work;
     of verify: the chain is broken

files (Linux; elsewhere the platform's own folders):
  ~/.config/armguard-tray/settings.json         the settings, never a password
  ~/.local/share/armguard-tray/journal.sqlite3  the journal of events
  ~/.local/state/armguard-tray/log/             the log, rotated

The password is kept in the system's keyring, or for the run only where there is none."""

_WATCH = """\
Print what the server announces, without a display: a table, or with --json one object a line:

  {"stream", "kind", "id", "time", "received", "source", "epoch", "seq", "text", "data"}

kind is the message's type, "undecodable", or "gap" where events are missing; id the transaction or item, or
null; source is live, catchup (fetched later) or missing (of a gap); epoch and seq are the event's place in
the log of the server's live app, or null; times are ISO 8601 with offset; data is the whole frame. States are
written to standard error, with --json as JSON, too. Server and user are those of the settings unless they
are given here; the password comes from the keyring unless it is given on standard input. The events are kept
in a journal of their own, in the folder `watch` beside the tray's, or in --data-dir."""

_CHECK = """\
Look at everything that a connection stands on, from the server's name to its streams, and say whether it
works, and if not, why and what to do. It takes less than 15 seconds, whatever is broken. On a terminal the
rungs appear as they are found, and the answer comes below them; a file or a pipe gets the answer first. With
--json one object is written:

  {"verdict", "headline", "rungs": [{"id", "status", "evidence", "ms", "since"}],
   "causes": [{"code", "text", "remedy"}]}

verdict and status are ok, warning, failed or unknown. The exit code is 0 if all is well, 1 with warnings or
if too little could be seen, 3 if the server refuses the login, 4 if it does not work, 130 if interrupted.

Server and user are those of the settings unless they are given here; the password comes from the keyring
unless it is given on standard input, and is sent once at most. Redis is looked at where --redis or the
settings say, else where it may be and where the server's live app says that it is; it is only read. CA file
and prefix are those of the settings where --redis names the same Redis, and so are user and database that it
leaves out. Its password is taken from the variable REDISCLI_AUTH, as redis-cli does, else from the keyring:
the one that is stored for that very address and user."""

_VERIFY = """\
Say whether anybody has changed a row of the journal, taken one away, or put one in between: each row has an
entry in a chain of SHA-256 digests. Where the chain breaks, row, entry and time are said. It may run while
the tray runs. FILE may be a backup; without one the journal of this user, or of --data-dir, is looked at.

Whoever can write the file can also compute the whole chain anew, and the newest rows can be cut off unseen,
unless the chain's head was kept elsewhere: exports and reports state it as NUMBER:LINK, and so does this
command. --head looks whether the journal still has it. The exit code is 0 if the chain holds, 4 if it is
broken, 1 if it cannot be read or the head is older than all that is kept, 130 if interrupted."""

_EXPORT = """\
Write what a filter shows of the log into a file: csv and xlsx for spreadsheets, pdf for reading and printing,
jsonl (JSON Lines) for programs. The journal is only read, and may be in use. Each file says which filter it
was, how complete the log is, which gaps are open, and a SHA-256 digest of its rows; FILE.sha256, beside it,
has that of the whole file, for `sha256sum --check`. FILE gets its name only when it is whole; one of that
name is replaced then. With - as FILE, csv and jsonl are written to standard output.

--since and --until are dates, 2026-11-01, or times, 2026-11-01T06:00, in the zone of the server; a date as
--until is the last day that counts. --where may be given several times; of several values for one condition
any will do, of several conditions all must hold:

  text=… kind=… type=… duty=… by=… status=… came=… needs-look=yes person=… item=… when=…

for example --where "duty=Guard Duty" --where kind=issued --where when=week.

In csv, an apostrophe stands before a text that a spreadsheet would take for a formula. The exit code is 0 if
all was written, 1 if not, and why is said, 2 for wrong usage, 130 if interrupted: then there is no file."""

_DEMO = """\
Start a small ArmGuard-like server on this machine, with believable traffic, and the tray logged in to it.
Without a screen the same feed is shown in the terminal. Nothing is kept afterwards."""


class _UsageError(Exception):
    """The command line is well formed, but what it says does not fit together."""


def main(arguments: Sequence[str]) -> int:
    """Run the command that `arguments` name and return the exit code."""
    # Journal and log say who holds which weapon: what this program writes is for its user alone.
    os.umask(0o077)
    _prepare_output()
    options = _parser().parse_args(_with_command(arguments))
    try:
        return int(options.action(options))
    except _UsageError as error:
        _complain(error)
        return ExitCode.USAGE
    except UserError as error:
        if logging.getLogger().handlers:
            log.error("%s", error)  # noqa: TRY400 - an error for the user is no crash
        _complain(error)
        return ExitCode.FAILED
    except KeyboardInterrupt:
        return ExitCode.OK


def _prepare_output() -> None:
    """Let both outputs take any character, and standard error be there even if it was closed."""
    if sys.stderr is None:
        # `print` would turn to standard output instead, and the next file to be opened would be number 2.
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - open to the end
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal is believed to know its characters; whoever reads a pipe or a file expects UTF-8.
            encoding = stream.encoding if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=encoding, errors="backslashreplace")


def _complain(error: Exception) -> None:
    with suppress(OSError):  # where nobody can be told, the exit code tells
        print(f"armguard-tray: {error}", file=sys.stderr, flush=True)  # noqa: T201 - a message to the person


def _with_command(arguments: Sequence[str]) -> list[str]:
    """Put the default command before options that stand alone."""
    first = next(iter(arguments), "")
    stands = first in {"-h", "--help", "--version"} or (first and not first.startswith("-"))
    return [*arguments] if stands else ["run", *arguments]


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(ExitCode.USAGE, f"{self.prog}: {message}\nSee {self.prog} --help.\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="armguard-tray",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"armguard-tray {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", parser_class=_Parser)
    _add_run(commands)
    _add_watch(commands)
    _add_check(commands)
    _add_export(commands)
    # What windows start, and no person: it stands in no help.
    commands.add_parser("export-order").set_defaults(action=_export_order)
    commands.add_parser("pictures-order").set_defaults(action=_pictures_order)
    _add_verify(commands)
    _add_demo(commands)
    return parser


def _add_command(
    commands: "argparse._SubParsersAction[_Parser]",
    name: str,
    summary: str,
    description: str,
    action: Callable[..., int],
) -> argparse.ArgumentParser:
    command = commands.add_parser(
        name,
        help=summary,
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(action=action)
    return command


def _add_run(commands: "argparse._SubParsersAction[_Parser]") -> None:
    run = _add_command(commands, "run", "run in the desktop's tray (the default)", _DESCRIPTION, _run)
    _add_data_dir(run)
    _add_password_stdin(run)


def _add_watch(commands: "argparse._SubParsersAction[_Parser]") -> None:
    watch = _add_command(commands, "watch", "print events in the terminal", _WATCH, _watch)
    watch.add_argument("--json", action="store_true", help="one JSON object a line")
    _add_server(watch)
    _add_data_dir(watch)
    watch.add_argument("--for", dest="seconds", metavar="SECONDS", type=_seconds, help="end after so long")


def _add_check(commands: "argparse._SubParsersAction[_Parser]") -> None:
    check = _add_command(commands, "check", "say whether it works, and if not, why", _CHECK, _check)
    check.add_argument("--json", action="store_true", help="one JSON object")
    _add_server(check)
    check.add_argument(
        "--redis", metavar="URL", help="the server's Redis, as seen from here, without a password"
    )
    check.add_argument(
        "--redis-ca-file", metavar="PEM", help="certificate of the CA of a rediss:// (default: the server's)"
    )
    check.add_argument("--prefix", metavar="PREFIX", help="of the server's channel layer")
    check.add_argument(
        "--report",
        metavar="FILE",
        type=Path,
        help="save a report for the admin (zip): what was found, settings, versions, log; names are masked",
    )
    _add_data_dir(check)


def _add_server(command: argparse.ArgumentParser) -> None:
    command.add_argument("--server", metavar="URL", help="the server's address")
    command.add_argument("--username", metavar="NAME", help="the account to log in with")
    _add_password_stdin(command)
    command.add_argument("--ca-file", metavar="PEM", help="certificate of a private CA")
    command.add_argument(
        "--allow-plain-http",
        action="store_true",
        help="consent to an unencrypted connection over the network",
    )


def _add_export(commands: "argparse._SubParsersAction[_Parser]") -> None:
    export = _add_command(commands, "export", "write the log into a file", _EXPORT, _export)
    export.add_argument("--format", choices=("csv", "xlsx", "pdf", "jsonl"), help="default: as FILE ends")
    export.add_argument("--since", metavar="TIME", help="only what happened then or later")
    export.add_argument("--until", metavar="TIME", help="only what happened before; of a date, that day too")
    export.add_argument("--where", metavar="CONDITION", action="append", default=[], help="see above")
    export.add_argument("--text", metavar="WORDS", help="only what has all these words, anywhere")
    export.add_argument("--out", metavar="FILE", required=True, help="the file; - is standard output")
    _add_data_dir(export)


def _add_verify(commands: "argparse._SubParsersAction[_Parser]") -> None:
    verify = _add_command(commands, "verify", "say whether the journal was tampered with", _VERIFY, _verify)
    verify.add_argument("file", metavar="FILE", nargs="?", type=Path, help="a journal, or a backup of one")
    verify.add_argument("--head", metavar="NUMBER:LINK", help="a head that was written down earlier")
    verify.add_argument("--changes", action="store_true", help="say how rows were completed later")
    verify.add_argument("--json", action="store_true", help="one JSON object")
    _add_data_dir(verify)


def _add_demo(commands: "argparse._SubParsersAction[_Parser]") -> None:
    demo = _add_command(commands, "demo", "try it out with a server on this machine", _DEMO, _demo)
    demo.add_argument("--headless", action="store_true", help="show the feed in the terminal")
    demo.add_argument("--port", type=int, default=0, help="the demo server's port (default: a free one)")
    demo.add_argument(
        "--rate",
        type=_rate,
        default=20.0,
        metavar="EVENTS_PER_MINUTE",
        help="how busy the armory is (default: 20)",
    )
    demo.add_argument(
        "--stock",
        action="store_true",
        help="a server as ArmGuard ships it, without the app that fills gaps and announces everything",
    )


def _add_data_dir(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--data-dir", metavar="DIR", type=Path, help="keep settings, journal and log in this folder"
    )


def _add_password_stdin(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--password-stdin", action="store_true", help="read the password from standard input, for this run"
    )


def _seconds(text: str) -> float:
    return _number(text, lambda seconds: 0 < seconds < 366 * 86400, "between 0 and a year, in seconds")


def _rate(text: str) -> float:
    return _number(text, lambda rate: 0 <= rate <= MAX_RATE, f"between 0 and {MAX_RATE} events a minute")


def _number(text: str, fits: Callable[[float], bool], expected: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"a number {expected}") from None
    if not fits(number):
        raise argparse.ArgumentTypeError(f"a number {expected}")
    return number


def _paths(options: argparse.Namespace) -> Paths:
    return paths_below(options.data_dir) if options.data_dir else user_paths()


def _password_from_stdin(options: argparse.Namespace) -> str | None:
    if not options.password_stdin:
        return None
    if sys.stdin is None or sys.stdin.isatty():
        raise _UsageError("--password-stdin: pipe the password in; it is not typed here.")
    try:
        password = sys.stdin.readline().rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise _UsageError("--password-stdin: what came in is no text.") from error
    if not password:
        raise _UsageError("--password-stdin: no password came in.")
    return password


def _run(options: argparse.Namespace) -> int:
    if not has_display():
        named = named_displays()
        raise UserError(
            f"The screen {named} does not answer." if named else "There is no screen here.",
            "`armguard-tray watch` shows the feed in a terminal.",
        )
    # Qt only where there is a display; and all the rest behind it, without PySide's hook.
    from armguard_tray.app.plain_imports import without_feature_hook  # noqa: PLC0415 - so

    without_feature_hook()
    from armguard_tray.app.start import run_desk  # noqa: PLC0415 - so

    return run_desk(_paths(options), password=_password_from_stdin(options))


def _watch(options: argparse.Namespace) -> int:
    if sys.stdout is None:
        raise _UsageError("there is no standard output to print to; on Windows use armguard-tray.exe.")
    from armguard_tray import logs  # noqa: PLC0415 - as the module says
    from armguard_tray.app.terminal import WatchOptions, watch  # noqa: PLC0415

    tray_paths = _paths(options)
    settings = SettingsStore(tray_paths.settings_file).load()
    server = _watched_server(settings.server, options)
    data_dir = options.data_dir or tray_paths.data / "watch"
    logs.configure_or_say(data_dir / "logs" / "watch.log")
    password = _password_from_stdin(options)
    if password is None:
        password = asyncio.run(_from_keyring(server))
    if password is None:
        raise _UsageError(f"no password of {server.username} is stored here; pipe it in: --password-stdin.")
    watched = WatchOptions(
        settings=replace(settings, server=server),
        password=_given(password),
        data_dir=data_dir,
        as_json=options.json,
        seconds=options.seconds,
    )
    return asyncio.run(watch(watched))


_REDIS_OPTIONS = {"address": "--redis", "ca_file": "--redis-ca-file", "prefix": "--prefix"}
_SERVER_OPTIONS = {"address": "--server", "ca_file": "--ca-file", "username": "--username"}


def _given_server(server: ServerSettings, options: argparse.Namespace) -> ServerSettings:
    given = {
        "address": options.server,
        "username": options.username,
        "ca_file": options.ca_file,
        "allow_plain_http": options.allow_plain_http or None,
    }
    return replace(server, **{name: value for name, value in given.items() if value is not None})


def _watched_server(server: ServerSettings, options: argparse.Namespace) -> ServerSettings:
    server = _given_server(server, options)
    for name, problem in problems(server).items():
        raise _UsageError(f"{_SERVER_OPTIONS.get(name, name)}: {problem}")
    if server.plain_http_refused:
        raise _UsageError(
            "--server: passwords would cross the network unencrypted; use https://, or --allow-plain-http."
        )
    return server


def _given(password: str) -> Callable[[ServerSettings], Awaitable[str | None]]:
    async def source(_server: ServerSettings) -> str | None:
        return password

    return source


async def _from_keyring(server: ServerSettings) -> str | None:
    from armguard_tray.desktop.secrets import SecretStore  # noqa: PLC0415 - only where it is asked

    return await SecretStore().get(server.base_url, server.username)


def _check(options: argparse.Namespace) -> int:
    if sys.stdout is None:
        raise _UsageError("there is no standard output to print to; on Windows use armguard-tray.exe.")
    from armguard_tray.app.signals import end_at_once  # noqa: PLC0415 - as the module says

    end_at_once(ExitCode.INTERRUPTED)  # who goes on only if all is well must not go on then
    from armguard_tray.app.check import CheckOptions, run_check  # noqa: PLC0415 - as above
    from armguard_tray.app.report.from_check import ReportTo  # noqa: PLC0415 - as above

    # Warnings are for the log, and here the ladder tells.
    logging.getLogger().addHandler(logging.NullHandler())
    from armguard_tray.app.check_redis import redis_settings  # noqa: PLC0415 - as above

    paths = _paths(options)
    settings = SettingsStore(paths.settings_file).load()
    file: Path | None = options.report
    if file is not None and not file.absolute().parent.is_dir():
        raise _UsageError(f"--report: there is no folder {file.absolute().parent}.")
    server = _checked_server(settings.server, options)
    # Of another server than that of the settings, their Redis is not.
    is_theirs = not settings.server.address or server.base_url == settings.server.base_url
    redis = redis_settings(_given_redis(options), settings.redis if is_theirs else RedisSettings())
    report_of = replace(settings, server=server, redis=redis)
    checked = CheckOptions(
        server=server,
        password=_password_from_stdin(options),
        redis=redis,
        redis_is_named=options.redis is not None,
        redis_password=os.environ.get("REDISCLI_AUTH") or None,
        # Only the settings dialog stores one.
        redis_keyring=paths.settings_file.exists(),
        as_json=options.json,
        report=ReportTo(file=file, paths=paths, settings=report_of) if file is not None else None,
    )
    return asyncio.run(run_check(checked))


def _checked_server(server: ServerSettings, options: argparse.Namespace) -> ServerSettings:
    """Return the server to check: what is wrong in the options is wrong usage, in the settings a finding."""
    server = _given_server(server, options)
    given = {"address": options.server, "username": options.username, "ca_file": options.ca_file}
    if options.server is not None or options.username is not None:
        given |= {"address": server.address, "username": server.username}
    for name, problem in problems(server).items():
        if given.get(name) is not None:
            raise _UsageError(f"{_SERVER_OPTIONS[name]}: {problem}")
    return server


def _given_redis(options: argparse.Namespace) -> "RedisGiven":
    """Return what is said of Redis for this run; what is wrong in it is wrong usage."""
    from armguard_tray.app.check_redis import RedisGiven  # noqa: PLC0415 - as the module says

    prefix = tidy_prefix(options.prefix) if options.prefix is not None else None
    given = RedisGiven(address=options.redis, ca_file=options.redis_ca_file, prefix=prefix)
    said = {"address": given.address, "ca_file": given.ca_file, "prefix": given.prefix}
    values = {name: value for name, value in said.items() if value is not None}
    for name, problem in problems(RedisSettings(**values)).items():
        raise _UsageError(f"{_REDIS_OPTIONS[name]}: {problem}")
    return given


def _export(options: argparse.Namespace) -> int:
    from armguard_tray.app.export_command import (  # noqa: PLC0415 - as the module says
        STREAMED,
        ExportOptions,
        run_export,
    )
    from armguard_tray.export.asked import asked  # noqa: PLC0415 - as above
    from armguard_tray.export.formats import Format  # noqa: PLC0415 - as above

    out = None if options.out == "-" else Path(options.out)
    named = options.format or ("" if out is None else out.suffix[1:].lower())
    if named not in set(Format):
        raise _UsageError("--format: csv, xlsx, pdf or jsonl; FILE does not tell.")
    wanted = Format(named)
    if out is None and wanted not in STREAMED:
        raise _UsageError(f"--out: {wanted} needs a file; csv and jsonl go to standard output.")
    if out is None and sys.stdout is None:
        raise _UsageError("there is no standard output to print to; on Windows use armguard-tray.exe.")
    paths = _paths(options)
    settings = SettingsStore(paths.settings_file).load()
    try:
        condition = asked(
            options.where, options.text, since=options.since, until=options.until, zone=settings.server.zone
        )
    except FilterError as error:
        raise _UsageError(str(error)) from error
    exported = ExportOptions(
        journal=paths.journal_file, wanted=condition, format=wanted, out=out, settings=settings
    )
    return run_export(exported)


def _export_order(_options: argparse.Namespace) -> int:
    from armguard_tray.app import export_order  # noqa: PLC0415 - as the module says

    return export_order.main()


def _pictures_order(_options: argparse.Namespace) -> int:
    from armguard_tray.app import pictures_order  # noqa: PLC0415 - as the module says

    return pictures_order.main()


def _verify(options: argparse.Namespace) -> int:
    if sys.stdout is None:
        raise _UsageError("there is no standard output to print to; on Windows use armguard-tray.exe.")
    from armguard_tray.app.verify import VerifyOptions, parse_head, run_verify  # noqa: PLC0415 - so

    try:
        head = None if options.head is None else parse_head(options.head)
    except ValueError:
        raise _UsageError("--head: a number, a colon and 64 hexadecimal digits, as it was stated.") from None
    file = options.file or _paths(options).journal_file
    return run_verify(VerifyOptions(file=file, head=head, as_json=options.json, changes=options.changes))


def _demo(options: argparse.Namespace) -> int:
    from armguard_tray.app.demo import run_demo  # noqa: PLC0415 - as the module says

    headless = options.headless or not has_display()
    if headless and not options.headless:
        print("There is no screen here: the feed is shown in the terminal. Ctrl+C ends it.")  # noqa: T201
    return asyncio.run(run_demo(port=options.port, rate=options.rate, headless=headless, stock=options.stock))
