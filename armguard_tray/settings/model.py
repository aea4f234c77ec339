"""The settings: frozen types whose field metadata says how each is named, explained and checked.

The dialog and the command line read the metadata; nothing else describes a setting a second time.
A password is not a setting: it lives in the system keyring.
"""

import ipaddress
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, time, tzinfo
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from armguard_tray.settings import shift_starts
from armguard_tray.settings.duty_hours import DEFAULT_HOURS, DutyHours, check_duty_hours, parse_duty_hours

LevelName = Literal["info", "success", "warning", "error"]
# A time without a zone, written into the file by hand, could not be compared with the present.
AwareTime = Annotated[datetime, msgspec.Meta(tz=True)]


@dataclass(frozen=True, slots=True)
class Setting:
    """How one setting is shown and checked.

    Attributes:
        label: its name in the dialog, with `&` before the access key.
        help: one sentence on what it does.
        check: returns what is wrong with a value, in words, or None.
        tidy: returns what a pasted text means: an address without the page that it was copied from, say.
        minimum, maximum: bounds of a number.
        suffix: the unit of a number.
        choices: all values there are, where there are only a few.

    """

    label: str
    help: str
    check: Callable[[Any], str | None] | None = None
    tidy: Callable[[str], str] | None = None
    minimum: int | None = None
    maximum: int | None = None
    suffix: str = ""
    choices: tuple[str, ...] = ()

    def problem(self, value: Any) -> str | None:
        """Return what is wrong with `value`, in words, or None."""
        if self.minimum is not None and value < self.minimum:
            return f"At least {self.minimum}{self.suffix}."
        if self.maximum is not None and value > self.maximum:
            return f"At most {self.maximum}{self.suffix}."
        return self.check(value) if self.check is not None else None


def _setting(default: Any, label: str, help_text: str, **how: Any) -> Any:
    return field(default=default, metadata={"setting": Setting(label, help_text, **how)})


def settings_of(section: Any) -> Iterator[tuple[str, Setting]]:
    """Yield (field name, its description) for each field of a section that the dialog shows."""
    for each in fields(section):
        if "setting" in each.metadata:
            yield each.name, each.metadata["setting"]


def problems(section: Any) -> dict[str, str]:
    """Return what is wrong in a section: field name -> sentence."""
    found = {name: setting.problem(getattr(section, name)) for name, setting in settings_of(section)}
    return {name: problem for name, problem in found.items() if problem is not None}


def _check_address(address: str) -> str | None:
    if not address:
        return "Enter the server's address, for example https://armory.local:8443."
    try:
        parts = urlsplit(address)
    except ValueError as error:
        return f"This is not an address: {error}."
    faults = (
        (
            parts.scheme not in {"http", "https"},
            "The address begins with https:// (or http:// on this machine).",
        ),
        (not parts.hostname, "The address names no host."),
        (parts.username or parts.password, "The address must not hold a user name or password."),
        (not _is_host(parts.hostname or ""), f"“{parts.hostname}” cannot be the name of a host."),
        (not _has_good_port(parts), "This is not an address: its port is a number from 1 to 65535."),
        (
            parts.path not in {"", "/"} or parts.query or parts.fragment,
            "Only scheme, host and port, for example https://armory.local:8443.",
        ),
    )
    return next((sentence for wrong, sentence in faults if wrong), None)


# Names as the network knows them (RFC 1123, 2.1); underscores and other scripts' letters do occur.
_LABEL = re.compile(r"(?!-)[\w-]{1,63}(?<!-)")
_MAX_HOST = 253


def _is_host(host: str) -> bool:
    """Tell whether a host can bear this name, or it is an IP address."""
    last = host.rpartition(".")[2]
    if ":" in host or last.isdecimal():
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return False
        return True
    labels = host.removesuffix(".").split(".")
    return len(host) <= _MAX_HOST and all(_LABEL.fullmatch(label) for label in labels)


def _has_good_port(parts: SplitResult) -> bool:
    try:
        return parts.port != 0
    except ValueError:
        return False


def tidy_address(address: str) -> str:
    """Return scheme, host and port of an address that was copied with its page; any other text as it is."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        return address
    return f"{parts.scheme}://{parts.netloc}"


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _check_time_zone(name: str) -> str | None:
    return "Not a time zone's name; it looks like Asia/Manila." if _zone(name) is None else None


def _check_file(name: str) -> str | None:
    try:
        found = not name or Path(name).is_file()
    except OSError:  # a name too long, or behind a folder that may not be entered
        found = False
    return None if found else "There is no such file."


def _check_redis(address: str) -> str | None:
    if not address:
        return None
    try:
        parts = urlsplit(address)
    except ValueError as error:
        return f"This is not an address: {error}."
    faults = (
        (
            parts.scheme not in {"redis", "rediss", "unix"},
            "The address begins with redis://, rediss:// (TLS) or unix://.",
        ),
        (parts.password, "The address must not hold a password."),
        (not _has_good_port(parts), "This is not an address: its port is a number from 1 to 65535."),
        (
            parts.scheme != "unix" and not _is_database(parts.path),
            "After the host comes the number of a database, for example redis://armory.local:6379/0.",
        ),
    )
    return next((sentence for wrong, sentence in faults if wrong), None)


def _is_database(path: str) -> bool:
    number = path.strip("/")
    return not number or (number.isascii() and number.isdecimal() and len(number) < 10)  # noqa: PLR2004 - Redis has 32 bits for it


# Of the names in Redis: `<prefix>:group:<group>` in the core layer, `<prefix>__group__<group>` by pub/sub.
_GROUP = re.compile(r"(:group:|__group__).*", re.DOTALL)
_MAX_PREFIX = 100


def _check_prefix(prefix: str) -> str | None:
    if len(prefix) > _MAX_PREFIX:
        return f"At most {_MAX_PREFIX} characters."
    return None if prefix.isprintable() else "A prefix is one line of text."


def tidy_prefix(prefix: str) -> str:
    """Return the prefix of a key or channel that was copied from Redis; any other text as it is."""
    return _GROUP.sub("", prefix)


def _parts(address: str) -> SplitResult:
    """Return the parts of an address; of what is none, such as a file edited by hand may hold, empty ones."""
    try:
        parts = urlsplit(address)
        _ = parts.port  # it is looked at only now
    except ValueError:
        return urlsplit("")
    return parts


def is_loopback(address: str) -> bool:
    """Tell whether a URL names this very machine, so that no one on the network can listen in."""
    host = _parts(address).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """Which server, and as whom."""

    address: str = _setting(
        "",
        "&Address",
        "Where ArmGuard runs, for example https://armory.local:8443.",
        check=_check_address,
        tidy=tidy_address,
    )
    username: str = _setting(
        "",
        "&User name",
        "The account that this desk logs in with.",
        check=lambda name: None if name.strip() else "Enter a user name.",
    )
    ca_file: str = _setting(
        "", "&CA file", "Certificate of a private CA (PEM); empty: only the system's.", check=_check_file
    )
    allow_plain_http: bool = _setting(
        False,
        "Allow an u&nencrypted connection",
        "Passwords and events then cross the network readable for anyone on it.",
    )
    time_zone: str = _setting(
        "Asia/Manila",
        "Server's &time zone",
        "The server writes times without a zone; this is the one it means.",
        check=_check_time_zone,
    )
    presence: bool = _setting(
        False,
        "Follow who is &online",
        "Opens a fourth connection; servers may allow three a user.",
    )

    @property
    def base_url(self) -> str:
        """The address in its one canonical form: lower case, no slash at the end, no default port.

        `problems` tells whether it is an address at all; of what is none this says nothing of use.
        """
        parts = _parts(self.address)
        default_port = {"http": 80, "https": 443}.get(parts.scheme)
        host = (parts.hostname or "").lower()
        host = f"[{host}]" if ":" in host else host
        port = "" if parts.port in {None, default_port} else f":{parts.port}"
        return f"{parts.scheme}://{host}{port}"

    @property
    def configured(self) -> bool:
        """Whether there is enough to try and connect."""
        return not problems(self)

    @property
    def plain_http_refused(self) -> bool:
        """Whether the connection would be readable on the network without the user's consent."""
        plain = _parts(self.address).scheme == "http"
        return plain and not is_loopback(self.address) and not self.allow_plain_http

    @property
    def zone(self) -> tzinfo:
        """The server's time zone; UTC where there is none of that name, which `problems` tells."""
        return _zone(self.time_zone) or UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationSettings:
    """What is shown as a toast. Whatever is not is still in the log."""

    issued: bool = _setting(True, "&Issued weapons", "A toast for each weapon that leaves the armory.")
    returned: bool = _setting(True, "&Returned weapons", "A toast for each weapon that comes back.")
    status: bool = _setting(True, "Ite&m status", "A toast when an item's status is changed by hand.")
    notices: bool = _setting(True, "&Personal notices", "A toast for each notice to your account.")
    minimum_level: LevelName = _setting(
        "info",
        "From &level",
        "Notices below this level are kept in the log without a toast.",
        choices=get_args(LevelName),
    )
    burst: int = _setting(
        3,
        "&At most",
        "More than this many within ten seconds are summed up in one toast.",
        minimum=1,
        maximum=20,
        suffix=" toasts in 10 s",
    )
    outage_after: int = _setting(
        20,
        "Tell me of an &outage after",
        "A toast when the connection has been broken for so long; of shorter breaks only the log tells.",
        minimum=5,
        maximum=600,
        suffix=" s",
    )
    paused_until: AwareTime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisSettings:
    """Where Redis is looked for."""

    address: str = _setting(
        "redis://127.0.0.1:6379/0",
        "&Address",
        "As seen from this desk: redis://host:6379/0, redis://user@host, rediss:// (TLS) or unix://. Left as "
        "it is, Redis is looked for; empty: not at all.",
        check=_check_redis,
    )
    ca_file: str = _setting(
        "",
        "CA &file",
        "Certificate of the CA of a rediss:// (PEM); empty: the server's CA file, and the system's.",
        check=_check_file,
    )
    prefix: str = _setting(
        "",
        "Prefi&x",
        "Of the server's channel layer; empty: “armguard:”, “asgi”, and what can be found.",
        check=_check_prefix,
        tidy=tidy_prefix,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """How the log is read."""

    shift_starts: str = _setting(
        "06:00, 18:00",
        "S&hifts begin at",
        "By the server's clock, for example 06:00, 14:00, 22:00; the log's filter “This shift” goes by it.",
        check=shift_starts.problem,
        tidy=shift_starts.tidy,
    )
    duty_hours: str = _setting(
        DEFAULT_HOURS,
        "Weapons are over&due after",
        "Hours by duty, for example Guard Duty 12, Training 4, other 24; “other” is every other duty, and "
        "what is not known.",
        check=check_duty_hours,
    )

    @property
    def shifts(self) -> tuple[time, ...]:
        """When shifts begin, ascending; none where that is not told in times, which `problems` says."""
        return () if shift_starts.problem(self.shift_starts) else shift_starts.parse(self.shift_starts)

    @property
    def hours(self) -> DutyHours:
        """After how long weapons are overdue; the default where the text means nothing."""
        return parse_duty_hours(DEFAULT_HOURS if check_duty_hours(self.duty_hours) else self.duty_hours)


_LEAST_DAYS = 30
_LEAST_SIZE = 64  # MiB


def _check_days(days: int) -> str | None:
    return None if days == 0 or days >= _LEAST_DAYS else f"At least {_LEAST_DAYS} days, or 0 for ever."


def _check_size(size: int) -> str | None:
    return None if size == 0 or size >= _LEAST_SIZE else f"At least {_LEAST_SIZE} MiB, or 0 for any size."


def _check_folder(name: str) -> str | None:
    try:
        found = not name or Path(name).is_dir()
    except OSError:  # a name too long, or behind a folder that may not be entered
        found = False
    return None if found else "There is no such folder."


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalSettings:
    """How long this desk keeps its log, and where its backups lie."""

    keep_days: int = _setting(
        730,
        "&Keep events for",
        "What is older is removed from this desk's log, the oldest first; 0: nothing is.",
        minimum=0,
        maximum=36500,
        suffix=" days",
        check=_check_days,
    )
    most_mib: int = _setting(
        4096,
        "At &most",
        "If the log grows larger, the oldest events go, but none of the last 30 days; 0: any size.",
        minimum=0,
        maximum=1_048_576,
        suffix=" MiB",
        check=_check_size,
    )
    backup_folder: str = _setting(
        "",
        "Backup &folder",
        "Where backups lie; empty: in the folder “backups” beside the log.",
        check=_check_folder,
    )
    backups: int = _setting(
        5,
        "&Number of backups",
        "This desk's older ones are deleted, other desks' stay.",
        minimum=1,
        maximum=1000,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings of one user."""

    server: ServerSettings = field(default_factory=ServerSettings)
    notifications: NotificationSettings = field(default_factory=NotificationSettings)
    redis: RedisSettings = field(default_factory=RedisSettings)
    journal: JournalSettings = field(default_factory=JournalSettings)
    log: LogSettings = field(default_factory=LogSettings)
