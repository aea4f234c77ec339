"""Pictures of the connection in each of its states, to be looked at: tests/artefacts/health_*.png."""

import pytest
from pytestqt.qtbot import QtBot

from armguard_tray.connection.health import health_of
from armguard_tray.ui.health_panel import HealthPanel
from tests.fakes.clock import FakeClock
from tests.fakes.pictures import LOOKS, system_look, take_picture
from tests.fakes.stream_health import MANILA, NOW, broken, healthy, locked_out, mixed

STATES = {
    "healthy": healthy(),
    "broken": broken(),
    "mixed": mixed(),
    "locked_out": locked_out(),
    "not_set_up": health_of([], NOW),
    "unknown": None,
}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", STATES)
async def test_each_state(qtbot: QtBot, name: str, look: str) -> None:
    with system_look(look):
        panel = HealthPanel(FakeClock(NOW), MANILA)
        qtbot.addWidget(panel)
        panel.setContentsMargins(12, 12, 12, 12)
        health = STATES[name]
        if health is not None:
            panel.show_health(health)
        panel.resize(600, panel.sizeHint().height())
        panel.show()
        await take_picture(panel, f"health_{name}_{look}")
