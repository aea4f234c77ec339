"""Looks at the places where Redis may be, without being held up by a silent name server."""

import logging
import ssl
from collections.abc import Mapping, Sequence

from armguard_tray.checkup.limits import Deadline, Stopwatch
from armguard_tray.checkup.network import find_name
from armguard_tray.checkup.redis import Found, look_at_all
from armguard_tray.clock import Clock
from armguard_tray.connection.failures import FailureKind
from armguard_tray.connection.tls import client_context
from armguard_tray.redis_probe.address import target_of
from armguard_tray.redis_probe.figures import RedisFigures
from armguard_tray.redis_probe.find import Candidate
from armguard_tray.redis_probe.report import Reason, failed

log = logging.getLogger(__name__)

NAME_WITHIN = 1.5
"""Seconds for the name of a Redis."""


async def find_redis(
    candidates: Sequence[Candidate],
    tls: ssl.SSLContext | None,
    clock: Clock,
    deadline: Deadline,
    before: Mapping[str, RedisFigures] | None = None,
) -> tuple[Found, ...]:
    """Look at each of `candidates` whose name can be asked for; those whose cannot come last.

    `before` has the figures of the look before, by address. The name is asked for first: a silent name server
    would hold a thread of the event loop's, and with it the end of the program.
    """
    silent = {
        each: Found(each, failed(target_of(each.address).where, Reason.NAME_UNKNOWN), None)
        for each in candidates
        if await _is_silent(each, clock, deadline)
    }
    found = await look_at_all([each for each in candidates if each not in silent], tls, before=before)
    return (*found, *silent.values())


async def _is_silent(candidate: Candidate, clock: Clock, deadline: Deadline) -> bool:
    target = target_of(candidate.address)
    if target.path:
        return False
    name = await find_name(target.host, target.port, Stopwatch(clock), deadline.within(NAME_WITHIN))
    return name.failure is not None and name.failure.kind is FailureKind.TIMED_OUT


def trusted_by(candidates: Sequence[Candidate], ca_file: str) -> ssl.SSLContext | None:
    """Return whom to trust at `candidates`: besides the system's CAs those of the server's CA file.

    None where none of them asks for TLS, or the file cannot be used, which the look at the server tells.
    """
    if not ca_file or not any(target_of(each.address).tls for each in candidates):
        return None
    try:
        return client_context(ca_file)
    except OSError as error:
        log.info("the CA file cannot be used for Redis: %s", error)
        return None
