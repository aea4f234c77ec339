"""What a client is told when its connection is ended."""

import json

import pytest

from armguard_tray.server.sockets.codes import REASON_LIMIT, Code, Ending, complaint, too_many_connections


def test_frame_and_reason_say_the_same() -> None:
    ending = too_many_connections(3)
    expected = {"code": 4030, "message": "no more than 3 connections a user"}
    assert json.loads(ending.frame) == {"type": "error", **expected}
    assert json.loads(ending.reason) == expected


@pytest.mark.parametrize("message", ["x" * 500, "ñ" * 500, '"' * 500, "\x00" * 500])
def test_a_reason_always_fits_into_a_close_frame(message: str) -> None:
    reason = Ending(Code.SERVER_ERROR, message).reason
    assert len(reason.encode()) <= REASON_LIMIT
    cut = json.loads(reason)["message"]
    assert cut
    assert message.startswith(cut)


def test_a_complaint_has_no_code() -> None:
    assert json.loads(complaint("what?")) == {"type": "error", "message": "what?"}
