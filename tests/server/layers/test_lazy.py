"""Settings that name the layer look for nothing; only its first use does."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from armguard_tray.server.layers import BACKEND, channel_layers

SETTINGS = """
from armguard_tray.server.layers import channel_layers

SECRET_KEY = "of the tests"
REDIS_URL = "redis://127.0.0.1:{port}/0"
CHANNEL_LAYERS = channel_layers(look_timeout=0.5)
INSTALLED_APPS = ["channels"]
"""
PROGRAM = """
import sys
import django
from asgiref.sync import async_to_sync
django.setup()
from channels.layers import get_channel_layer
from armguard_tray.server.layers import layer_status
layer = get_channel_layer()
assert layer_status().in_use == "none", layer_status()
loaded = {"redis", "channels_redis"} & set(sys.modules)
assert not loaded, loaded
print("ready", flush=True)
sys.stdin.readline()
async_to_sync(layer.group_send)("group", {"type": "x"})
print(layer_status().in_use, flush=True)
"""


async def test_nothing_is_looked_for_before_the_first_use(tmp_path: Path) -> None:
    looks: list[object] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        looks.append(reader)
        await reader.read()
        writer.close()

    async with await asyncio.start_server(take, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        (tmp_path / "lazy_settings.py").write_text(SETTINGS.format(port=port))
        program = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-c", PROGRAM),
            env={"DJANGO_SETTINGS_MODULE": "lazy_settings", "PYTHONPATH": f"{tmp_path}:{Path.cwd()}"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert program.stdout is not None
        assert await program.stdout.readline() == b"ready\n"
        assert looks == []
        said, _ = await program.communicate(b"\n")
        assert said == b"memory\n"
        assert len(looks) == 1


def test_secrets_in_the_settings_do_not_show() -> None:
    layers = channel_layers(redis_url="redis://:hidden@h", password="hidden")
    assert layers["default"]["BACKEND"] == BACKEND
    assert "hidden" not in repr(layers)
    assert layers["default"]["CONFIG"]["redis_url"] == "redis://:hidden@h"


def test_mistake_is_said_where_it_stands() -> None:
    with pytest.raises(TypeError, match="passwort"):
        channel_layers(passwort="x")
    with pytest.raises(ValueError, match="use must be"):
        channel_layers(use="sometimes")  # type: ignore[arg-type]  # that is the point
