"""What a window still waits for when its test ends, as its fixtures are taken down."""

from PySide6.QtCore import QTimer
from pytestqt import plugin

from tests.fakes.signals import Recorder, emitted


async def test_a_timer_that_is_over_between_a_test_and_its_fixtures_waits_for_a_loop() -> None:
    timer = QTimer()
    timer.setSingleShot(True)
    over = Recorder(timer.timeout)
    timer.start(0)

    plugin._process_events()  # type: ignore[no-untyped-call]  # as pytest-qt does then, and leaves it bare

    assert over.calls == []
    await emitted(timer.timeout)
