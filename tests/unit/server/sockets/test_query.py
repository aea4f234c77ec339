"""What may stand in the address of `/ws/live/`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from armguard_tray.messages.streams import Stream
from armguard_tray.server.sockets.query import STREAMS, BadQueryError, LiveQuery, read_query


def test_a_client_that_resumes() -> None:
    asked = read_query(b"streams=transactions,inventory&resume=1&epoch=e1&since=17&client=desk-7&acks=1")
    assert asked == LiveQuery(
        frozenset({Stream.TRANSACTIONS, Stream.INVENTORY}), epoch="e1", since=17, client="desk-7", acks=True
    )


def test_a_client_that_asks_for_nothing_gets_what_comes_of_all_streams() -> None:
    assert read_query(b"") == LiveQuery(frozenset(STREAMS))


@pytest.mark.parametrize(
    "query",
    [
        b"resume=1",
        b"resume=1&epoch=e1",
        b"resume=1&since=5",
        b"epoch=e1&since=5",
        b"resume=0&epoch=e1&since=5",
    ],
)
def test_who_does_not_say_all_of_where_it_was_does_not_resume(query: bytes) -> None:
    asked = read_query(query)
    assert (asked.epoch, asked.since) == (None, None)


def test_what_a_later_client_may_add_is_passed_over() -> None:
    assert read_query(b"compress=zstd&streams=inventory").streams == {Stream.INVENTORY}


@pytest.mark.parametrize(
    "query",
    [
        b"streams=presence",
        b"streams=transactions,weather",
        b"streams=",
        b"streams=,",
        b"since=-1&epoch=e1&resume=1",
        b"since=1e3",
        b"since=0x10",
        b"since=" + b"9" * 19,
        b"since=%D9%A1",  # a digit to int(), but not of ours
        b"epoch=" + b"e" * 65,
        b"epoch=%00",
        b"client=a%20b",
        b"client=%0Aforged",
        b"acks=yes",
        b"resume=2",
        b"&".join(b"a=1" for _ in range(21)),
        "streams=ñ".encode("latin-1"),
    ],
)
def test_what_cannot_be_is_refused(query: bytes) -> None:
    with pytest.raises(BadQueryError):
        read_query(query)


@given(st.binary(max_size=200))
def test_nothing_else_is_ever_raised(query: bytes) -> None:
    try:
        asked = read_query(query)
    except BadQueryError:
        return
    assert asked.streams <= set(STREAMS)
