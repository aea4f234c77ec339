"""Every frame is understood or set aside; none raises."""

import json

import pytest
from hypothesis import given, settings

from armguard_tray.messages import wire
from armguard_tray.messages.decoding import UNDECODABLE, Decoded, Undecodable, decode
from armguard_tray.messages.position import Position
from tests.unit.messages import frames


def test_a_transaction_is_read_field_by_field() -> None:
    message = decode(frames.TAKE)

    assert isinstance(message, Decoded)
    assert message.kind == "transaction_created"
    assert isinstance(message.frame, wire.TransactionCreated)
    assert message.frame.transaction == wire.Transaction(
        id=2,
        action="Take",
        personnel="Juan Dela Cruz",
        personnel_id="PE-901234241126",
        item="M4 - 00077",
        item_id="IR-00077241126",
        duty_type="Guard Duty",
        issued_by="armorer1",
        mags=3,
        rounds=90,
    )


def test_a_return_has_fewer_fields() -> None:
    message = decode(frames.RETURN)

    assert isinstance(message, Decoded)
    assert isinstance(message.frame, wire.TransactionReturned)
    assert message.frame.transaction.mags is None


@pytest.mark.parametrize("kind", sorted(wire.TYPES))
def test_every_kind_has_an_example_that_is_read(kind: str) -> None:
    controls = (frames.WELCOME, frames.PONG, frames.SERVER_ERROR, frames.HELLO, frames.POSITION)
    examples = (*frames.USUAL, *controls, frames.GAP)
    example = next(each for each in examples if json.loads(each)["type"] == kind)

    assert isinstance(decode(example), Decoded)


def test_a_frame_of_the_live_app_has_a_place_in_its_log() -> None:
    message = decode(frames.logged(frames.STATUS, 7, stream="inventory"))

    assert isinstance(message, Decoded)
    assert (message.stream, message.position) == ("inventory", Position("e1", 7))
    assert isinstance(message.frame, wire.InventoryUpdated)


@pytest.mark.parametrize(
    "place",
    [
        '"epoch": "e1"',
        '"seq": 7',
        '"epoch": "", "seq": 7',
        '"epoch": 1, "seq": 7',
        f'"epoch": "{"e" * 65}", "seq": 7',
        '"epoch": "e1", "seq": -1',
        '"epoch": "e1", "seq": 7.5',
        '"epoch": "e1", "seq": true',
        '"epoch": "e1", "seq": 9223372036854775808',
        '"epoch": {"a": [1]}, "seq": {"b": 2}, "stream": 3',
    ],
)
def test_what_is_no_place_is_an_unknown_field_like_any(place: str) -> None:
    message = decode(frames.TAKE.replace('"timestamp"', f'{place}, "timestamp"'))

    assert isinstance(message, Decoded)
    assert (message.stream, message.position) == (None, None)


def test_a_gap_need_not_know_what_is_missing() -> None:
    message = decode('{"type": "gap", "epoch": "e2", "from": null, "to": null, "reason": "epoch"}')

    assert isinstance(message, Decoded)
    assert message.frame == wire.Gap("e2", None, None, "epoch")


def test_an_unknown_type_is_kept_under_its_own_name() -> None:
    assert decode('{"type": "weather", "rain": true}') == Decoded("weather", wire.Unknown("weather"))


@pytest.mark.parametrize("name", sorted(frames.HOSTILE))
def test_hostile_frames(name: str) -> None:
    data, kind = frames.HOSTILE[name]

    message = decode(data)

    # "a date that UTC has not" is well-formed: it is set aside later, where the zone is known.
    readable = kind != UNDECODABLE or name in {"a type of the other sort", "a date that UTC has not"}
    assert isinstance(message, Decoded) is readable
    if isinstance(message, Undecodable):
        assert message.reason


@settings(deadline=None)
@given(frames.any_frames())
def test_nothing_raises(data: str | bytes) -> None:
    assert isinstance(decode(data), Decoded | Undecodable)


@settings(deadline=None)
@given(frames.sound_frames())
def test_what_follows_the_contract_is_read(data: str) -> None:
    assert isinstance(decode(data), Decoded)
