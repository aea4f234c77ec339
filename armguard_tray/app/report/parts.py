"""PURE: the texts of a report, masked: just what is shown before it is saved, and just what is saved."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import msgspec

from armguard_tray.app.report.masking import Masks
from armguard_tray.app.report.material import Material
from armguard_tray.app.report.page_width import wrapped
from armguard_tray.connection.explain import outcome
from armguard_tray.connection.phase import StreamFacts
from armguard_tray.diagnosis.diagnose import as_json
from armguard_tray.diagnosis.ladder import Diagnosis, Rung
from armguard_tray.messages.plain_text import MAX_SHOWN, plain

Part = tuple[str, str]
"""A file of the report: its name, and its text."""

_ABOUT = """\
A report of ArmGuard Tray, made at {made_at}, for whoever looks after the server or
this desk.

  ladder.txt    what works and what does not, and what to do; ladder.json is the same for programs
  history.txt   what the streams did: their state, how connections ended, and the changes of state
                that the log tells of
  versions.txt  what runs here
  settings.json the settings
  log.txt       the end of the program's log

Names of people, accounts, items and their serial numbers are masked, each name alike in all parts:
person-3 is the same person wherever it stands. Words of names stand as name-1 and so on. Passwords,
cookies and tokens are struck out (***). The server's address is not masked: without it nobody could
help. Nothing is sent anywhere: read it, then give it to whom you like.
"""
# The log's lines that tell of states: "transactions: connecting -> live on Opened".
_STATE = re.compile(r"^\S+Z \w+ +armguard_tray\.[\w.]+: .* -> .*$|^.*: (?:logged in|login failed).*$")
_NEVER = "never"
_INDENT = 4


def preview(material: Material) -> list[Part]:
    """Return the parts of the report, as they are to be shown and saved."""
    masks = Masks(material.known)
    # Masked before lines are cut: half a name is a name, too.
    log = list(_lines(masks.mask(material.log)))
    texts = [
        ("about.txt", _ABOUT.format(made_at=material.made_at.isoformat(timespec="seconds"))),
        ("ladder.txt", _joined(_ladder(material.diagnosis, masks))),
        ("ladder.json", _ladder_json(material.diagnosis, masks)),
        ("history.txt", wrapped(masks.mask("\n".join(_streams(material)) + "\n") + _joined(_changes(log)))),
        (
            "versions.txt",
            wrapped(masks.mask("".join(f"{name}: {text}\n" for name, text in material.versions.items()))),
        ),
        ("settings.json", _settings(material, masks)),
        ("log.txt", _joined(log)),
    ]
    return [(name, text.encode("utf-8", "replace").decode()) for name, text in texts]


def _ladder(diagnosis: Diagnosis | None, masks: Masks) -> Iterator[str]:
    """Yield the lines; each is masked before it is broken, as half a name is a name, too."""
    if diagnosis is None:
        yield "Nothing was checked."
        return
    yield wrapped(masks.mask(f"{diagnosis.verdict.upper()}: {diagnosis.headline}"))
    yield ""
    yield from _table([tuple(masks.mask(cell) for cell in _cells(rung)) for rung in diagnosis.rungs])
    for cause in diagnosis.causes:
        yield ""
        yield wrapped(masks.mask(f"[{cause.code}] {cause.text}"))
        yield from (wrapped(f"    {line}", _INDENT) for line in masks.mask(cause.remedy).splitlines())
        # As it is to be copied: in whole lines.
        yield from (f"    {line}" for line in masks.mask(cause.copy).splitlines())


def _cells(rung: Rung) -> tuple[str, str, str]:
    took = "" if rung.ms is None else f"{rung.ms:,.0f} ms"
    since = "" if rung.since is None else f"since {rung.since.isoformat(timespec='seconds')}"
    more = "  ".join(part for part in (took, since, str(rung.code or "")) if part)
    return rung.status, rung.name, f"{rung.evidence}{f'  ({more})' if more else ''}"


def _table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Yield rows whose last column is broken within itself."""
    status, name = (max((len(row[column]) for row in rows), default=0) for column in (0, 1))
    for row in rows:
        line = f"{row[0]:<{status}}  {row[1]:<{name}}  {row[2]}"
        yield wrapped(line.rstrip(), status + name + 4)


def _ladder_json(diagnosis: Diagnosis | None, masks: Masks) -> str:
    return _json(None if diagnosis is None else masks.mask_values(as_json(diagnosis)))


def _settings(material: Material, masks: Masks) -> str:
    settings = material.settings
    # A CA file may lie in any folder; which one is nobody's business.
    ca_file = settings.server.ca_file.replace("\\", "/").rpartition("/")[2]
    shown = replace(settings, server=replace(settings.server, ca_file=ca_file))
    return _json(masks.mask_values(msgspec.to_builtins(shown)))


def _json(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n"


def _streams(material: Material) -> Iterator[str]:
    if not material.streams:
        yield "No connection runs here."
    for facts in material.streams:
        yield from _stream(facts)


def _changes(log: list[str]) -> Iterator[str]:
    yield "Changes of state in the log:"
    yield from [line for line in log if _STATE.match(line)] or ["none"]


def _stream(facts: StreamFacts) -> Iterator[str]:
    yield f"{facts.stream}: {facts.phase} since {facts.since.isoformat(timespec='seconds')}"
    last = _NEVER if facts.last_event is None else facts.last_event.isoformat(timespec="seconds")
    yield f"    events {facts.events}, last {last}, reconnects {facts.reconnects}"
    if facts.round_trip is not None:
        yield f"    round trip {facts.round_trip * 1000:.1f} ms"
    if facts.trouble is not None:
        yield f"    {facts.trouble.summary}. {facts.trouble.remedy}"
    for end in facts.ends:
        yield f"    ended {end.at.isoformat(timespec='seconds')}: {plain(outcome(end.how))}"
    yield ""


def _lines(log: str) -> Iterator[str]:
    for line in log.split("\n"):
        shown = plain(line.rstrip("\r"))
        if shown:
            yield shown if len(line) <= MAX_SHOWN else f"{shown} (cut)"


def _joined(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
