"""The stock demo server with settings that an admin may have got wrong."""

import json
import shlex
import sys
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from armguard_tray.server.demo.process import DemoServer

SETTINGS = "ARMGUARD_ODD_SETTINGS"
_ROOT = Path(__file__).resolve().parents[3]


def odd_demo(
    folder: Path, settings: Mapping[str, Any], **options: Any
) -> AbstractAsyncContextManager[DemoServer]:
    """Start a stock demo server with `settings` over its own; `options` are those of `DemoServer.start`.

    What starts it is a script in `folder` in the interpreter's place: the demo's own command takes no
    settings.
    """
    interpreter = folder / "python-of-the-odd-demo"
    lines = [
        "#!/bin/sh",
        f"cd {shlex.quote(str(_ROOT))}",
        f"export {SETTINGS}={shlex.quote(json.dumps(dict(settings)))}",
        "shift 2  # -m and the demo's own module",
        f'exec {shlex.quote(sys.executable)} -m tests.fakes.odd_demo "$@"',
    ]
    interpreter.write_text("\n".join([*lines, ""]))
    interpreter.chmod(0o700)
    return DemoServer.start(python=str(interpreter), **options)


def redis_layer(url: str, **config: Any) -> dict[str, Any]:
    """Return the settings of a channel layer in Redis as `channels_redis` documents them."""
    backend = "channels_redis.core.RedisChannelLayer"
    return {
        "CHANNEL_LAYERS": {
            "default": {
                "BACKEND": backend,
                "CONFIG": {"hosts": [url], "prefix": "armguard:", "group_expiry": 86400, **config},
            }
        }
    }
