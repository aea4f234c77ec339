"""Lets a test read as the script of a conversation between one stream and its server."""

from armguard_tray.connection import lifecycle as life
from armguard_tray.connection.failures import Closure, Failure, FailureKind
from armguard_tray.connection.phase import Phase


def status(code: int, retry_after: float | None = None) -> life.Failed:
    """Return a refusal of login or handshake with an HTTP status."""
    return life.Failed(Failure(FailureKind.STATUS, code, retry_after))


def failed(kind: FailureKind) -> life.Failed:
    """Return a failure of login or handshake."""
    return life.Failed(Failure(kind))


def lost(code: int) -> life.Lost:
    """Return the end of an open connection."""
    return life.Lost(Closure(code))


class Conversation:
    """One stream and its clock.

    Attributes:
        state: what the machine knows.
        commands: what it last wanted done.

    """

    def __init__(self) -> None:
        self.state = life.State()
        self.commands: tuple[life.Command, ...] = ()
        self._now = 1000.0

    def hears(self, *events: life.Event) -> "Conversation":
        """Step the machine; `commands` are those of the last event."""
        for event in events:
            self.state, self.commands = life.step(self.state, event, self._now)
        return self

    def after(self, seconds: float) -> "Conversation":
        """Let time go by."""
        self._now += seconds
        return self

    @property
    def phase(self) -> Phase:
        """What the stream is doing."""
        return self.state.phase

    @property
    def says(self) -> str:
        """Why it is not live, in words."""
        assert self.state.trouble is not None, f"{self.phase} without a word"
        return self.state.trouble.summary

    @property
    def waits(self) -> tuple[float, float]:
        """The delay that it has just set, in seconds: at least and at most."""
        (delay,) = (command.delay for command in self.commands if isinstance(command, life.Wait))
        return delay.least, delay.most


def connecting() -> Conversation:
    """Return a stream that has logged in and opens its socket."""
    return Conversation().hears(life.Start(), life.LoggedIn())


def live() -> Conversation:
    """Return a stream that has just become live."""
    return connecting().hears(life.Opened(), life.Proven())


def fail_again(stream: Conversation, event: life.Event) -> Conversation:
    """Let a stream that backs off try again, as far as the handshake, and fail with `event`."""
    return stream.hears(life.TimerFired(), life.LoggedIn(), event)
