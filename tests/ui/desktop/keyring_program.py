"""The real keyring, used as the program does: `set` (secret on stdin), `get`, `delete`; answers in JSON."""

import asyncio
import json
import sys

from armguard_tray.desktop.secrets import SecretStore

SERVER, USER = "https://armory.local:8443", "sgt.reyes"


async def run(action: str) -> dict[str, str | None]:
    """Carry out one action and say how secrets are kept here."""
    store = SecretStore()
    secret: str | None = None
    if action == "set":
        await store.set(SERVER, USER, sys.stdin.readline().rstrip("\n"))
    elif action == "get":
        secret = await store.get(SERVER, USER)
    else:
        await store.delete(SERVER, USER)
    availability = await store.availability()
    return {"secret": secret, "keeping": availability.keeping.value, "reason": availability.reason}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(run(sys.argv[1]))))
