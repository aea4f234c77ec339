"""A Redis in Docker for this server: with a password, and with its data kept. Pure."""

import re
import secrets
from dataclasses import dataclass, field
from typing import Final

COMPOSE_FILE: Final = "compose.redis.yaml"
SECRETS_FOLDER: Final = ".armguard-live-redis"
SECRETS_FILE: Final = f"{SECRETS_FOLDER}/redis.env"
IGNORE_FILE: Final = f"{SECRETS_FOLDER}/.gitignore"
WRITTEN_BY_US: Final = "# Written by setup_websockets.py"

# The password comes through standard input: as an argument it would stand in the list of processes.
# docker-entrypoint.sh is the image's own; it gives up root.
COMPOSE_TEXT: Final = """\
# Written by setup_websockets.py: a Redis for ArmGuard's real time, for this machine only.
#     docker compose -f compose.redis.yaml up -d       start
#     docker compose -f compose.redis.yaml down        stop; the data stays in the volume
name: armguard-live-redis
services:
  redis:
    image: redis:7-alpine
    restart: unless-stopped
    env_file: .armguard-live-redis/redis.env
    command:
      - sh
      - -c
      - |
        exec docker-entrypoint.sh redis-server - --appendonly yes <<END
        requirepass $$REDIS_PASSWORD
        END
    ports:
      - "127.0.0.1:{port}:6379"
    volumes:
      - data:/data
    healthcheck:
      test: ["CMD-SHELL", "REDISCLI_AUTH=$$REDIS_PASSWORD redis-cli ping | grep -q PONG"]
      interval: 10s
      timeout: 3s
      retries: 3
      start_period: 30s
volumes:
  data:
"""


@dataclass(frozen=True, slots=True)
class RedisInDocker:
    """A Redis to be: where it listens on this machine, and its password."""

    port: int
    password: str = field(repr=False, default_factory=lambda: secrets.token_urlsafe(32))

    @property
    def url(self) -> str:
        """For REDIS_URL. Holds the password."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"


def compose_text(redis: RedisInDocker) -> str:
    """Return compose.redis.yaml."""
    return COMPOSE_TEXT.format(port=redis.port)


def secrets_text(redis: RedisInDocker) -> str:
    """Return the file with the password: for the container, and for services without a .env."""
    return (
        f"{WRITTEN_BY_US}: the password of the Redis in {COMPOSE_FILE}. Keep it to yourself.\n"
        f"REDIS_PASSWORD={redis.password}\n"
        f"REDIS_URL={redis.url}\n"
    )


def up_command() -> list[str]:
    """Return the command that starts it and waits until it is well."""
    return ["docker", "compose", "-f", COMPOSE_FILE, "up", "-d", "--wait"]


def down_command() -> list[str]:
    """Return the command that stops it; its data stays."""
    return ["docker", "compose", "-f", COMPOSE_FILE, "down"]


def read_back(compose: str, secret: str) -> RedisInDocker | None:
    """Return what the two files say that an earlier run wrote; None where that cannot be told."""
    port = re.search(r'"127\.0\.0\.1:(\d+):6379"', compose)
    password = re.search(r"^REDIS_PASSWORD=(\S+)$", secret, re.MULTILINE)
    return RedisInDocker(int(port[1]), password[1]) if port and password else None
