"""A desktop's notification service and tray in one process of its own, driven by a test.

Run as `python -m tests.fakes.notification_service --control FD` on a private session bus. It owns
`org.freedesktop.Notifications` and `org.kde.StatusNotifierWatcher` (with a host), and speaks JSON lines
over the socket FD: a request `{"id", "do", ...}` is answered by `{"id", "result" | "error"}`; everything
that happens is told as `{"event", ...}`. It ends when the socket does. It must be a process of its own: Qt
waits for these services in its UI thread. `tests.fakes.private_desktop` is the test's side of it.
"""

import argparse
import asyncio
import base64
import json
import re
import socket
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from dbus_fast import (
    DBusError,
    Message,
    MessageType,
    NameFlag,
    PropertyAccess,
    Variant,
    unpack_variants,
)
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusBool, DBusDict, DBusInt32, DBusSignature, DBusStr, DBusUInt32
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property, dbus_signal

from armguard_tray.tasks import TaskKeeper

NOTIFICATIONS = "org.freedesktop.Notifications"
NOTIFICATIONS_PATH = "/org/freedesktop/Notifications"
WATCHER = "org.kde.StatusNotifierWatcher"
ITEM = "org.kde.StatusNotifierItem"
MENU = "com.canonical.dbusmenu"
PROPERTIES = "org.freedesktop.DBus.Properties"
CAPABILITIES = ("actions", "body", "body-markup", "persistence")
EXPIRED, CLOSED_BY_USER, CLOSED_BY_CALL = 1, 2, 3
MAX_LINE = 1 << 24

DBusStrings = Annotated[list[str], DBusSignature("as")]
Tell = Callable[..., None]


class NotificationsInterface(ServiceInterface):
    """org.freedesktop.Notifications; keeps every notification that it was ever given."""

    def __init__(self, tell: Tell) -> None:
        super().__init__(NOTIFICATIONS)
        self.capabilities = list(CAPABILITIES)
        self.refusal = ""
        self.clicked_at_once = False
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.shown: dict[int, dict[str, Any]] = {}
        self.on_screen: set[int] = set()
        self.asked_to_close: list[int] = []
        self.program = "test service"
        self._tell = tell

    @dbus_method()
    def GetCapabilities(self) -> DBusStrings:  # noqa: N802 - the protocol's name
        return self.capabilities

    @dbus_method()
    async def GetServerInformation(self) -> Annotated[tuple[str, str, str, str], DBusSignature("ssss")]:  # noqa: N802
        await self.may_answer.wait()
        return self.program, "ArmGuard Tray", "1", "1.2"

    @dbus_method()
    async def Notify(  # noqa: N802, PLR0917 - the protocol's
        self,
        app_name: DBusStr,
        replaces_id: DBusUInt32,
        app_icon: DBusStr,
        summary: DBusStr,
        body: DBusStr,
        actions: DBusStrings,
        hints: DBusDict,
        expire_timeout: DBusInt32,
    ) -> DBusUInt32:
        self._tell("asked", summary=summary)
        await self.may_answer.wait()
        if self.refusal:
            raise DBusError("org.freedesktop.Notifications.Error", self.refusal)
        number = replaces_id or max(self.shown, default=0) + 1
        self.shown[number] = {
            "id": number,
            "app_name": app_name,
            "replaces_id": replaces_id,
            "app_icon": app_icon,
            "title": summary,
            "body": body,
            "actions": actions,
            "hints": _plain(hints),
            "expire_timeout": expire_timeout,
        }
        self.on_screen.add(number)
        self._tell("notification", notification=self.shown[number])
        if self.clicked_at_once:
            self.ActionInvoked(number, "default")
        return number

    @dbus_method()
    def CloseNotification(self, number: DBusUInt32) -> None:  # noqa: N802
        self.asked_to_close.append(number)
        if number not in self.on_screen:
            raise DBusError("org.freedesktop.DBus.Error.InvalidArgs", "")
        self.close(number, CLOSED_BY_CALL)

    def close(self, number: int, reason: int) -> None:
        """Take a toast away; one that expired stays in the list, as on desktops that have one."""
        if reason != EXPIRED:
            self.on_screen.discard(number)
        self.NotificationClosed(number, reason)
        self._tell("closed", number=number, reason=reason)

    @dbus_signal()
    def ActionInvoked(  # noqa: N802
        self, number: int, action: str
    ) -> Annotated[tuple[int, str], DBusSignature("us")]:
        return number, action

    @dbus_signal()
    def NotificationClosed(  # noqa: N802
        self, number: int, reason: int
    ) -> Annotated[tuple[int, int], DBusSignature("uu")]:
        return number, reason


class PlasmaInterface(NotificationsInterface):
    """The same with KDE Plasma's property more."""

    def __init__(self, tell: Tell) -> None:
        super().__init__(tell)
        self.inhibited = False

    @dbus_property(PropertyAccess.READ)
    def Inhibited(self) -> DBusBool:  # noqa: N802 - the protocol's name
        return self.inhibited


class WatcherInterface(ServiceInterface):
    """org.kde.StatusNotifierWatcher, with a host that is always there."""

    def __init__(self, registered: Callable[[str], None]) -> None:
        super().__init__(WATCHER)
        self.items: dict[str, None] = {}
        self.has_host = True
        self._registered = registered

    @dbus_method()
    def RegisterStatusNotifierItem(self, service: DBusStr) -> None:  # noqa: N802
        self._registered(service)

    @dbus_method()
    def RegisterStatusNotifierHost(self, service: DBusStr) -> None:  # noqa: ARG002, N802
        self.StatusNotifierHostRegistered()

    @dbus_property(PropertyAccess.READ)
    def RegisteredStatusNotifierItems(self) -> DBusStrings:  # noqa: N802
        return list(self.items)

    @dbus_property(PropertyAccess.READ)
    def IsStatusNotifierHostRegistered(self) -> DBusBool:  # noqa: N802
        return self.has_host

    @dbus_property(PropertyAccess.READ)
    def ProtocolVersion(self) -> DBusInt32:  # noqa: N802
        return 0

    @dbus_signal()
    def StatusNotifierItemRegistered(self, service: str) -> DBusStr:  # noqa: N802
        return service

    @dbus_signal()
    def StatusNotifierItemUnregistered(self, service: str) -> DBusStr:  # noqa: N802
        return service

    @dbus_signal()
    def StatusNotifierHostRegistered(self) -> None:  # noqa: N802
        return None


class Service:
    """Carries the requests of the test out."""

    def __init__(self, bus: MessageBus, send: Callable[[dict[str, Any]], None]) -> None:
        self._bus = bus
        self._send = send
        self._tasks = TaskKeeper("notification service")
        self.notifications = NotificationsInterface(self.tell)
        self.watcher = WatcherInterface(self._item_registered)

    async def start(self, names: list[str]) -> None:
        """Offer both services and own those `names`."""
        self._bus.export(NOTIFICATIONS_PATH, self.notifications)
        self._bus.export("/StatusNotifierWatcher", self.watcher)
        self._bus.add_message_handler(self._received)
        for rule in (
            "type='signal',interface='org.freedesktop.DBus',member='NameOwnerChanged'",
            f"type='signal',interface='{ITEM}'",
            f"type='signal',interface='{MENU}'",
        ):
            await self._call(
                "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "AddMatch", rule
            )
        for name in names:
            await self._bus.request_name(name, NameFlag.DO_NOT_QUEUE)

    async def close(self) -> None:
        await self._tasks.close()
        self._bus.disconnect()

    def tell(self, event: str, **facts: Any) -> None:
        """Tell the test what has happened."""
        self._send({"event": event, **facts})

    async def answer(self, request: dict[str, Any]) -> None:
        """Carry out one request and send its result, or the error that it ended with."""
        number = request.pop("id")
        try:
            action: Callable[..., Awaitable[Any]] = getattr(self, f"do_{request.pop('do')}")
            self._send({"id": number, "result": await action(**request)})
        except Exception as error:  # noqa: BLE001 - the test gets to read it
            self._send({"id": number, "error": f"{type(error).__name__}: {error}"})

    def answer_in_background(self, request: dict[str, Any]) -> None:
        """Carry a request out while others are."""
        self._tasks.start(self.answer(request), name=f"request {request['id']}")

    # Requests about notifications

    async def do_invoke(self, number: int, action: str) -> None:
        """Press a button (or `default`, the body), then take the toast away, as desktops do."""
        self.notifications.ActionInvoked(number, action)
        self.notifications.close(number, CLOSED_BY_USER)

    async def do_close(self, number: int, reason: int) -> None:
        self.notifications.close(number, reason)

    async def do_asked_to_close(self) -> list[int]:
        return self.notifications.asked_to_close

    async def do_set_capabilities(self, capabilities: list[str]) -> None:
        self.notifications.capabilities = capabilities

    async def do_refuse(self, text: str) -> None:
        """Answer every Notify with an error, or none any more where `text` is empty."""
        self.notifications.refusal = text

    async def do_hold(self, hold: bool) -> None:  # noqa: FBT001 - it comes from JSON
        """Leave Notify, and who it is, unanswered until told otherwise."""
        if hold:
            self.notifications.may_answer.clear()
        else:
            self.notifications.may_answer.set()

    async def do_click_at_once(self) -> None:
        """Click each toast before Notify is answered."""
        self.notifications.clicked_at_once = True

    async def do_be(self, program: str, inhibited: bool | None) -> None:  # noqa: FBT001 - it comes from JSON
        """Become `program`, which has the property `Inhibited` of KDE Plasma, or has none (None)."""
        self._bus.unexport(NOTIFICATIONS_PATH, self.notifications)
        if inhibited is None:
            self.notifications = NotificationsInterface(self.tell)
        else:
            self.notifications = plasma = PlasmaInterface(self.tell)
            plasma.inhibited = inhibited
        self.notifications.program = program
        self._bus.export(NOTIFICATIONS_PATH, self.notifications)

    # Requests about the names

    async def do_own(self, name: str) -> None:
        """Appear on the bus as `name`; a service that comes back knows nothing of before."""
        await self._bus.request_name(name, NameFlag.DO_NOT_QUEUE)

    async def do_disown(self, name: str) -> None:
        """Vanish from the bus, with all that the service knew."""
        if name == NOTIFICATIONS:
            self.notifications.shown.clear()
            self.notifications.on_screen.clear()
        for item in list(self.watcher.items if name == WATCHER else ()):
            self._item_gone(item)
        await self._bus.release_name(name)

    # Requests about the tray

    async def do_set_host(self, present: bool) -> None:  # noqa: FBT001 - it comes from JSON
        """Say whether somebody shows the items that the watcher knows."""
        self.watcher.has_host = present
        if present:
            self.watcher.StatusNotifierHostRegistered()

    async def do_items(self) -> list[dict[str, Any]]:
        """Read the icons that answer: one that is being taken away still has its name for a moment."""
        read = await asyncio.gather(*map(self._read_item, self.watcher.items), return_exceptions=True)
        return [item for item in read if not isinstance(item, BaseException)]

    async def do_activate(self, service: str) -> None:
        """Left-click the icon."""
        await self._call(service, "/StatusNotifierItem", ITEM, "Activate", 0, 0, signature="ii")

    async def do_menu(self, service: str) -> list[dict[str, Any]]:
        path = await self._menu_path(service)
        await self._call(service, path, MENU, "AboutToShow", 0, signature="i")
        (_, layout) = await self._call(service, path, MENU, "GetLayout", 0, -1, [], signature="iias")
        return [_entry(child.value) for child in layout[2]]

    async def do_trigger(self, service: str, entry: int) -> None:
        """Click the menu entry with that id."""
        path = await self._menu_path(service)
        event = [entry, "clicked", Variant("i", 0), 0]
        await self._call(service, path, MENU, "Event", *event, signature="isvu")

    async def _menu_path(self, service: str) -> str:
        (path,) = await self._call(
            service, "/StatusNotifierItem", PROPERTIES, "Get", ITEM, "Menu", signature="ss"
        )
        return str(path.value)

    async def _read_item(self, service: str) -> dict[str, Any]:
        (properties,) = await self._call(service, "/StatusNotifierItem", PROPERTIES, "GetAll", ITEM)
        item = unpack_variants(properties)
        _, _, tip_title, tip_text = item.get("ToolTip") or ("", [], "", "")
        return {
            "service": service,
            "item_id": item.get("Id", ""),
            "title": item.get("Title", ""),
            "status": item.get("Status", ""),
            "icon_name": item.get("IconName", ""),
            "tooltip_title": tip_title,
            "tooltip_text": tip_text,
            "pixmaps": [
                {"width": width, "height": height, "argb": base64.b64encode(data).decode()}
                for width, height, data in item.get("IconPixmap") or []
            ],
        }

    def _item_registered(self, service: str) -> None:
        self.watcher.items[service] = None
        self.watcher.StatusNotifierItemRegistered(service)
        self.tell("item_registered", service=service)

    def _item_gone(self, service: str) -> None:
        del self.watcher.items[service]
        self.watcher.StatusNotifierItemUnregistered(service)
        self.tell("item_gone", service=service)

    def _received(self, message: Message) -> None:
        if message.message_type is not MessageType.SIGNAL:
            return
        if message.member == "NameOwnerChanged":
            name, _, owner = message.body
            self.tell("owner", name=name, owner=owner)
            if name in self.watcher.items and not owner:
                self._item_gone(name)
        elif message.interface in {ITEM, MENU}:
            self.tell("item_changed", what=message.member)

    async def _call(
        self, service: str, path: str, interface: str, member: str, *body: Any, signature: str = "s"
    ) -> list[Any]:
        reply = await self._bus.call(
            Message(service, path, interface, member, signature=signature, body=list(body))
        )
        if reply is None or reply.message_type is MessageType.ERROR:
            raise RuntimeError(f"{service} {member}: {reply and reply.body}")
        return list(reply.body)


def _entry(node: list[Any]) -> dict[str, Any]:
    """Return a menu entry with its children; an underscore marks the mnemonic, two of them are one."""
    number, properties, children = node
    facts = unpack_variants(properties)
    return {
        "id": number,
        "label": re.sub(r"_(.)", r"\1", facts.get("label", "")),
        "separator": facts.get("type") == "separator",
        "enabled": facts.get("enabled", True),
        "visible": facts.get("visible", True),
        "checked": facts.get("toggle-state") == 1,
        "children": [_entry(child.value) for child in children],
    }


def _plain(hints: dict[str, Any]) -> dict[str, Any]:
    """Return the hints that JSON can carry: a picture's bytes are left out."""
    values = unpack_variants(hints)
    return {name: value for name, value in values.items() if isinstance(value, str | int | float)}


async def serve(control: socket.socket, names: list[str]) -> None:
    """Serve until the test closes the control socket."""
    reader, writer = await asyncio.open_connection(sock=control, limit=MAX_LINE)

    def send(line: dict[str, Any]) -> None:
        writer.write(json.dumps(line).encode() + b"\n")

    service = Service(await MessageBus().connect(), send)
    await service.start(names)
    send({"event": "ready"})
    async for line in reader:
        service.answer_in_background(json.loads(line))
    await service.close()
    writer.close()


def main() -> None:
    """Run the service; see the module's docstring."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--control", type=int, required=True)
    parser.add_argument("--own", action="append", default=[])
    options = parser.parse_args()
    asyncio.run(serve(socket.socket(fileno=options.control), options.own))


if __name__ == "__main__":
    main()
