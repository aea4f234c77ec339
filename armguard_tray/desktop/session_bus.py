"""One connection to the D-Bus session bus, shared by everything on the desktop that speaks it (Linux).

A thin shell around dbus-fast: calls with a time limit, signals by match rule, and one kind of error.
It works under any asyncio loop that has `add_reader`, qasync's included, and never blocks it.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dbus_fast import DBusFastError, Message, MessageType
from dbus_fast.aio import MessageBus

from armguard_tray.errors import ArmGuardTrayError

log = logging.getLogger(__name__)

CALL_TIMEOUT = 5.0
_DAEMON = "org.freedesktop.DBus"
_DAEMON_PATH = "/org/freedesktop/DBus"


class SessionBusError(ArmGuardTrayError):
    """The bus cannot be reached, or a call was refused, failed or not answered in time.

    Attributes:
        name: the D-Bus name of the error, or the name of the exception.

    """

    def __init__(self, name: str, text: str) -> None:
        """Keep the error's name; the text is for people."""
        super().__init__(text or name)
        self.name = name


@dataclass(frozen=True, slots=True)
class SignalRule:
    """Which signals a subscriber wants.

    Attributes:
        sender: the well-known or unique name that they come from.
        interface: the interface that they belong to.
        member: the signal's name.
        arg0: only those whose first argument is this string, where it is given.

    """

    sender: str
    interface: str
    member: str
    arg0: str | None = None

    def match(self) -> str:
        """Return the rule in the form that the bus takes."""
        rule = f"type='signal',sender='{self.sender}',interface='{self.interface}',member='{self.member}'"
        return rule if self.arg0 is None else f"{rule},arg0='{self.arg0}'"


SignalHandler = Callable[[list[Any]], None]


class SessionBus:
    """A connection that is made by the first call, and made again after it was lost."""

    def __init__(self, address: str | None = None, *, call_timeout: float = CALL_TIMEOUT) -> None:
        """Speak to the bus at `address`, by default the session's; a call may take `call_timeout` seconds."""
        self._address = address
        self._call_timeout = call_timeout
        self._bus: MessageBus | None = None
        self._connecting = asyncio.Lock()
        self._subscriptions: list[tuple[SignalRule, SignalHandler]] = []

    async def call(  # noqa: PLR0913, PLR0917 - these are the parts of a D-Bus call
        self,
        destination: str,
        path: str,
        interface: str,
        member: str,
        signature: str = "",
        body: list[Any] | None = None,
    ) -> list[Any]:
        """Call a method and return the values of its answer.

        Raises:
            SessionBusError: no bus, an error for an answer, or none within the time limit.

        """
        message = Message(
            destination=destination,
            path=path,
            interface=interface,
            member=member,
            signature=signature,
            body=body or [],
        )
        bus = await self._connected()
        return await self._answer(bus, message)

    async def subscribe(self, rule: SignalRule, handler: SignalHandler) -> None:
        """Call `handler` with the arguments of each signal that fits `rule`, also after a new connection.

        Raises:
            SessionBusError: the bus cannot be reached or refuses the rule.

        """
        bus = await self._connected()
        await self._add_match(bus, rule)
        if (rule, handler) not in self._subscriptions:
            self._subscriptions.append((rule, handler))

    async def name_owner(self, name: str) -> str | None:
        """Return the unique name that owns `name`, or None.

        Raises:
            SessionBusError: the bus cannot be reached.

        """
        try:
            (owner,) = await self.call(_DAEMON, _DAEMON_PATH, _DAEMON, "GetNameOwner", "s", [name])
        except SessionBusError as error:
            if error.name == "org.freedesktop.DBus.Error.NameHasNoOwner":
                return None
            raise
        return str(owner)

    async def watch_owner(self, name: str, handler: Callable[[str | None], None]) -> None:
        """Call `handler` with the new owner of `name`, or None, whenever it changes.

        Raises:
            SessionBusError: the bus cannot be reached.

        """

        def changed(args: list[Any]) -> None:
            handler(args[2] or None)

        await self.subscribe(SignalRule(_DAEMON, _DAEMON, "NameOwnerChanged", arg0=name), changed)

    async def close(self) -> None:
        """End the connection and forget the subscriptions."""
        self._subscriptions.clear()
        bus, self._bus = self._bus, None
        if bus is None or not bus.connected:
            return
        bus.disconnect()
        try:
            await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]  # dbus-fast leaves it bare
        except (OSError, EOFError, DBusFastError) as error:
            log.debug("the session bus went away first: %s", error)

    async def _connected(self) -> MessageBus:
        async with self._connecting:
            if self._bus is None or not self._bus.connected:
                self._bus = await self._connect()
            return self._bus

    async def _connect(self) -> MessageBus:
        bus: MessageBus | None = None
        try:
            async with asyncio.timeout(self._call_timeout):
                bus = await MessageBus(self._address).connect()
        except TimeoutError as error:
            raise SessionBusError("TimeoutError", "the D-Bus session bus does not answer") from error
        except (OSError, EOFError, KeyError, DBusFastError) as error:
            # KeyError: dbus-fast reads $HOME unguarded when the address is not in the environment.
            raise SessionBusError(type(error).__name__, f"no D-Bus session bus: {error}") from error
        bus.add_message_handler(self._received)
        for rule, _ in self._subscriptions:
            await self._add_match(bus, rule)
        return bus

    async def _add_match(self, bus: MessageBus, rule: SignalRule) -> None:
        message = Message(
            destination=_DAEMON,
            path=_DAEMON_PATH,
            interface=_DAEMON,
            member="AddMatch",
            signature="s",
            body=[rule.match()],
        )
        await self._answer(bus, message)

    async def _answer(self, bus: MessageBus, message: Message) -> list[Any]:
        try:
            # qasync keeps the timer of a cancelled timeout until it expires: a few seconds, a few a second
            # at most.
            async with asyncio.timeout(self._call_timeout):
                reply = await bus.call(message)
        except TimeoutError as error:
            text = f"{message.destination} did not answer {message.member} within {self._call_timeout:g} s"
            raise SessionBusError("TimeoutError", text) from error
        except (OSError, EOFError, ValueError, DBusFastError) as error:
            # EOFError: the bus hung up. ValueError: a text that D-Bus cannot carry.
            raise SessionBusError(type(error).__name__, f"{message.member}: {error}") from error
        if reply is None:
            raise SessionBusError("Disconnected", f"{message.member}: the session bus hung up")
        if reply.message_type is MessageType.ERROR:
            text = str(reply.body[0]) if reply.body else ""
            raise SessionBusError(reply.error_name or "", text)
        return list(reply.body)

    def _received(self, message: Message) -> None:
        if message.message_type is not MessageType.SIGNAL:
            return
        for rule, handler in list(self._subscriptions):
            if self._fits(message, rule):
                try:
                    handler(list(message.body))
                except Exception:
                    # A subscriber's bug must not cost the others their signal, nor end the connection.
                    log.exception("handler of %s failed", rule.member)

    @staticmethod
    def _fits(message: Message, rule: SignalRule) -> bool:
        """Say whether the signal is one that `rule` asked for; who may broadcast it the bus has checked."""
        return (
            message.interface == rule.interface
            and message.member == rule.member
            and (rule.arg0 is None or (bool(message.body) and message.body[0] == rule.arg0))
        )
