"""The server's endpoints."""

from armguard_tray.messages.streams import Stream, followed


def test_paths_are_the_servers() -> None:
    assert [stream.path for stream in Stream] == [
        "/ws/notifications/",
        "/ws/transactions/",
        "/ws/inventory/",
        "/ws/presence/",
    ]


def test_only_two_streams_greet() -> None:
    assert {stream for stream in Stream if stream.has_welcome} == {Stream.NOTIFICATIONS, Stream.TRANSACTIONS}


def test_presence_is_for_those_who_ask_because_servers_allow_three_connections() -> None:
    assert len(followed(presence=False)) == 3
    assert Stream.PRESENCE not in followed(presence=False)
    assert set(followed(presence=True)) == set(Stream)
