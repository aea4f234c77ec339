"""What the parts of the site are given, without starting them."""

import pytest

from armguard_tray.server.checks.versions import version_faults
from tests.faults.site import KINDS, Kind, expiring_layer

REDIS_PY_8 = {"redis": "8.0.0", "channels-redis": "4.3.0"}


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_the_layer_that_forgets_memberships_closes_no_idle_sockets(kind: Kind) -> None:
    layers = expiring_layer(kind, "redis://127.0.0.1:6379/0", group_expiry=4)["CHANNEL_LAYERS"]

    assert layers["default"]["CONFIG"]["group_expiry"] == 4
    assert version_faults(REDIS_PY_8, layers) == []
