"""Toasts through the desktop's notification service, without ever waiting for it in the UI thread.

https://specifications.freedesktop.org/notification-spec/latest/protocol.html
QSystemTrayIcon.showMessage would block until the service has answered, and offers no buttons.
"""

import logging
from collections import OrderedDict
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from dbus_fast import Variant

from armguard_tray.desktop.session_bus import SessionBus, SessionBusError, SignalRule
from armguard_tray.desktop.toast.adapter import ToastAdapterFailed, ToastListener
from armguard_tray.desktop.toast.model import HelpKey, Picture, Toast, ToastKey, Urgency
from armguard_tray.desktop.toast.text import as_markup, body_text, title_text

log = logging.getLogger(__name__)

SERVICE = "org.freedesktop.Notifications"
PATH = "/org/freedesktop/Notifications"
REMEMBERED = 100
_ACTIONS = ("default", "show")
_ARGUMENTS = 2  # of ActionInvoked and NotificationClosed
_EXPIRED = 1  # reason of NotificationClosed
_SERVICE_DECIDES, _NEVER = -1, 0  # expire_timeout


class LinuxDBusAdapter:
    """Shows toasts through org.freedesktop.Notifications.

    Attributes:
        remembered: how many toasts a click can still be told of; never more than `REMEMBERED`, the latest
            and those that can be withdrawn.

    """

    name = "notification service"

    def __init__(
        self,
        bus: SessionBus,
        *,
        app_name: str = "ArmGuard Tray",
        app_icon: str = "armguard-tray",
        pictures: Mapping[Picture, str] = MappingProxyType({}),
    ) -> None:
        """Use `bus`, which stays the caller's to close.

        An icon is its name or a file: URL; `app_icon` stands in for a picture that is not among `pictures`.
        """
        self._bus = bus
        self._app_name = app_name
        self._app_icon = app_icon
        self._pictures = pictures
        self._listener: ToastListener | None = None
        self._watching = False
        self._capabilities: frozenset[str] | None = None
        # Clicks of ids not known yet while Notify is under way: the answer that brings the id, and a click
        # on that very toast, may come in one go, and the click is read first.
        self._early_clicks: list[list[Any]] = []
        self._asking = False
        # Notification id -> key, oldest first.
        self._keys: OrderedDict[int, ToastKey] = OrderedDict()

    @property
    def remembered(self) -> int:
        """How many toasts a click can still be told of."""
        return len(self._keys)

    async def open(self, listener: ToastListener) -> None:
        """Look for the service and ask what it can do; it is started by D-Bus where that is set up.

        Raises:
            ToastAdapterFailed: no session bus, or no service on it that answers.

        """
        self._listener = listener
        try:
            if not self._watching:
                # First of all, so that a service which comes later is noticed even if what follows fails.
                await self._bus.watch_owner(SERVICE, self._owner_changed)
                await self._bus.subscribe(SignalRule(SERVICE, SERVICE, "ActionInvoked"), self._action_invoked)
                await self._bus.subscribe(SignalRule(SERVICE, SERVICE, "NotificationClosed"), self._closed)
                self._watching = True
            await self._ask_capabilities()
        except SessionBusError as error:
            raise ToastAdapterFailed(str(error)) from error

    async def show(self, toast: Toast) -> None:
        """Hand `toast` to the service.

        Raises:
            ToastAdapterFailed: the service is gone, refused it, or did not answer in time.

        """
        self._asking = True
        try:
            capabilities = await self._ask_capabilities()
            (notification_id,) = await self._bus.call(
                SERVICE, PATH, SERVICE, "Notify", "susssasa{sv}i", self._arguments(toast, capabilities)
            )
        except SessionBusError as error:
            raise ToastAdapterFailed(str(error)) from error
        finally:
            self._asking = False
            early_clicks, self._early_clicks = self._early_clicks, []
        self._remember(notification_id, toast.key)
        for click in early_clicks:
            self._action_invoked(click)

    async def withdraw(self, key: HelpKey) -> None:
        """Let the service close the toast with `key`."""
        for notification_id in [known for known, its_key in self._keys.items() if its_key == key]:
            self._keys.pop(notification_id, None)
            try:
                await self._bus.call(SERVICE, PATH, SERVICE, "CloseNotification", "u", [notification_id])
            except SessionBusError as error:
                # Closed a moment ago, or the service is gone and its toasts with it.
                log.debug("toast %r was not there to be withdrawn: %s", key, error)

    async def close(self) -> None:
        """Stop listening; what is on the screen stays until the service takes it away."""
        self._listener = None
        self._keys.clear()

    async def _ask_capabilities(self) -> frozenset[str]:
        if self._capabilities is None:
            (capabilities,) = await self._bus.call(SERVICE, PATH, SERVICE, "GetCapabilities")
            self._capabilities = frozenset(capabilities)
        return self._capabilities

    def _arguments(self, toast: Toast, capabilities: frozenset[str]) -> list[Any]:
        body = body_text(toast.body)
        if "body-markup" in capabilities:
            body = as_markup(body)
        # `default`, a click on the toast itself, has no label: xfce4-notifyd would make a button of it.
        actions = ["default", "", "show", title_text(toast.action_label)] if "actions" in capabilities else []
        hints = {"urgency": Variant("y", int(toast.urgency)), "desktop-entry": Variant("s", "armguard-tray")}
        expire = _NEVER if toast.urgency is Urgency.CRITICAL else _SERVICE_DECIDES
        replaces = self._id_of(toast.key)
        return [
            self._app_name,
            replaces,
            self._pictures.get(toast.picture, self._app_icon),
            title_text(toast.title),
            body,
            actions,
            hints,
            expire,
        ]

    def _id_of(self, key: ToastKey) -> int:
        return next((known for known, its_key in self._keys.items() if its_key == key), 0)

    def _remember(self, notification_id: int, key: ToastKey) -> None:
        self._keys.pop(notification_id, None)
        self._keys[notification_id] = key
        while len(self._keys) > REMEMBERED:
            # A call for help can last through many events, and has to be found when it is over.
            events = (known for known, its_key in self._keys.items() if isinstance(its_key, int))
            del self._keys[next(events, next(iter(self._keys)))]

    def _owner_changed(self, owner: str | None) -> None:
        # Another service counts its notifications from 1 again, so an old id would open the wrong toast.
        self._keys.clear()
        self._capabilities = None
        log.info("the notification service %s", "has appeared" if owner else "is gone")
        if owner and self._listener:
            self._listener.adapter_available(self.name)

    def _action_invoked(self, arguments: list[Any]) -> None:
        # The signal goes to every program on the bus: most ids are other programs' toasts.
        if len(arguments) < _ARGUMENTS or not isinstance(arguments[0], int):
            log.debug("a signal of another shape than the specification's")
            return
        notification_id, action = arguments[:2]
        key = self._keys.get(notification_id)
        if key is None:
            if self._asking:
                self._early_clicks.append(arguments)
        elif action in _ACTIONS and self._listener:
            self._listener.toast_activated(key)

    def _closed(self, arguments: list[Any]) -> None:
        # One that merely expired lives on in the history of some desktops, and may be clicked there.
        if len(arguments) < _ARGUMENTS or not isinstance(arguments[0], int):
            log.debug("a signal of another shape than the specification's")
            return
        notification_id, reason = arguments[:2]
        if reason != _EXPIRED:
            self._keys.pop(notification_id, None)
