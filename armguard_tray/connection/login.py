"""The login of ArmGuard's web site, as its form does it, and what a session reads there over HTTP."""

import asyncio
import logging
import re
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar, DefaultCookiePolicy
from urllib.parse import unquote, urljoin, urlsplit

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
class Page:
    """What the server answered, as far as it was read.

    Attributes:
        status: the HTTP status.
        headers: by name.
        cookies: those that were set; secrets.
        text: the content.

    """

    status: int
    headers: httpx.Headers
    cookies: dict[str, str] = field(repr=False)
    text: str = field(repr=False)

    @property
    def retry_after(self) -> float | None:
        """Seconds that the server asks to wait."""
        return parse_retry_after(self.headers.get("Retry-After"), self.headers.get("Date"))


class LoginClient:
    """Logs in to one server, and reads its pages.

    Attributes:
        tls: the TLS context, for the server's sockets too; None for plain HTTP.
        passwords_sent: how often a password was sent, or may have been.

    """

    def __init__(self, server: ServerSettings) -> None:
        """Prepare for `server`; nothing is sent yet.

        Raises:
            OSError: the CA file cannot be used.

        """
        self._base = server.base_url
        self._username = server.username
        self.passwords_sent = 0
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
            # The jar stays empty: it would send back even a cookie that no header can hold.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            # A small compressed page may unpack to any size.
            headers={"Accept-Encoding": "identity"},
        )

    async def login_page(self) -> Page | Failure:
        """Return what answers in the place of the login page, or why nothing came; nobody is logged in."""
        try:
            async with self._client() as client:
                return await _read(client, "GET", LOGIN_PATH)
        except _HTTP_FAULTS as error:
            return _http_failure(error)

    async def log_in(self, password: str) -> Session | Failure:
        """Send the login form once and return the session, or why there is none. None is sent empty."""
        if not password:
            return Failure(FailureKind.NO_PASSWORD)
        try:
            async with self._client() as client:
                page = await _read(client, "GET", LOGIN_PATH)
                fault = login_page_fault(page)
                if fault is not None:
                    return fault
                form = {
                    "username": self._username,
                    "password": password,
                    CSRF_FIELD: _form_token(page.text) or "",
                    "next": "/",
                }
                return await self._submit(client, form, page.cookies)
        except _HTTP_FAULTS as error:
            return _http_failure(error)

    async def _submit(
        self, client: httpx.AsyncClient, form: dict[str, str], cookies: dict[str, str]
    ) -> Session | Failure:
        headers = {"Referer": self._base + LOGIN_PATH, "Cookie": _cookie_header(cookies)}
        # Counted before it goes: whoever is cancelled meanwhile has sent it too.
        self.passwords_sent += 1
        try:
            answer = await _read(
                client, "POST", LOGIN_PATH, data=form, headers=headers, within=VERDICT_TIMEOUT
            )
            return _login_result(answer, self._base)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            raise
        except _HTTP_FAULTS as error:
            return Failure(FailureKind.UNANSWERED, detail=_http_failure(error).kind)
        except Exception as error:  # noqa: BLE001 - whatever it was, the password is out
            # Only the name is logged: the words may hold what was sent.
            log.error("the answer to the password cannot be read: %s", type(error).__name__)  # noqa: TRY400 - so
            return Failure(FailureKind.UNANSWERED, detail=type(error).__name__)

    async def find_session(self, session: Session) -> bool | Failure:
        """Tell whether the server still knows `session`, or why that cannot be learnt now.

        Asking over HTTP is what distinguishes an ended session from a refused Origin: a handshake is
        answered 403 for both.
        """
        try:
            async with self._client() as client:
                page = await _read(client, "GET", "/", headers={"Cookie": session.cookie})
        except _HTTP_FAULTS as error:
            return _http_failure(error)
        match page.status:
            case 200:
                # Some site, or a proxy before it, shows the login form in place of any page.
                return not _form(page.text).asks_for_password
            case 302 if _leads_to_login(page, self._base):
                return False
            case 403 | 429 if (denied := _denied(page)).kind is FailureKind.RATE_LIMITED:
                return denied
            case status:
                return Failure(FailureKind.STATUS, status, page.retry_after)

    async def is_alive(self, session: Session) -> bool | None:
        """Tell whether the server still knows `session`; None when that cannot be learnt now."""
        found = await self.find_session(session)
        if isinstance(found, Failure):
            log.info("the session could not be checked: %s", found.kind)
            return None
        return found

    async def get(self, session: Session, path: str, *, accept: str, most: int = _MAX_PAGE) -> Page | Failure:
        """Return what is at `path`, up to `most` bytes of it, or why nothing came.

        A redirect to the login, which says that the session is gone, is a failure with its status.
        """
        headers = {"Cookie": session.cookie, "Accept": accept}
        try:
            async with self._client() as client:
                page = await _read(client, "GET", path, headers=headers, most=most)
        except _HTTP_FAULTS as error:
            return _http_failure(error)
        if page.status == httpx.codes.FOUND and _leads_to_login(page, self._base):
            return Failure(FailureKind.STATUS, page.status)
        return page


# ValueError: what a hostile server sends need be neither text (UnicodeError) nor a URL.
_HTTP_FAULTS = (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError)


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
    most: int = _MAX_PAGE,
) -> Page:
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
            if len(content) >= most:
                break
        # Not `cookies.items()`: that raises when one name comes with two paths.
        cookies = {
            cookie.name: cookie.value
            for cookie in response.cookies.jar
            if cookie.value and _fits_a_header(cookie.name + cookie.value)
        }
        return Page(response.status_code, response.headers, cookies, content.decode("utf-8", "replace"))


def _fits_a_header(text: str) -> bool:
    return text.isascii() and text.isprintable()


def _cookie_header(cookies: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def _leads_to_login(page: Page, base: str) -> bool:
    """Tell whether a redirect leads to the login page, of this server or another."""
    path = urlsplit(urljoin(base + LOGIN_PATH, page.headers.get("Location", ""))).path
    return f"{unquote(path).casefold().rstrip('/')}/".endswith(LOGIN_PATH)


def login_page_fault(page: Page) -> Failure | None:
    """Return why `page` is not the login page of an ArmGuard, None if it is."""
    has_form = _form_token(page.text) is not None and CSRF_COOKIE in page.cookies
    return None if page.status == httpx.codes.OK and has_form else _refused_page(page)


def _refused_page(page: Page) -> Failure:
    """Return why the login page did not come."""
    match page.status:
        case 400:
            return _bad_request(page)
        case 403 | 429:
            return _denied(page)
        case status if status >= httpx.codes.INTERNAL_SERVER_ERROR:
            return Failure(FailureKind.STATUS, status, page.retry_after)
        case status:
            detail = f"redirects to {page.headers['Location']}" if "Location" in page.headers else ""
            return Failure(FailureKind.NOT_ARMGUARD, status, detail=detail)


def _login_result(page: Page, base: str) -> Session | Failure:
    """Return what the answer to a password means.

    What is no clear verdict is "unanswered": ArmGuard may have looked at the password all the same, and five
    refusals lock the account, seen or unseen.
    """
    match page.status:
        case 302 if "Location" in page.headers:
            return _redirected(page, base)
        case 200 | 401:
            return Failure(FailureKind.WRONG_PASSWORD, page.status)
        case 403 | 429:
            return Failure(_denied_password(page), page.status, page.retry_after)
        case status:
            return Failure(FailureKind.UNANSWERED, status, page.retry_after)


def _redirected(page: Page, base: str) -> Session | Failure:
    if _leads_to_login(page, base):
        return Failure(FailureKind.WRONG_PASSWORD, page.status)
    # The session cookie's name is a setting of the server: whichever comes besides the CSRF token.
    session = {name: value for name, value in page.cookies.items() if name != CSRF_COOKIE}
    if not session:
        return Failure(FailureKind.UNANSWERED, page.status)
    token = {name: value for name, value in page.cookies.items() if name == CSRF_COOKIE}
    return Session(_cookie_header(session | token))


def _bad_request(page: Page) -> Failure:
    """Tell nginx's own complaints, in its fixed words, from Django's about the host name."""
    text = page.text.casefold()
    if "sent to https port" in text:
        return Failure(FailureKind.HTTPS_EXPECTED, 400)
    if "ssl certificate" in text:
        return Failure(FailureKind.CLIENT_CERTIFICATE, 400)
    return Failure(FailureKind.HOST_NOT_ALLOWED, 400)


# At the beginning of a word: pages are full of "block".
_LOCKED_OUT = re.compile(r"\block|too many login|failed login")
# Django's own words about CSRF, and those of HTTP about too many requests.
_CSRF_FAILED = "csrf verification failed"
_TOO_MANY_REQUESTS = "too many requests"
# Below each page of its own (https://github.com/nginx/nginx, ngx_http_special_response.c).
_NGINX = "<hr><center>nginx"


def _denied(page: Page) -> Failure:
    """Tell apart why a page is refused with 403 or 429; no password was sent with it."""
    retry_after = page.retry_after
    # Any page may hold a form with a token: its name is no complaint, and its value may spell anything.
    text = re.sub(rf"{CSRF_FIELD}[^>]*|{CSRF_COOKIE}", "", page.text.casefold())
    if _LOCKED_OUT.search(text):
        return Failure(FailureKind.LOCKED_OUT, page.status, retry_after)
    if "csrf" in text:
        return Failure(FailureKind.CSRF, page.status)
    if _NGINX in text and page.status == httpx.codes.FORBIDDEN:
        return Failure(FailureKind.STATUS, page.status)  # `deny`, and no word of the server's
    if page.status == httpx.codes.TOO_MANY_REQUESTS or re.search(r"\b429\b", text):
        return Failure(FailureKind.RATE_LIMITED, page.status, retry_after)
    # What is left is most likely the lock-out's own page, and retrying that would be the greater harm.
    return Failure(FailureKind.LOCKED_OUT, page.status, retry_after)


def _denied_password(page: Page) -> FailureKind:
    """Tell why a password is refused with 403 or 429: locked out, unless the page says plainly what else.

    A lock-out's page may be in any language, and mention CSRF or 429 by the way.
    """
    text = page.text.casefold()
    if _LOCKED_OUT.search(text):
        return FailureKind.LOCKED_OUT
    if page.status == httpx.codes.FORBIDDEN and _CSRF_FAILED in text:
        return FailureKind.CSRF
    return FailureKind.RATE_LIMITED if _TOO_MANY_REQUESTS in text else FailureKind.LOCKED_OUT


class _Form(HTMLParser):
    """What is in the forms of a page.

    Attributes:
        token: the CSRF token.
        asks_for_password: whether there is a field for a password.

    """

    def __init__(self) -> None:
        super().__init__()
        self.token: str | None = None
        self.asks_for_password = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        fields = dict(attrs)
        if tag == "input" and fields.get("name") == CSRF_FIELD:
            self.token = fields.get("value")
        if tag == "input" and (fields.get("type") or "").casefold() == "password":
            self.asks_for_password = True


def _form(page: str) -> _Form:
    form = _Form()
    # The parser gives up at some broken pages (https://github.com/python/cpython/issues/77057); what was read
    # before that counts.
    with suppress(AssertionError):
        form.feed(page)
    return form


def _form_token(page: str) -> str | None:
    return _form(page).token
