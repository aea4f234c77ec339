"""The login of ArmGuard's web site, as its form does it, and the check whether a session is alive."""

import asyncio
import logging
import re
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
CONNECT_TIMEOUT = 5.0
PAGE_TIMEOUT = 10.0
VERDICT_TIMEOUT = 20.0
"""Seconds for the answer to a password: to check one is slow work for a small server that all desks ask."""
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
        # Plain HTTP needs none, but httpx would read a whole CA bundle for it; this one trusts nobody.
        self._verify = self.tls or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

    def _client(self) -> httpx.AsyncClient:
        # trust_env=False: a proxy for the internet has no business between a desk and the armory's server.
        return httpx.AsyncClient(
            base_url=self._base,
            verify=self._verify,
            trust_env=False,
            follow_redirects=False,
            # A small compressed page may unpack to any size.
            headers={"Accept-Encoding": "identity"},
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
                return await self._submit(client, form)
        except _HTTP_FAULTS as error:
            return _http_failure(error)

    async def _submit(self, client: httpx.AsyncClient, form: dict[str, str]) -> Session | Failure:
        referer = {"Referer": self._base + LOGIN_PATH}
        try:
            answer = await _read(
                client, "POST", LOGIN_PATH, data=form, headers=referer, within=VERDICT_TIMEOUT
            )
        except (httpx.ConnectError, httpx.ConnectTimeout):
            raise
        except _HTTP_FAULTS as error:
            return Failure(FailureKind.UNANSWERED, detail=_http_failure(error).kind)
        return _login_result(answer)

    async def is_alive(self, session: Session) -> bool | None:
        """Tell whether the server still knows `session`; None when that cannot be learnt now.

        Asking over HTTP is what distinguishes an ended session from a refused Origin: a handshake is
        answered 403 for both.
        """
        try:
            async with self._client() as client:
                page = await _read(client, "GET", "/", headers={"Cookie": session.cookie})
        except _HTTP_FAULTS as error:
            log.info("the session could not be checked: %s", _http_failure(error).kind)
            return None
        if page.status == httpx.codes.OK:
            return True
        if page.status == httpx.codes.FOUND and LOGIN_PATH in page.headers.get("Location", ""):
            return False
        return None


_HTTP_FAULTS = (httpx.HTTPError, httpx.InvalidURL, OSError)


def _http_failure(error: Exception) -> Failure:
    if isinstance(error, httpx.RemoteProtocolError):
        return Failure(FailureKind.NO_ANSWER, detail=str(error))
    return failure_of(error)


async def _read(  # noqa: PLR0913 - the parts of a request
    client: httpx.AsyncClient,
    method: str,
    path: str,
    *,
    data: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
    within: float = PAGE_TIMEOUT,
) -> _Page:
    """Send one request and read the start of its page: a hostile server must not fill the memory.

    Raises:
        TimeoutError: it took longer than `within` seconds, even if the server sent a byte now and then.

    """
    async with (
        asyncio.timeout(within),
        client.stream(
            method,
            path,
            data=data,
            headers=headers,
            timeout=httpx.Timeout(within, connect=CONNECT_TIMEOUT),
        ) as response,
    ):
        content = bytearray()
        async for chunk in response.aiter_raw():
            content += chunk
            if len(content) >= _MAX_PAGE:
                break
        # Not `cookies.items()`: that raises when one name comes with two paths.
        cookies = {cookie.name: cookie.value for cookie in response.cookies.jar if cookie.value}
        return _Page(response.status_code, response.headers, cookies, content.decode("utf-8", "replace"))


def _retry_after(page: _Page) -> float | None:
    return parse_retry_after(page.headers.get("Retry-After"), page.headers.get("Date"))


def _refused_page(page: _Page) -> Failure:
    """Return why the login page did not come."""
    match page.status:
        case 400:
            return _bad_request(page)
        case 403 | 429:
            return _denied(page)
        case status if status >= httpx.codes.INTERNAL_SERVER_ERROR:
            return Failure(FailureKind.STATUS, status, _retry_after(page))
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
        case 504:
            # The proxy gave up on ArmGuard, which may have looked at the password all the same.
            return Failure(FailureKind.UNANSWERED, 504, _retry_after(page))
        case _:
            return _refused_page(page)


def _bad_request(page: _Page) -> Failure:
    """Tell nginx's own complaints, in its fixed words, from Django's about the host name."""
    text = page.text.casefold()
    if "sent to https port" in text:
        return Failure(FailureKind.HTTPS_EXPECTED, 400)
    if "ssl certificate" in text:
        return Failure(FailureKind.CLIENT_CERTIFICATE, 400)
    return Failure(FailureKind.HOST_NOT_ALLOWED, 400)


# At the beginning of a word: pages are full of "block".
_LOCKED_OUT = re.compile(r"\block|too many login|failed login")


def _denied(page: _Page) -> Failure:
    """Tell apart what the server answers 403 or 429 to: too many requests, CSRF, a locked account."""
    retry_after = _retry_after(page)
    # Any page may hold a form with a token: its name is no complaint, and its value may spell anything.
    text = re.sub(rf"{CSRF_FIELD}[^>]*|{CSRF_COOKIE}", "", page.text.casefold())
    if _LOCKED_OUT.search(text):
        return Failure(FailureKind.LOCKED_OUT, page.status, retry_after)
    if "csrf" in text:
        return Failure(FailureKind.CSRF, page.status)
    if page.status == httpx.codes.TOO_MANY_REQUESTS or re.search(r"\b429\b", text):
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
