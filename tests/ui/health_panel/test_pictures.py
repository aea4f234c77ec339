"""Pictures of the connection in each of its states, to be looked at: tests/artefacts/health_*.png."""

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from armguard_tray.connection.health import Health, health_of
from armguard_tray.connection.live_app import LiveApp
from armguard_tray.ui.health_panel import HealthPanel
from tests.fakes.clock import FakeClock
from tests.fakes.pictures import LOOKS, system_look, take_picture
from tests.fakes.stream_health import MANILA, NOW, broken, healthy, locked_out, mixed

IN_MEMORY = (
    "The channel layer is in memory: what other processes announce is not heard here at once. Where more "
    "than one process runs, Redis is needed."
)
APP = LiveApp("0.1.0", layer="redis", why="it answers at 127.0.0.1:6379")


def of_app(app: LiveApp) -> Health:
    """Return three live streams of a server that has the live app."""
    return health_of([replace(each, app=app) for each in healthy().streams], NOW)


STATES = {
    "healthy": healthy(),
    "broken": broken(),
    "mixed": mixed(),
    "locked_out": locked_out(),
    "with_the_app": of_app(APP),
    "warned": of_app(replace(APP, layer="memory", why="Redis at 127.0.0.1:6379 refuses", warning=IN_MEMORY)),
    "delayed": of_app(replace(APP, real_time=False)),
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
