"""What no server should send: each of it reaches the desk, and none of it ends the stream for good."""

import struct
from collections.abc import Awaitable, Callable

import pytest

from armguard_tray.connection.phase import Phase
from armguard_tray.messages.decoding import MAX_FRAME_BYTES, Decoded, Undecodable
from armguard_tray.messages.streams import Stream
from tests.end_to_end.connection.desk import Desk
from tests.fakes.scripted_server import Peer, ScriptedServer
from tests.unit.messages.frames import HOSTILE, RETURN, TAKE

TRANSACTIONS = Stream.TRANSACTIONS
AT_THE_LIMIT = '{"type": "weather", "x": "' + "x" * (MAX_FRAME_BYTES - 28) + '"}'


def as_text(frame: str | bytes) -> bool:
    """Tell whether a frame can travel as text; a lone surrogate is no UTF-8 and cannot."""
    try:
        frame.encode() if isinstance(frame, str) else None
    except UnicodeEncodeError:
        return False
    return len(frame) <= MAX_FRAME_BYTES


# Those that a WebSocket can carry leave it open.
CARRIED = {name: frame for name, (frame, _) in HOSTILE.items() if as_text(frame)}
CARRIED["1 MiB to the byte"] = AT_THE_LIMIT


@pytest.mark.parametrize("stream", [TRANSACTIONS, Stream.INVENTORY])
async def test_each_is_delivered_and_the_stream_goes_on(server: ScriptedServer, stream: Stream) -> None:
    async with Desk(server.url) as desk:
        peer = await server.peer(stream)
        await desk.sees(stream, Phase.LIVE)
        for frame in CARRIED.values():
            await peer.send(frame)
            await peer.send(TAKE)
        for frame in CARRIED.values():
            assert (await desk.gets(stream)).data == frame
            assert isinstance((await desk.gets(stream)).content, Decoded)
    assert len(server.handshakes(stream)) == 1


Sends = Callable[[Peer], Awaitable[None]]


async def invalid_utf8(peer: Peer) -> None:
    await peer.send_text(b'{"type": "caf\xe9"}')


async def lone_surrogate(peer: Peer) -> None:
    await peer.send('{"type": "\udcff"}')


async def invalid_utf8_after_its_half(peer: Peer) -> None:
    await peer.send_bytes(b"\x01\x02{}" + b"\x80\x02\xff\xff")


async def more_than_a_mebibyte(peer: Peer) -> None:
    await peer.send(AT_THE_LIMIT + " ")


async def a_binary_mebibyte_too_many(peer: Peer) -> None:
    await peer.send(bytes(MAX_FRAME_BYTES + 1))


async def a_length_of_exabytes(peer: Peer) -> None:
    await peer.send_bytes(b"\x81\x7f" + struct.pack("!Q", 2**62))


async def too_many_fragments(peer: Peer) -> None:
    await peer.send_bytes(b"\x01\x01{" + b"\x00\x00" * 5000 + b"\x80\x01}")


async def a_reserved_opcode(peer: Peer) -> None:
    await peer.send_bytes(b"\x83\x00")


async def compressed_without_leave(peer: Peer) -> None:
    await peer.send_bytes(b"\xc1\x00")


async def masked_by_the_server(peer: Peer) -> None:
    await peer.send_bytes(b"\x81\x82\x00\x00\x00\x00{}")


async def a_close_code_that_must_not_be_sent(peer: Peer) -> None:
    await peer.send_bytes(b"\x88\x02" + struct.pack("!H", 1006))


@pytest.mark.parametrize(
    ("sends", "reason", "last_close"),
    [
        (invalid_utf8, "text that is not UTF-8", "1007 invalid text"),
        (lone_surrogate, "text that is not UTF-8", "1007 invalid text"),
        (invalid_utf8_after_its_half, "text that is not UTF-8", "1007 invalid text"),
        (more_than_a_mebibyte, "refused, longer than 1 MiB", "1009 message too big"),
        (a_binary_mebibyte_too_many, "refused, longer than 1 MiB", "1009 message too big"),
        (a_length_of_exabytes, "refused, longer than 1 MiB", "1009 message too big"),
        (too_many_fragments, "too many fragments", "1009 message too big"),
        (a_reserved_opcode, "breaks the WebSocket protocol", "1002 protocol error"),
        (compressed_without_leave, "breaks the WebSocket protocol", "1002 protocol error"),
        (masked_by_the_server, "breaks the WebSocket protocol", "1002 protocol error"),
        (a_close_code_that_must_not_be_sent, "breaks the WebSocket protocol", "1002 protocol error"),
    ],
)
async def test_what_rfc_6455_forbids_is_told_and_the_stream_comes_back(
    server: ScriptedServer, caplog: pytest.LogCaptureFixture, sends: Sends, reason: str, last_close: str
) -> None:
    async with Desk(server.url) as desk:
        await desk.sees(TRANSACTIONS, Phase.LIVE)
        peer = await server.peer(TRANSACTIONS)
        await peer.send(TAKE)
        await sends(peer)

        assert (await desk.gets(TRANSACTIONS)).data == TAKE, "what came before it is delivered first"
        told = await desk.gets(TRANSACTIONS)
        assert isinstance(told.content, Undecodable)
        assert told.content.reason.startswith(reason)

        assert (await desk.sees(TRANSACTIONS, Phase.BACKING_OFF)).last_close == last_close
        await desk.sees(TRANSACTIONS, Phase.LIVE)
        await (await server.peer(TRANSACTIONS)).send(RETURN)
        assert (await desk.gets(TRANSACTIONS)).data == RETURN
    assert "Traceback" not in caplog.text


async def test_the_bytes_of_invalid_text_are_kept_and_what_came_behind_them_too(
    server: ScriptedServer,
) -> None:
    async with Desk(server.url) as desk:
        peer = await server.peer(TRANSACTIONS)
        desk.attentive.clear()
        await peer.send(TAKE)
        await desk.gets(TRANSACTIONS)
        await invalid_utf8(peer)
        await peer.send(RETURN)
        await peer.everything_has_arrived()
        desk.attentive.set()
        assert (await desk.gets(TRANSACTIONS)).data == b'{"type": "caf\xe9"}'
        assert (await desk.gets(TRANSACTIONS)).data == RETURN


async def test_a_welcome_that_cannot_be_read_is_no_proof(server: ScriptedServer) -> None:
    async with Desk(server.url) as desk:
        peer = await server.peer(Stream.INVENTORY)
        await peer.send('{"type": "connection_established", "user_id": "two"}')
        assert isinstance((await desk.gets(Stream.INVENTORY)).content, Undecodable)


async def test_a_flood_of_tiny_frames_and_pings_does_no_harm(server: ScriptedServer) -> None:
    async with Desk(server.url) as desk:
        await desk.sees(TRANSACTIONS, Phase.LIVE)
        peer = await server.peer(TRANSACTIONS)
        await peer.send_bytes(b"\x89\x00" * 1000 + b"\x81\x02{}" * 1000 + b"\x8a\x00" * 1000)
        for _ in range(1000):
            assert (await desk.gets(TRANSACTIONS)).data == "{}"
        await peer.send(RETURN)
        assert (await desk.gets(TRANSACTIONS)).data == RETURN
    assert len(server.handshakes(TRANSACTIONS)) == 1
