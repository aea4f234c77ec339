"""The test's side of `tests.fakes.notification_service`: what a person at the desk sees and clicks.

Everything here waits for events, never for time to pass; a wait that is in vain ends with AssertionError
after `PATIENCE` seconds and says what there was instead. Works in a plain asyncio loop as in qasync's.
"""

import asyncio
import base64
import contextlib
import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, TypeVar

from armguard_tray.tasks import TaskKeeper
from tests.fakes.desktop_session import DesktopSession, end_process
from tests.fakes.notification_service import CLOSED_BY_CALL, CLOSED_BY_USER, MAX_LINE, NOTIFICATIONS, WATCHER

PATIENCE = 60.0
_ROOT = Path(__file__).resolve().parents[2]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Notification:
    """A toast as the service got it; see the Desktop Notifications Specification.

    Attributes:
        number: the id that the service gave it.
        actions: the labels of its buttons by their keys.

    """

    number: int
    app_name: str
    app_icon: str
    title: str
    body: str
    actions: dict[str, str]
    hints: dict[str, Any]
    replaces: int
    expire_timeout: int


@dataclass(frozen=True, slots=True)
class Pixmap:
    """One size of a tray icon, ARGB32 in network byte order."""

    width: int
    height: int
    argb: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class TrayItem:
    """A tray icon as the host reads it."""

    service: str
    item_id: str
    title: str
    status: str
    icon_name: str
    tooltip_title: str
    tooltip_text: str
    pixmaps: tuple[Pixmap, ...]

    @property
    def tooltip(self) -> str:
        """Both parts of the tooltip."""
        return "\n".join(part for part in (self.tooltip_title, self.tooltip_text) if part)


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """An entry of the icon's menu."""

    number: int
    label: str
    separator: bool
    enabled: bool
    visible: bool
    checked: bool
    children: tuple["MenuEntry", ...]

    def walk(self) -> Iterator["MenuEntry"]:
        """Yield this entry and all below it."""
        yield self
        for child in self.children:
            yield from child.walk()


class PrivateDesktop:
    """Toasts and tray of a private desktop, used as `async with`.

    Attributes:
        notifications: every toast that came, in order; one that replaces another is there again.

    """

    def __init__(self, session: DesktopSession, *, notifications: bool = True, tray: bool = True) -> None:
        """Be the service for toasts, the tray, or both, on the bus of `session`."""
        self.notifications: list[Notification] = []
        self._session = session
        self._names = [name for name, wanted in ((NOTIFICATIONS, notifications), (WATCHER, tray)) if wanted]
        self._process: subprocess.Popen[bytes] | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._asked = 0
        self._events: list[dict[str, Any]] = []
        self._something = asyncio.Event()
        self._tasks = TaskKeeper("private desktop")

    async def __aenter__(self) -> Self:
        """Start the process and wait until it is on the bus."""
        ours = self._start_process()
        reader, self._writer = await asyncio.open_connection(sock=ours, limit=MAX_LINE)
        self._tasks.start(self._read(reader), name="read")
        await self.wait_until(lambda: self._saw("ready"))
        return self

    async def __aexit__(self, *_: object) -> None:
        """End the process; it goes by itself when its socket is closed."""
        await self._tasks.close()
        if self._writer is not None:
            self._writer.close()
            await self._writer.wait_closed()
        if self._process is not None:
            end_process(self._process)

    # Toasts

    async def wait_for_notification(
        self, fits: Callable[[Notification], bool] = lambda _: True
    ) -> Notification:
        """Return the first toast that fits, now or when it comes."""
        return await self.wait_until(lambda: next(filter(fits, self.notifications), None))

    async def wait_until_asked(self, title: str) -> None:
        """Return when somebody has called Notify, answered or not."""
        await self.wait_until(lambda: self._saw("asked", summary=title))

    @property
    def withdrawn(self) -> list[int]:
        """The numbers of the toasts that a program closed, in order."""
        return [event["number"] for event in self._events_of("closed") if event["reason"] == CLOSED_BY_CALL]

    async def wait_until_withdrawn(self, toast: Notification) -> None:
        """Return when a program has closed the toast."""
        await self.wait_until(lambda: toast.number in self.withdrawn)

    async def asked_to_close(self) -> list[int]:
        """Return the numbers that programs wanted closed so far, whether there were such toasts or not."""
        return list(await self.ask("asked_to_close"))

    async def click(self, toast: Notification, button: str = "default") -> None:
        """Click the toast itself, or the button with that key."""
        await self.ask("invoke", number=toast.number, action=button)

    async def dismiss(self, toast: Notification, reason: int = CLOSED_BY_USER) -> None:
        """Close the toast: 1 it expired, 2 the user closed it."""
        await self.ask("close", number=toast.number, reason=reason)

    async def set_capabilities(self, *capabilities: str) -> None:
        """Say what the service can do."""
        await self.ask("set_capabilities", capabilities=list(capabilities))

    async def refuse_notifications(self, text: str) -> None:
        """Answer Notify with an error; empty: no longer."""
        await self.ask("refuse", text=text)

    async def hold_answers(self, *, hold: bool) -> None:
        """Leave Notify and GetServerInformation unanswered, or answer what waits."""
        await self.ask("hold", hold=hold)

    async def be(self, program: str, *, inhibited: bool | None = None) -> None:
        """Be that notification service; `inhibited`: its property of KDE Plasma, None where it has none."""
        await self.ask("be", program=program, inhibited=inhibited)

    async def click_at_once(self) -> None:
        """Click each toast so fast that the click comes before the answer to Notify."""
        await self.ask("click_at_once")

    # Services that come and go

    async def own(self, name: str) -> None:
        """Come (back) as NOTIFICATIONS or WATCHER."""
        await self.ask("own", name=name)

    async def disown(self, name: str) -> None:
        """Go, as when the panel or the service crashes."""
        await self.ask("disown", name=name)

    async def wait_for_owner(self, name: str) -> None:
        """Return when somebody has taken `name` on the bus since this desktop began."""
        await self.wait_until(lambda: any(e["owner"] for e in self._events_of("owner") if e["name"] == name))

    # The tray

    async def items(self) -> list[TrayItem]:
        """Return the icons in the tray now."""
        return [_tray_item(facts) for facts in await self.ask("items")]

    async def wait_for_item(self, fits: Callable[[TrayItem], bool] = lambda _: True) -> TrayItem:
        """Return the first tray icon that fits, now or when one comes or changes."""
        async with self._patience("no such tray icon"):
            while True:
                self._something.clear()
                found = next(filter(fits, await self.items()), None)
                if found is not None:
                    return found
                await self._something.wait()
        raise AssertionError

    async def wait_for_no_item(self) -> None:
        """Return when the tray is empty."""
        async with self._patience("the tray icon stays"):
            while await self.items():
                self._something.clear()
                await self._something.wait()

    async def set_tray_host(self, *, present: bool) -> None:
        """Have a host that shows icons, or a watcher alone."""
        await self.ask("set_host", present=present)

    async def activate(self, item: TrayItem) -> None:
        """Left-click the icon."""
        await self.ask("activate", service=item.service)

    async def menu(self, item: TrayItem) -> list[MenuEntry]:
        """Open the icon's menu and return its entries, as they are when it is about to show."""
        return [_menu_entry(facts) for facts in await self.ask("menu", service=item.service)]

    async def choose(self, item: TrayItem, label: str) -> None:
        """Click the menu entry with that label, at any depth."""
        entries = [entry for top in await self.menu(item) for entry in top.walk()]
        entry = next((entry for entry in entries if entry.label == label), None)
        assert entry is not None, f"no entry {label!r} among {[e.label for e in entries]}"
        assert entry.enabled, f"{label!r} is greyed out"
        await self.ask("trigger", service=item.service, entry=entry.number)

    # The machinery

    def _start_process(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs:
            command = [
                sys.executable,
                "-m",
                "tests.fakes.notification_service",
                f"--control={theirs.fileno()}",
            ]
            command += [f"--own={name}" for name in self._names]
            self._process = subprocess.Popen(
                command,
                cwd=_ROOT,
                env=self._session.env,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )
        return ours

    async def ask(self, do: str, **arguments: Any) -> Any:
        """Send a request to the process and return its result. Raises RuntimeError."""
        assert self._writer is not None
        self._asked += 1
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._answers[self._asked] = answer
        self._writer.write(json.dumps({"id": self._asked, "do": do, **arguments}).encode() + b"\n")
        async with self._patience(f"no answer to {do}"):
            return await answer

    async def wait_until(self, found: Callable[[], T | None]) -> T:
        """Return what `found` returns as soon as that is true; it is asked after each event."""
        async with self._patience("it did not happen"):
            while not (result := found()):
                self._something.clear()
                await self._something.wait()
            return result
        raise AssertionError

    async def _read(self, reader: asyncio.StreamReader) -> None:
        async for line in reader:
            message = json.loads(line)
            if "event" in message:
                self._note(message)
            elif "error" in message:
                self._answers.pop(message["id"]).set_exception(RuntimeError(message["error"]))
            else:
                self._answers.pop(message["id"]).set_result(message["result"])

    def _note(self, event: dict[str, Any]) -> None:
        self._events.append(event)
        if event["event"] == "notification":
            self.notifications.append(_notification(event["notification"]))
        self._something.set()

    def _events_of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self._events if event["event"] == kind]

    def _saw(self, kind: str, **facts: Any) -> bool:
        return any(facts.items() <= event.items() for event in self._events_of(kind))

    @contextlib.asynccontextmanager
    async def _patience(self, complaint: str) -> AsyncIterator[None]:
        """Limit the time of what is inside; fail the test by saying what there was instead."""
        try:
            async with asyncio.timeout(PATIENCE):
                yield
        except TimeoutError:
            seen = [f"{toast.title!r}: {toast.body!r}" for toast in self.notifications]
            events = [event["event"] for event in self._events]
            raise AssertionError(f"{complaint}; toasts: {seen}; events: {events}") from None


def _notification(facts: dict[str, Any]) -> Notification:
    actions = facts["actions"]
    return Notification(
        number=facts["id"],
        app_name=facts["app_name"],
        app_icon=facts["app_icon"],
        title=facts["title"],
        body=facts["body"],
        actions=dict(zip(actions[::2], actions[1::2], strict=True)),
        hints=facts["hints"],
        replaces=facts["replaces_id"],
        expire_timeout=facts["expire_timeout"],
    )


def _tray_item(facts: dict[str, Any]) -> TrayItem:
    pixmaps = tuple(
        Pixmap(pixmap["width"], pixmap["height"], base64.b64decode(pixmap["argb"]))
        for pixmap in facts.pop("pixmaps")
    )
    return TrayItem(**facts, pixmaps=pixmaps)


def _menu_entry(facts: dict[str, Any]) -> MenuEntry:
    children = tuple(_menu_entry(child) for child in facts.pop("children"))
    return MenuEntry(number=facts.pop("id"), **facts, children=children)
