"""Addresses are checked before anything is sent."""

import pytest

from armguard_tray.redis_probe.probe import look


@pytest.mark.parametrize(
    "address", ["", "http://127.0.0.1", "redis://:secret@127.0.0.1", "redis://host:port"]
)
async def test_an_address_the_settings_refuse_is_not_looked_at(address: str) -> None:
    with pytest.raises(ValueError, match="address"):
        await look(address)
