"""Balloons of the tray icon, with an icon that stands in for one in the older kind of tray."""

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QSystemTrayIcon

from armguard_tray.desktop.toast import Toast, ToastAdapterFailed, ToastKey
from armguard_tray.desktop.toast.qt_tray import QtTrayAdapter

ISSUED = Toast("row 7", "M4 - 00077 issued", "José <B>X</B> Peña")


class Icon(QSystemTrayIcon):
    """An icon with a place on the screen, that keeps its balloons."""

    def __init__(self, *, visible: bool = True, geometry: QRect | None = None) -> None:
        super().__init__()
        self.balloons: list[tuple[str, str]] = []
        self._visible = visible
        self._geometry = QRect(0, 0, 22, 22) if geometry is None else geometry

    def isVisible(self) -> bool:  # noqa: N802 - Qt's name
        return self._visible

    def geometry(self) -> QRect:
        return self._geometry

    @staticmethod
    def supportsMessages() -> bool:  # noqa: N802 - Qt's name
        return True

    def showMessage(self, title: str, body: str, *_: object) -> None:  # noqa: N802 - as above
        self.balloons.append((title, body))


class Listener:
    """Keeps the clicks."""

    def __init__(self) -> None:
        self.clicked: list[ToastKey] = []

    def toast_activated(self, key: ToastKey) -> None:
        self.clicked.append(key)

    def adapter_available(self, name: str) -> None:
        raise AssertionError(name)


@pytest.mark.usefixtures("qapp")
async def test_a_click_on_the_balloon_names_the_last_toast() -> None:
    icon, listener = Icon(), Listener()
    adapter = QtTrayAdapter(lambda: icon)
    await adapter.open(listener)
    await adapter.show(Toast("row 6", "M4 - 00076 issued", ""))
    await adapter.show(ISSUED)
    icon.messageClicked.emit()
    assert icon.balloons[-1] == (ISSUED.title, ISSUED.body)
    assert listener.clicked == ["row 7"]
    await adapter.close()
    icon.messageClicked.emit()
    assert listener.clicked == ["row 7"]


@pytest.mark.usefixtures("qapp")
async def test_a_new_icon_takes_over() -> None:
    icons, listener = [Icon(), Icon()], Listener()
    adapter = QtTrayAdapter(lambda: icons[0])
    await adapter.open(listener)
    await adapter.show(ISSUED)
    old = icons.pop(0)
    await adapter.show(ISSUED)
    assert len(icons[0].balloons) == 1
    icons[0].messageClicked.emit()
    old.messageClicked.emit()
    assert listener.clicked == ["row 7"]


@pytest.mark.usefixtures("qapp")
async def test_an_icon_that_cannot_help_is_refused() -> None:
    with pytest.raises(ToastAdapterFailed, match="no tray icon"):
        await QtTrayAdapter(lambda: None).open(Listener())
    with pytest.raises(ToastAdapterFailed, match="no tray icon"):
        await QtTrayAdapter(lambda: Icon(visible=False)).open(Listener())


@pytest.mark.usefixtures("qapp")
async def test_an_icon_whose_messages_go_to_the_notification_service_is_refused() -> None:
    with pytest.raises(ToastAdapterFailed, match="notification service"):
        await QtTrayAdapter(lambda: Icon(geometry=QRect())).open(Listener())


@pytest.mark.usefixtures("qapp")
async def test_a_balloon_cannot_be_withdrawn_and_goes_by_itself(caplog: pytest.LogCaptureFixture) -> None:
    icon, listener = Icon(), Listener()
    adapter = QtTrayAdapter(lambda: icon)
    await adapter.withdraw("trouble")
    await adapter.open(listener)
    await adapter.show(Toast("trouble", "ArmGuard needs you", ""))
    caplog.set_level("DEBUG")
    await adapter.withdraw("trouble")
    assert caplog.messages == ["the balloon 'trouble' stays until it goes by itself: Qt cannot take it back"]
    assert caplog.records[0].levelname == "DEBUG"
    icon.messageClicked.emit()
    assert listener.clicked == ["trouble"], "it can still be clicked"
