"""The floor of a broadcast: a channels consumer that passes on what its group is sent, in a bare daphne."""

import json
import sys
from typing import Any

from daphne.server import Server  # type: ignore[import-untyped] # daphne ships no types  # isort: skip
from django.conf import settings
from twisted.internet import reactor

from tests.benchmarks.programs.telling import tell

GROUP = "bare"


def configure(redis_url: str) -> None:
    """Set Django up with nothing but the channel layer."""
    host = {"address": redis_url, "socket_timeout": 15}
    settings.configure(
        CHANNEL_LAYERS={
            "default": {
                "BACKEND": "channels_redis.core.RedisChannelLayer",
                "CONFIG": {
                    "hosts": [host],
                    "capacity": 300,
                    "symmetric_encryption_keys": ["as the app does"],
                },
            }
        }
    )


def main() -> None:
    """Serve until ended."""
    configure(sys.argv[1])
    from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: PLC0415 - needs the settings

    class Bare(AsyncWebsocketConsumer):
        """Joins the group and passes on."""

        async def connect(self) -> None:
            await self.channel_layer.group_add(GROUP, self.channel_name)
            await self.accept()
            await self.send(text_data="{}")

        async def bare_published(self, event: dict[str, Any]) -> None:
            """Pass it on."""
            await self.send(text_data=json.dumps(event["frame"]))

    server = Server(application=Bare.as_asgi(), endpoints=["tcp:port=0:interface=127.0.0.1"])

    def started() -> None:
        host, port = server.listening_addresses[0]
        tell(url=f"http://{host}:{port}")

    reactor.callWhenRunning(started)
    server.run()


if __name__ == "__main__":
    main()
