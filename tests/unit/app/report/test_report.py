"""The parts of a report, and the file that holds exactly those."""

import json
import os
import stat
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from armguard_tray.app.report.archive import save, suggested_name
from armguard_tray.app.report.material import LOG_KEPT, Material, gather, recent_log
from armguard_tray.app.report.page_width import WIDTH, wrapped
from armguard_tray.app.report.parts import preview
from armguard_tray.connection.failures import Closure, Failure, FailureKind
from armguard_tray.connection.phase import End, Phase, StreamFacts
from armguard_tray.diagnosis.codes import Code
from armguard_tray.diagnosis.ladder import Cause, Diagnosis, Rung, Status
from armguard_tray.errors import UserError
from armguard_tray.messages.streams import Stream
from armguard_tray.paths import Paths, paths_below
from armguard_tray.settings.model import RedisSettings, ServerSettings, Settings
from armguard_tray.storage.journal import Journal
from tests.fakes.events import issued, returned, status_change

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
NAMES = ("Liza Aquino", "Aquino", "PE-000005241126", "45 - 00118", "00118", "IR-00005241126", "armorer1")
SECRETS = ("hunter22", "s3cret-cookie")
SETTINGS = Settings(
    server=ServerSettings(address="https://armory.local:8443", username="armorer1", ca_file="/etc/x/ca.pem"),
    redis=RedisSettings(address="redis://tray@armory.local:6379/0"),
)
DIAGNOSIS = Diagnosis(
    Status.FAILED,
    "The server refuses armorer1.",
    (Rung(id="login", name="Login", status=Status.FAILED, evidence="as armorer1", since=NOW, ms=12.4),),
    (Cause(Code.WRONG_PASSWORD, "The password of armorer1 is wrong.", "Enter the right one.", "copy this"),),
)
STREAM = StreamFacts(
    stream=Stream.TRANSACTIONS,
    phase=Phase.BACKING_OFF,
    since=NOW,
    ends=(End(NOW, Closure(1011, "x")), End(NOW, Failure(FailureKind.REFUSED))),
)
LOG = """\
2026-11-24T03:00:00.000Z INFO    armguard_tray.connection.runner: transactions: connecting -> live on Opened
2026-11-24T03:00:01.000Z ERROR   armguard_tray.pipeline: frame of Liza Aquino, 45 - 00118, IR-00005241126
2026-11-24T03:00:02.000Z ERROR   some.library: Cookie: armguard_sessionid=s3cret-cookie
2026-11-24T03:00:03.000Z ERROR   some.library: redis://tray:hunter22@armory.local is down; hunter22
"""


@pytest.fixture
async def paths(tmp_path: Path) -> Paths:
    places = paths_below(tmp_path)
    journal = await Journal.open(places.journal_file)
    await journal.append(
        "https://armory.local:8443", [issued(5, item="45 - 00118"), returned(6), status_change()]
    )
    await journal.close()
    places.log_file.parent.mkdir()
    places.log_file.write_text(LOG)
    return places


def material(paths: Paths) -> Material:
    return gather(
        paths=paths,
        settings=SETTINGS,
        diagnosis=DIAGNOSIS,
        streams=(STREAM,),
        secrets=[*SECRETS, None],
        now=NOW,
    )


async def test_all_parts_are_there_and_tell(paths: Paths) -> None:
    parts = dict(preview(material(paths)))
    assert list(parts) == [
        *("about.txt", "ladder.txt", "ladder.json", "history.txt", "versions.txt", "settings.json", "log.txt")
    ]
    assert "FAILED: The server refuses user-1." in parts["ladder.txt"]
    assert "[wrong-password] The password of user-1 is wrong." in parts["ladder.txt"]
    assert json.loads(parts["ladder.json"])["rungs"][0]["evidence"] == "as user-1"
    assert "transactions: backing off since 2026-11-24T04:00:00+00:00" in parts["history.txt"]
    assert "ended 2026-11-24T04:00:00+00:00: server refused the connection" in parts["history.txt"]
    assert "transactions: connecting -> live on Opened" in " ".join(parts["history.txt"].split())
    assert "pipeline" not in parts["history.txt"]
    assert "ArmGuard Tray: " in parts["versions.txt"]
    shown = json.loads(parts["settings.json"])
    assert shown["server"]["address"] == "https://armory.local:8443"
    assert (shown["server"]["username"], shown["server"]["ca_file"]) == ("user-1", "ca.pem")
    assert shown["redis"]["address"] == "redis://***@armory.local:6379/0"
    assert "frame of person-" in parts["log.txt"]


async def test_long_lines_are_broken_and_the_table_stays_one(paths: Paths) -> None:
    long = Rung(id="tls", name="Subscription of notifications", status=Status.UNKNOWN, evidence="word " * 40)
    command = "python manage.py " + "--an-option " * 12
    cause = Cause(Code.WRONG_PASSWORD, "Wrong. " * 30, "Mend it. " * 30, command)
    found = replace(DIAGNOSIS, rungs=(*DIAGNOSIS.rungs, long), causes=(cause,))
    ladder = dict(preview(replace(material(paths), diagnosis=found)))["ladder.txt"]

    _, _, login, *broken = ladder.splitlines()

    column = login.index("as user-1")
    rows = broken[: broken.index("")]
    assert len(rows) > 2
    assert rows[0].index("word") == column
    assert [len(line) - len(line.lstrip()) for line in rows[1:]] == [column] * len(rows[1:])
    assert f"    {command}".rstrip() in [line.rstrip() for line in broken], "it is copied in one piece"
    assert all(len(line) <= WIDTH for line in broken if command[:20] not in line)
    assert "\n    Wrong." in ladder
    assert ladder.count("\n    Mend it.") > 1


async def test_no_name_and_no_secret_is_in_any_part(paths: Paths) -> None:
    whole = "\n".join(text for _, text in preview(material(paths)))
    assert [each for each in (*NAMES, *SECRETS) if each in whole] == []


async def test_half_a_name_at_the_cut_of_a_long_line_does_not_survive(paths: Paths) -> None:
    paths.log_file.write_text("x" * 990 + " Liza Aquino\n")
    log = dict(preview(material(paths)))["log.txt"]
    assert "Liza" not in log
    assert log.endswith("(cut)\n") or "person-" in log


def test_without_anything_it_says_so(tmp_path: Path) -> None:
    nothing = gather(paths=paths_below(tmp_path), settings=Settings(), diagnosis=None, now=NOW)
    parts = dict(preview(nothing))
    assert parts["ladder.txt"] == "Nothing was checked.\n"
    assert json.loads(parts["ladder.json"]) is None
    assert parts["log.txt"] == "There is no log.\n"
    assert list(tmp_path.iterdir()) == []


async def test_a_log_whose_names_are_not_known_is_left_out(paths: Paths) -> None:
    paths.journal_file.write_bytes(b"no database" * 100)
    log = dict(preview(material(paths)))["log.txt"]
    assert log.startswith("The log is left out, since names in it could not be masked.")
    assert "Liza" not in log


def test_the_log_goes_on_in_the_files_before_and_is_bounded(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("newest\n")
    log.with_name("a.log.1").write_text("older\n")
    log.with_name("a.log.2").write_text("line that is long\n" * LOG_KEPT)
    log.with_name("a.log.3").write_text("too old\n")
    text = recent_log(log)
    assert text.endswith("line that is long\nolder\nnewest\n")
    assert len(text) <= LOG_KEPT
    assert set(text.splitlines()) == {"line that is long", "older", "newest"}


def test_what_is_saved_is_what_was_shown_and_only_its_user_can_read_it(tmp_path: Path) -> None:
    parts = [("about.txt", "Peña\n"), ("log.txt", "")]
    path = tmp_path / suggested_name(NOW)
    assert path.name == "armguard-tray-report-20261124-040000.zip"
    path.write_text("an older one")
    save(path, parts, NOW)
    with zipfile.ZipFile(path) as archive:
        assert [(each, archive.read(each).decode()) for each in archive.namelist()] == parts
        assert archive.testzip() is None
        assert archive.infolist()[0].date_time == (2026, 11, 24, 4, 0, 0)
    assert list(tmp_path.iterdir()) == [path]
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_place_where_nothing_can_be_saved_is_said_and_left_alone(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="The report cannot be saved"):
        save(tmp_path / "missing" / "report.zip", [], NOW)
    taken = tmp_path / "folder.zip"
    taken.mkdir()
    with pytest.raises(UserError, match="The report cannot be saved"):
        save(taken, [("a", "b")], NOW)
    assert list(tmp_path.iterdir()) == [taken]


def test_old_clocks_can_save(tmp_path: Path) -> None:
    save(tmp_path / "a.zip", [("a", "b")], NOW.replace(year=1970))
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.infolist()[0].date_time[0] == 1980


async def test_a_name_in_the_settings_alone_is_masked(paths: Paths) -> None:
    other = replace(material(paths), log="session of armorer1")
    assert dict(preview(other))["log.txt"] == "session of user-1\n"


def test_what_follows_on_a_broken_line_hangs_below_it() -> None:
    line = "    ended 2026-11-24T04:00:00: " + "word " * 20
    first, second = wrapped(line.rstrip()).splitlines()
    assert first.startswith("    ended")
    assert second.startswith("        word")


def test_what_may_be_copied_is_not_broken_within_a_word() -> None:
    fingerprint = ":".join(["A0"] * 40)
    assert fingerprint in wrapped(f"SHA-256 of this server's certificate {fingerprint}", 30)


def test_lines_that_fit_stay_as_they_are() -> None:
    text = "a  table   of columns\n\n  and a line\n"
    assert wrapped(text) == text


def test_the_first_page_fits_the_width(tmp_path: Path) -> None:
    nothing = gather(paths=paths_below(tmp_path), settings=Settings(), diagnosis=None, now=NOW)
    assert max(map(len, dict(preview(nothing))["about.txt"].splitlines())) <= WIDTH
