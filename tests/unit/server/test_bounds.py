"""No frame is longer than clients take, whatever is announced; one of an ordinary length is untouched."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from armguard_tray.messages.decoding import Undecodable, decode
from armguard_tray.server.bounds import KEPT, LONGEST, MARK, bounded, size
from armguard_tray.server.frames import notification_draft

LOG = {
    "type": "notification",
    "stream": "notifications",
    "id": "0f" * 16,
    "epoch": "e1" * 16,
    "seq": 7,
    "timestamp": "2026-11-24T11:25:26.900538+08:00",
}
SMALL_LIMIT = 2000  # so that ordinary examples reach beyond it

# Some of everything that makes JSON longer than it looks: quotes, control characters, several bytes.
letters = st.text(alphabet='a"\\\n\0é武🔫\ud800', max_size=20)
texts = letters | letters.map(lambda text: text * 60)
things = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
names = st.sampled_from(["title", "message", "level", "data", "transaction", "item_id"]) | texts
others = st.dictionaries(names, things | st.lists(things, max_size=3).map(lambda some: some * 50), max_size=4)


def frame_of(**fields: Any) -> dict[str, Any]:
    return {**LOG, **fields}


@given(others.map(lambda fields: {**fields, **LOG}))
def test_every_frame_is_within_the_limit_and_still_says_which_event_it_is(frame: dict[str, Any]) -> None:
    short = bounded(frame, SMALL_LIMIT)

    as_sent = json.dumps(short, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    assert len(as_sent) <= SMALL_LIMIT
    assert json.loads(as_sent)
    assert {name: short[name] for name in KEPT} == LOG
    if size(frame) <= SMALL_LIMIT:
        assert short == frame
    else:
        assert short["shortened"] is True
        assert short.keys() <= {*frame, "shortened"}
    assert bounded(short, SMALL_LIMIT) == short


@pytest.mark.parametrize("letter", ["a", '"', "\0", "é", "🔫"])
def test_the_longest_text_is_shortened_and_says_so(letter: str) -> None:
    frame = frame_of(title="Recount", message=letter * 2_000_000, level="warning", data={"rack": 3})

    short = bounded(frame)

    assert size(short) <= LONGEST
    assert size(short) > LONGEST // 3
    assert short["message"].endswith(letter + MARK)
    assert {**short, "message": ""} == {**frame, "message": "", "shortened": True}


def test_a_text_deep_inside_is_shortened_where_it_is() -> None:
    taken = {"id": 2, "personnel": "Juan" * 100_000, "item": "M4 - 00077", "item_id": "IR-1"}

    short = bounded(frame_of(transaction=taken))["transaction"]

    assert short == {**taken, "personnel": short["personnel"]}
    assert short["personnel"].endswith(MARK)


def test_a_list_without_end_becomes_null_and_leaves_what_is_beside_it() -> None:
    data = {"transaction_id": 2, "rows": [{"item": "M4", "rounds": 90}] * 100_000}

    short = bounded(frame_of(title="Recount", message="x" * 5_000, data=data))

    expected = {"title": "Recount", "message": "x" * 5_000, "data": {"transaction_id": 2, "rows": None}}
    assert short == frame_of(**expected, shortened=True)


def test_very_many_small_things_become_null_together() -> None:
    data = {str(number): "small" for number in range(100_000)}

    short = bounded(frame_of(title="Recount", message="of all racks", data=data))

    assert short == frame_of(title="Recount", message="of all racks", data=None, shortened=True)


def test_a_frame_at_the_limit_is_untouched_and_one_beyond_it_is_not() -> None:
    room = LONGEST - size(frame_of(message=""))

    assert "shortened" not in bounded(frame_of(message="x" * room))
    assert bounded(frame_of(message="x" * (room + 1)))["shortened"] is True


def test_what_tells_a_frame_from_others_is_never_touched() -> None:
    with pytest.raises(ValueError, match="more than"):
        bounded(frame_of(type="x" * LONGEST))


def test_the_tray_understands_a_shortened_notification() -> None:
    draft = notification_draft("2", "T" * 10**6, "M" * 10**6, "info", {"rows": list(range(10**6))})

    assert not isinstance(decode(json.dumps(bounded({**LOG, **draft.frame}))), Undecodable)
