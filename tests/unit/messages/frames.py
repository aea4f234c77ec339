"""Frames as the server sends them, and as it never should."""

import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from armguard_tray.messages import wire
from armguard_tray.messages.event import Received
from armguard_tray.messages.streams import Stream

AT = datetime(2026, 11, 24, 3, 25, 27, tzinfo=UTC)

TAKE = (
    '{"type": "transaction_created", "transaction": {"id": 2, "action": "Take",'
    ' "personnel": "Juan Dela Cruz", "personnel_id": "PE-901234241126", "item": "M4 - 00077",'
    ' "item_id": "IR-00077241126",'
    ' "duty_type": "Guard Duty", "issued_by": "armorer1", "mags": 3, "rounds": 90},'
    ' "timestamp": "2026-11-24T11:25:26.899686"}'
)
RETURN = (
    '{"type": "transaction_returned", "transaction": {"id": 3, "action": "Return",'
    ' "personnel": "Juan Dela Cruz", "item": "M4 - 00077", "issued_by": "armorer1"},'
    ' "timestamp": "2026-11-24T11:25:27.425490"}'
)
STATUS = (
    '{"type": "inventory_updated", "item_id": "IR-00177241126", "status": "Maintenance",'
    ' "previous_status": "Available", "timestamp": "2026-11-24T11:25:27.945805"}'
)
NOTICE = (
    '{"type": "notification", "title": "Transaction Created",'
    ' "message": "✓ M4 - 00077 issued to Juan Dela Cruz", "level": "success",'
    ' "timestamp": "2026-11-24T11:25:26.900538", "data": {"transaction_id": 2}}'
)
ONLINE = '{"type": "user_online", "user_id": 2, "username": "armorer1"}'
OFFLINE = '{"type": "user_offline", "user_id": 2, "username": "armorer1"}'
WELCOME = '{"type": "connection_established", "message": "Connected to notification stream", "user_id": 2}'
PONG = '{"type": "pong", "timestamp": 123}'
SERVER_ERROR = '{"type": "error", "message": "Invalid JSON format"}'
HELLO = (
    '{"type": "hello", "resume": 1, "epoch": "e1", "head": 9, "oldest": 4, "limit": 3, "retry_ms": 2000,'
    ' "server_time": "2026-11-24T11:25:26.899686+08:00", "position": 7,'
    ' "layer": {"in_use": "redis", "why": "it answers", "warning": null}}'
)
GAP = '{"type": "gap", "epoch": "e1", "from": 3, "to": 23, "reason": "trimmed"}'
POSITION = '{"type": "position", "epoch": "e1", "seq": 9, "server_time": "2026-11-24T11:25:26.899686+08:00"}'

USUAL = (TAKE, RETURN, STATUS, NOTICE, ONLINE, OFFLINE)

# Name -> (frame, the kind under which it is kept).
HOSTILE: dict[str, tuple[str | bytes, str]] = {
    "nothing": ("", "undecodable"),
    "not JSON": ("<html>502 Bad Gateway</html>", "undecodable"),
    "cut off": (TAKE[:100], "undecodable"),
    "a list": ("[]", "undecodable"),
    "no type": ("{}", "undecodable"),
    "a number as type": ('{"type": 7}', "undecodable"),
    "wrong types": (TAKE.replace('"id": 2', '"id": "two"'), "undecodable"),
    "null where a value should be": (TAKE.replace('"Juan Dela Cruz"', "null"), "undecodable"),
    "null as the transaction": ('{"type": "transaction_created", "transaction": null}', "undecodable"),
    "a field missing": ('{"type": "transaction_created", "timestamp": "2026-11-24T11:25:26"}', "undecodable"),
    "an unknown type": ('{"type": "weather", "rain": true}', "weather"),
    "a type of the other sort": ('{"type": "undecodable"}', "undecodable"),
    "an unknown field": (
        TAKE.replace('"mags": 3', '"mags": 3, "scope": [1, {"x": 2}]'),
        "transaction_created",
    ),
    "deep nesting": ('{"type": "x", "a": ' + "[" * 100_000 + "]" * 100_000 + "}", "undecodable"),
    "deep nesting in a known field": (
        NOTICE.replace('{"transaction_id": 2}', '{"a": ' + "[" * 100_000 + "]" * 100_000 + "}"),
        "undecodable",
    ),
    "an id beyond 64 bits": (TAKE.replace('"id": 2', '"id": 9223372036854775808'), "undecodable"),
    "the greatest id": (TAKE.replace('"id": 2', '"id": 9223372036854775807'), "transaction_created"),
    "a number of 5,000 digits": (TAKE.replace('"mags": 3', '"mags": ' + "9" * 5000), "undecodable"),
    "a huge number in free data": (NOTICE.replace('_id": 2', '_id": ' + "9" * 5000), "notification"),
    "an infinite number": (TAKE.replace('"mags": 3', '"mags": 1e999'), "undecodable"),
    "NaN": (TAKE.replace('"mags": 3', '"mags": NaN'), "undecodable"),
    "NaN in an unknown field": ('{"type": "x", "a": NaN}', "undecodable"),
    "a name of 1 MiB": (TAKE.replace("Juan", "J" * ((1 << 20) - len(TAKE))), "transaction_created"),
    "a type of 1 MiB": ('{"type": "' + "x" * ((1 << 20) - 20) + '"}', "x" * 999 + "…"),
    "more than 1 MiB": ('{"type": "x", "a": "' + "x" * (1 << 20) + '"}', "undecodable"),
    "binary": (b"\x00\xff\xfe", "undecodable"),
    "binary JSON": (TAKE.encode(), "undecodable"),
    "a lone surrogate, escaped": (TAKE.replace("Juan", "\\ud800"), "undecodable"),
    "a lone surrogate, bare": (TAKE.replace("Juan", "\ud800"), "undecodable"),
    "NUL in a name": (TAKE.replace("Juan", "\\u0000Juan"), "transaction_created"),
    "HTML in a name": (TAKE.replace("Juan", "<b>X</b>"), "transaction_created"),
    "a name that turns the text round": (TAKE.replace("Juan", "\\u202enauJ"), "transaction_created"),
    "an escape sequence": (TAKE.replace("Juan", "\\u001b[31m"), "transaction_created"),
    "not a date": (TAKE.replace("2026-11-24T", "2026-13-45T"), "undecodable"),
    "a date that UTC has not": (
        TAKE.replace("2026-11-24T11:25:26.899686", "0001-01-01T00:00:00+08:00"),
        "undecodable",
    ),
    "the last year": (TAKE.replace("2026-11-24T", "9999-12-31T"), "transaction_created"),
    "SQL in a name": (TAKE.replace("Juan", "'); DROP TABLE event; --"), "transaction_created"),
}


def received(data: str | bytes, stream: Stream = Stream.TRANSACTIONS, at: datetime = AT) -> Received:
    """Return a frame as the socket delivers it."""
    return Received.of(stream, data, at)


def logged(frame: str, seq: int, *, stream: str = "transactions", epoch: str = "e1") -> str:
    """Return a frame as the live app sends it, from its event log."""
    content = json.loads(frame)
    place = {"stream": stream, "id": f"{epoch}-{seq}", "epoch": epoch, "seq": seq}
    return json.dumps({**content, **place, "timestamp": f"{content['timestamp']}+08:00"})


def take(number: int, *, item: str = "M4 - 00077", person: str = "Juan Dela Cruz") -> str:
    """Return the announcement that a weapon was issued."""
    frame: dict[str, Any] = json.loads(TAKE)
    frame["transaction"] |= {"id": number, "item": item, "personnel": person}
    return json.dumps(frame)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
_timestamps = st.datetimes().map(datetime.isoformat) | st.text(max_size=20)
_numbers = st.integers() | st.none()
_texts = st.text(max_size=40)
_fields = st.fixed_dictionaries(
    {},
    optional={
        "message": _texts | _json,
        "title": _texts,
        "level": st.sampled_from(["info", "success", "warning", "error", "dire"]) | _json,
        "timestamp": _timestamps,
        "data": st.dictionaries(st.sampled_from(["transaction_id", "x"]), _json, max_size=2) | _json,
        "user_id": _numbers,
        "username": _texts,
        "item_id": _texts | _json,
        "status": _texts,
        "previous_status": _texts | st.none(),
        "transaction": st.fixed_dictionaries(
            {"id": _numbers, "action": st.sampled_from(["Take", "Return", "Steal"]) | _texts},
            optional={
                "personnel": _texts,
                "item": _texts,
                "mags": _numbers,
                "rounds": _numbers,
                "duty_type": _texts,
            },
        )
        | _json,
    },
)
_known = st.builds(
    lambda kind, fields: json.dumps({"type": kind, **fields}, ensure_ascii=False),
    st.sampled_from(sorted(wire.TYPES)),
    _fields,
)


@st.composite
def sound_frames(draw: st.DrawFn) -> str:
    """Return frames of known kinds that can be read, with any text and number that the server may send."""
    texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
    maybe = texts | st.none()
    stamp = draw(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1))).isoformat()  # noqa: DTZ001 - as sent
    counts = st.integers(-(2**63), 2**63 - 1) | st.none()
    transaction = {
        "id": draw(st.integers(0, 2**63 - 1)),
        "action": draw(st.sampled_from(["Take", "Return", "return"]) | texts),
        "personnel": draw(texts),
        "item": draw(texts),
        "personnel_id": draw(maybe),
        "item_id": draw(maybe),
        "duty_type": draw(maybe),
        "issued_by": draw(maybe),
        "mags": draw(counts),
        "rounds": draw(counts),
    }
    frame = draw(
        st.sampled_from(
            [
                {"type": "transaction_created", "transaction": transaction, "timestamp": stamp},
                {"type": "transaction_returned", "transaction": transaction, "timestamp": stamp},
                {
                    "type": "inventory_updated",
                    "item_id": draw(texts),
                    "status": draw(texts),
                    "timestamp": stamp,
                },
                {"type": "notification", "title": draw(texts), "message": draw(texts), "timestamp": stamp},
                {"type": "user_online", "user_id": 1, "username": draw(texts)},
                {"type": draw(texts.filter(lambda kind: kind not in wire.TYPES))},
            ]
        )
    )
    return json.dumps(frame, ensure_ascii=draw(st.booleans()))


def any_frames() -> st.SearchStrategy[str | bytes]:
    """Return anything that a socket can deliver."""
    # Of its own, st.text() leaves surrogates out; a str in Python can hold them.
    anything = st.text(st.characters(exclude_categories=[]))
    return st.one_of(anything, st.binary(), _json.map(json.dumps), _known, sound_frames())
