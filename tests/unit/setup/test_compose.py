"""The Redis that Docker is to run."""

import re

from server_setup import compose

REDIS = compose.RedisInDocker(6380)


def test_each_redis_has_a_password_of_its_own() -> None:
    other = compose.RedisInDocker(6380)
    assert len(REDIS.password) > 30
    assert REDIS.password != other.password
    assert REDIS.password not in repr(REDIS)


def test_the_password_stands_only_in_the_file_with_the_secrets() -> None:
    assert REDIS.password not in compose.compose_text(REDIS)
    assert f"REDIS_PASSWORD={REDIS.password}\n" in compose.secrets_text(REDIS)
    assert f"REDIS_URL=redis://:{REDIS.password}@127.0.0.1:6380/0\n" in compose.secrets_text(REDIS)


def test_what_compose_is_told() -> None:
    text = compose.compose_text(REDIS)
    assert "\t" not in text
    assert "image: redis:7-alpine\n" in text
    assert "restart: unless-stopped\n" in text
    assert f"env_file: {compose.SECRETS_FILE}\n" in text
    assert re.findall(r'^ {6}- "(.*)"$', text, re.MULTILINE) == ["127.0.0.1:6380:6379"], "this machine only"
    assert "      - data:/data\n" in text
    assert text.endswith("volumes:\n  data:\n"), "a volume with a name outlives its container"
    assert "--appendonly yes" in text
    assert "redis-cli ping" in text


def test_compose_itself_fills_in_nothing() -> None:
    """A single $ would be compose's own variable, taken from the shell that calls it."""
    assert re.findall(r"(?<!\$)\$(?!\$)", compose.compose_text(REDIS)) == []


def test_an_earlier_runs_redis_is_read_back() -> None:
    assert compose.read_back(compose.compose_text(REDIS), compose.secrets_text(REDIS)) == REDIS
    assert compose.read_back("services: {}", "") is None
