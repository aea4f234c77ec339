"""What a checkup finds of a server, with a desk that has its password."""

from armguard_tray.checkup.account import Account, FreshLogin, Secret
from armguard_tray.checkup.checkup import Asked, check
from armguard_tray.checkup.limits import Limits
from armguard_tray.clock import Clock, SystemClock
from armguard_tray.connection.failures import FailureKind
from armguard_tray.diagnosis.facts import Facts, HandshakeFound, Keeping
from armguard_tray.messages.streams import Stream
from armguard_tray.settings.model import ServerSettings
from tests.fakes.scripted_server import PASSWORD

QUICK = Limits(stays=0.05)
"""An accepted socket is watched for a moment only; whatever should be patient still is."""


def fresh(password: str | None = PASSWORD, keeping: Keeping = Keeping.GIVEN) -> FreshLogin:
    """Return an account that logs in once with `password`."""

    async def secret() -> Secret:
        return Secret(keeping, password)

    return FreshLogin("armorer1", secret)


async def look(
    address: str,
    *,
    account: Account | None = None,
    limits: Limits = QUICK,
    ca_file: str = "",
    allow_plain_http: bool = False,
    clock: Clock | None = None,
) -> Facts:
    """Check the server at `address`."""
    server = ServerSettings(
        address=address, username="armorer1", ca_file=ca_file, allow_plain_http=allow_plain_http
    )
    asked = Asked(server=server)
    return await check(asked, account or fresh(), clock=clock or SystemClock(), limits=limits)


def handshake(facts: Facts, stream: Stream) -> HandshakeFound:
    """Return the handshake of `stream`."""
    return next(each for each in facts.handshakes if each.stream is stream)


def failures(facts: Facts) -> dict[str, FailureKind]:
    """Return how each step failed that did, by name; a fault of TLS is not among them."""
    steps = {"name": facts.name, "tcp": facts.tcp, "http": facts.http, "login": facts.login}
    failed = {name: step.failure for name, step in steps.items() if step is not None}
    failed |= {each.stream.value: each.failure for each in facts.handshakes}
    return {name: failure.kind for name, failure in failed.items() if failure is not None}
