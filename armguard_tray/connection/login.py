"""The login of ArmGuard's web site, as its form does it, and the check whether a session is alive."""

import logging
import ssl
from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx

from armguard_tray.connection.failures import Failure, FailureKind, failure_of, parse_retry_after
from armguard_tray.connection.tls import client_context
from armguard_tray.settings.model import ServerSettings

log = logging.getLogger(__name__)

LOGIN_PATH = "/login/"
CSRF_COOKIE = "csrftoken"
CSRF_FIELD = "csrfmiddlewaretoken"
TIMEOUT = 5.0
_MAX_PAGE = 256 * 1024


@dataclass(frozen=True, slots=True)
class Session:
    """A login that the server has accepted.

    Attributes:
        cookie: the value of the Cookie header that carries it; a secret.

    """

    cookie: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Page:
    status: int
    headers: httpx.Headers
    cookies: dict[str, str] = field(repr=False)
    text: str = field(repr=False)


class LoginClient:
    """Logs in to one server. The TLS context is the one for its sockets too."""

    def __init__(self, server: ServerSettings) -> None:
        """Prepare for `server`; nothing is sent yet.

        Raises:
            OSError: the CA file cannot be used.

        """
        self._base = server.base_url
        self._username = server.username
        self.tls: ssl.SSLContext | None = (
            client_context(server.ca_file) if self._base.startswith("https:") else None
        )

    def _client(self) -> httpx.AsyncClient:
        # trust_env=False: a proxy for the internet has no business between a desk and the armory's server.
        return httpx.AsyncClient(
            base_url=self._base,
            verify=self.tls if self.tls is not None else True,
            trust_env=False,
            timeout=TIMEOUT,
            follow_redirects=False,
        )

    async def log_in(self, password: str) -> Session | Failure:
        """Send the login form once and return the session, or why there is none."""
        try:
            async with self._client() as client:
                page = await _read(client, "GET", LOGIN_PATH)
                token = _form_token(page.text)
                if page.status != httpx.codes.OK or token is None or CSRF_COOKIE not in page.cookies:
                    return _refused_page(page)
                form = {
                    "username": self._username,
                    "password": password,
                    CSRF_FIELD: token,
                    "next": "/",
                }
                answer = await _read(
                    client, "POST", LOGIN_PATH, data=form, headers={"Referer": self._base + LOGIN_PATH}
                )
        except (httpx.HTTPError, OSError, ssl.SSLError) as error:
            return failure_of(error)
        return _login_result(answer)

    async def is_alive(self, session: Session) -> bool | None:
        """Tell whether the server still knows `session`; None when that cannot be learnt now.

        Asking over HTTP is what distinguishes an ended session from a refused Origin: a handshake is
        answered 403 for both.
        """
        try:
            async with self._client() as client:
                page = await _read(client, "GET", "/", headers={"Cookie": session.cookie})
        except (httpx.HTTPError, OSError, ssl.SSLError) as error:
            log.info("the session could not be checked: %s", failure_of(error).kind)
            return None
        if page.status == httpx.codes.OK:
            return True
        if page.status == httpx.codes.FOUND and LOGIN_PATH in page.headers.get("Location", ""):
            return False
        return None


async def _read(
    client: httpx.AsyncClient,
    method: str,
    path: str,
    *,
    data: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
) -> _Page:
    """Send one request and read the start of its page: a hostile server must not fill the memory."""
    async with client.stream(method, path, data=data, headers=headers) as response:
        content = bytearray()
        async for chunk in response.aiter_bytes():
            content += chunk
            if len(content) >= _MAX_PAGE:
                break
        cookies = {name: value for name, value in response.cookies.items() if value}
        return _Page(response.status_code, response.headers, cookies, content.decode("utf-8", "replace"))


def _refused_page(page: _Page) -> Failure:
    """Return why the login page did not come."""
    retry_after = parse_retry_after(page.headers.get("Retry-After"))
    match page.status:
        case 400:
            return Failure(FailureKind.HOST_NOT_ALLOWED, 400)
        case 403 | 429:
            return _denied(page)
        case status if status >= httpx.codes.INTERNAL_SERVER_ERROR:
            return Failure(FailureKind.STATUS, status, retry_after)
        case status:
            detail = f"redirects to {page.headers['Location']}" if "Location" in page.headers else ""
            return Failure(FailureKind.NOT_ARMGUARD, status, detail=detail)


def _login_result(page: _Page) -> Session | Failure:
    # The session cookie's name is a setting of the server: whichever comes besides the CSRF token.
    session = {name: value for name, value in page.cookies.items() if name != CSRF_COOKIE}
    match page.status:
        case 302 if session:
            pairs = session | {name: value for name, value in page.cookies.items() if name == CSRF_COOKIE}
            return Session("; ".join(f"{name}={value}" for name, value in pairs.items()))
        case 200:
            return Failure(FailureKind.WRONG_PASSWORD, 200)
        case _:
            return _refused_page(page)


def _denied(page: _Page) -> Failure:
    """Tell apart what the server answers 403 or 429 to: too many requests, CSRF, a locked account."""
    retry_after = parse_retry_after(page.headers.get("Retry-After"))
    text = page.text.casefold()
    if "csrf" in text:
        return Failure(FailureKind.CSRF, page.status)
    if "lock" in text or "too many login" in text or "failed login" in text:
        return Failure(FailureKind.LOCKED_OUT, page.status, retry_after)
    if page.status == httpx.codes.TOO_MANY_REQUESTS or "429" in text:
        return Failure(FailureKind.RATE_LIMITED, page.status, retry_after)
    # What is left is most likely the lock-out's own page, and retrying that would be the greater harm.
    return Failure(FailureKind.LOCKED_OUT, page.status, retry_after)


class _TokenFinder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.token: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        fields = dict(attrs)
        if tag == "input" and fields.get("name") == CSRF_FIELD:
            self.token = fields.get("value")


def _form_token(page: str) -> str | None:
    finder = _TokenFinder()
    finder.feed(page)
    return finder.token
