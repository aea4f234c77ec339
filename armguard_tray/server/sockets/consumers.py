"""Lets a consumer of channels tidy up that failed, or was not done in time.

channels calls a consumer's `disconnect()` only when it is told that the client has gone. One that fails is
just dropped (`channels.consumer.AsyncConsumer.__call__`): it stays in its groups, and nobody is told that its
user has gone. The only one who still knows it then is the traceback.
"""

import asyncio
import logging
import traceback

from channels.consumer import AsyncConsumer
from channels.exceptions import StopConsumer

log = logging.getLogger(__name__)


async def tidy_up(failure: BaseException, seconds: float) -> None:
    """Let the consumer that `failure` came out of, if any, do what it does when its client has gone.

    It may take `seconds`. Not if that is what it failed in.
    """
    consumer = _consumer(failure)
    if consumer is None:
        return
    try:
        async with asyncio.timeout(seconds):
            await consumer.dispatch({"type": "websocket.disconnect", "code": 1011})
    except StopConsumer:
        pass  # how a consumer says that it is done
    except Exception as error:  # noqa: BLE001 - a consumer raises what it likes, and here it is broken anyway
        log.warning("%s did not tidy up: %r", type(consumer).__name__, error)


def _consumer(failure: BaseException) -> AsyncConsumer | None:
    found: AsyncConsumer | None = None
    error: BaseException | None = failure
    while error is not None:
        for frame, _ in traceback.walk_tb(error.__traceback__):
            candidate = frame.f_locals.get("self")
            if isinstance(candidate, AsyncConsumer):
                if frame.f_code.co_name == "websocket_disconnect":
                    return None
                found = candidate
        error = error.__cause__ or error.__context__
    return found
