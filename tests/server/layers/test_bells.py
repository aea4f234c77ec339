"""What a process that hears the doorbell does with Redis while that is frozen."""

import pytest

from armguard_tray.server.doorbell import GROUP
from tests.fakes.redis_server import ControlledRedis
from tests.server.layers.layer import members, until
from tests.server.layers.program import other_process, said


@pytest.mark.parametrize("deed", ["join_again", "tell_replaced"])
async def test_frozen_redis_is_given_up_by_the_first_who_waits_for_it(
    server: ControlledRedis, deed: str
) -> None:
    """In service the time that is allowed equals the layer's, which must be reached first all the same."""
    async with other_process(server.url, deed, module="tests.server.layers.hearing_program") as hearing:

        async def has_joined() -> bool:
            return bool(await members(server, GROUP))

        await until(has_joined)
        server.freeze()
        assert hearing.stdin is not None
        hearing.stdin.write(b"now\n")
        assert await said(hearing) == "memory"
        server.thaw()
