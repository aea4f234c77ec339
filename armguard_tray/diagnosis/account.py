"""PURE: the rungs of the account: where its password is, its login, its session."""

from armguard_tray.connection.failures import Failure
from armguard_tray.connection.phase import Phase
from armguard_tray.diagnosis.causes import cause
from armguard_tray.diagnosis.codes import Code
from armguard_tray.diagnosis.facts import Facts, Keeping, LoginFound, SessionFound
from armguard_tray.diagnosis.failure_codes import page_code
from armguard_tray.diagnosis.finding import Finding, finding, joined, unseen
from armguard_tray.diagnosis.ladder import RungId, Status
from armguard_tray.diagnosis.moments import Moments
from armguard_tray.diagnosis.network import said_of, wait_of
from armguard_tray.diagnosis.place import PAGES, place_of

_KEPT = {Keeping.GIVEN: "given for this run", Keeping.KEYRING: "in the keyring"}
_NOT_KEPT = {
    Keeping.LOCKED: "the keyring is locked",
    Keeping.MISSING: "the keyring has none",
    Keeping.NO_KEYRING: "this system has no keyring, and none was given",
}


def account_rungs(facts: Facts, moments: Moments) -> list[Finding]:
    """Return the rungs password, login and session."""
    return [_password(facts), _login(facts, moments), _session(facts, moments)]


def _password(facts: Facts) -> Finding:
    keeping = facts.password
    if keeping is None:
        return unseen(RungId.PASSWORD)
    if keeping in _KEPT:
        return finding(RungId.PASSWORD, Status.OK, _KEPT[keeping])
    # Whoever is logged in does without it until the next login.
    logged_in = facts.login is not None and facts.login.failure is None
    status = Status.WARNING if logged_in else Status.FAILED
    evidence = _NOT_KEPT[keeping]
    locked = keeping is Keeping.LOCKED
    code = Code.KEYRING_LOCKED if locked else Code.PASSWORD_MISSING
    return finding(RungId.PASSWORD, status, evidence, cause(code, **place_of(facts), detail=evidence))


def _login(facts: Facts, moments: Moments) -> Finding:
    login = facts.login
    if login is None:
        return unseen(RungId.LOGIN)
    if login.failure is not None:
        return _refused(facts, login, login.failure, moments)
    how = "the running connection's" if login.live else ""
    return finding(RungId.LOGIN, Status.OK, joined(login.username, how), since=login.at, ms=login.ms)


def _refused(facts: Facts, login: LoginFound, failure: Failure, moments: Moments) -> Finding:
    until = moments.at(login.locked_until) if login.locked_until is not None else ""
    told = {
        "until": until,
        "detail": failure.detail,
        "status": str(failure.status or ""),
        "wait": wait_of(failure),
    }
    evidence = joined(login.username, said_of(failure), f"until {until}" if until else "")
    why = cause(_code(failure, facts), **place_of(facts), **PAGES, **told)
    return finding(RungId.LOGIN, Status.FAILED, evidence, why, since=login.at, ms=login.ms)


def _code(failure: Failure, facts: Facts) -> Code:
    return page_code(failure, nginx=facts.nginx, accepted=facts.accepted)


def _session(facts: Facts, moments: Moments) -> Finding:
    session = facts.session
    if session is None:
        return unseen(RungId.SESSION)
    old = f"{moments.age(session.began)} old" if session.began is not None else ""
    if session.alive is None:
        return _unlearnt(facts, session, old)
    if session.alive:
        return finding(
            RungId.SESSION, Status.OK, joined("alive", old), since=session.began or session.at, ms=session.ms
        )
    # It ends an hour after the last page, and an open socket neither prolongs it nor ends with it.
    if facts.streams and all(each.phase is Phase.LIVE for each in facts.streams):
        evidence = joined("over, which the open streams outlive: the next one logs in again", old)
        return finding(RungId.SESSION, Status.OK, evidence, since=session.at, ms=session.ms)
    why = cause(Code.SESSION_EXPIRED, **place_of(facts))
    return finding(RungId.SESSION, Status.FAILED, joined("over", old), why, since=session.at, ms=session.ms)


def _unlearnt(facts: Facts, session: SessionFound, old: str) -> Finding:
    """Return what it means that nothing was learnt; where requests are limited, streams may work still."""
    failure = session.failure
    evidence = joined("the server does not say", said_of(failure) if failure is not None else "", old)
    if failure is None or _code(failure, facts) is not Code.RATE_LIMITED:
        return finding(RungId.SESSION, Status.UNKNOWN, evidence, since=session.at, ms=session.ms)
    why = cause(Code.RATE_LIMITED, wait=wait_of(failure))
    return finding(RungId.SESSION, Status.WARNING, evidence, why, since=session.at, ms=session.ms)
