"""The demo server for tests: a shared one, one that can be restarted, and a client that makes things happen.

Import the fixtures you want into a `conftest.py`:
`from tests.fakes.demo_server import demo_server, armorer, restartable_demo  # noqa: F401 - fixtures`.
`DemoClient` is synchronous on purpose: it can be called from sync and async tests alike (the server is
another process, so a call only holds the test's loop for some milliseconds).
"""

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from ssl import PROTOCOL_TLS_CLIENT, SSLContext
from typing import Any, Self

import httpx
import pytest
import pytest_asyncio

from armguard_tray.server.demo.process import DemoServer

# Of the demo's population (armguard_tray/server/demo/population.py).
JUAN = "PE-901234241126"  # Juan Dela Cruz
JOSE = "PE-901377241126"  # José <B>X</B> Peña
SANTOS = "PE-874120241126"  # Rogelio Santos
M4_00077 = "IR-00077241126"
M4_00177 = "IR-00177241126"
GLOCK_BKP417 = "IP-BKP417241126"
RETIRED_M14 = "IR-30003241126"
OLD_QR_M14 = "M14 #30417 (old QR)"

DATABASE = "armguard-demo.sqlite3"


@contextmanager
def running_demo(**options: Any) -> Iterator[DemoServer]:
    """Run a demo server for synchronous code, with the options of `DemoServer.start`."""
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        starting = DemoServer.start(**options)
        server = runner.run(starting.__aenter__())
        try:
            yield server
        finally:
            runner.run(starting.__aexit__(None, None, None))


@pytest.fixture(scope="session")
def demo_server() -> Iterator[DemoServer]:
    """Run a silent demo server that all tests of the session share: leave it as you found it."""
    with running_demo() as server:
        yield server


@pytest.fixture
def armorer(demo_server: DemoServer) -> Iterator["DemoClient"]:
    """Log in to the shared server as its armorer; at the end, take back what is still out."""
    with DemoClient(demo_server) as client:
        client.log_in()
        yield client
        client.take_everything_back()


class DemoClient:
    """Uses the demo server as a browser would.

    Attributes:
        http: the HTTP client, which holds the session; it follows no redirects.
        server: the server it uses.
        username: whom it logs in as.

    """

    def __init__(
        self,
        server: DemoServer,
        username: str | None = None,
        password: str | None = None,
        address: str = "127.0.0.1",
    ) -> None:
        """Use `server`, from `address` (lock-outs count by it), as its tray account unless told."""
        self.server = server
        self.username = username or server.username
        self._password = password or server.password
        self._issued: dict[str, str] = {}
        self.http = httpx.Client(
            base_url=server.url,
            # The server is plain HTTP; loading the system's certificates for it takes a tenth of a second.
            transport=httpx.HTTPTransport(verify=SSLContext(PROTOCOL_TLS_CLIENT), local_address=address),
            trust_env=False,
            headers={"Referer": server.url + "/"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def try_to_log_in(self, password: str | None = None, following: str = "") -> httpx.Response:
        """Send the login form with `password`, or the right one, and return the answer."""
        form = {"username": self.username, "password": password or self._password, "next": following}
        return self.post_form("/login/", form, page="/login/")

    def log_in(self) -> None:
        """Log in."""
        answer = self.try_to_log_in()
        assert answer.status_code == httpx.codes.FOUND, answer.text

    def post_form(self, path: str, form: dict[str, Any], page: str = "/") -> httpx.Response:
        """Send a form with the token that `page` holds."""
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.http.get(page).text)
        assert token is not None, f"{page} has no form"
        return self.http.post(path, data={**form, "csrfmiddlewaretoken": token[1]})

    @property
    def cookies(self) -> str:
        """The `Cookie` header of this session, for a handshake."""
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.http.cookies.jar)

    def issue(
        self,
        personnel_id: str = JUAN,
        item_id: str = M4_00077,
        *,
        duty_type: str = "Guard Duty",
        mags: int | None = 3,
        rounds: int | None = 90,
    ) -> int:
        """Issue an item and announce it; return the transaction's id."""
        form = {"duty_type": duty_type, "mags": mags, "rounds": rounds}
        return self._transact("Take", personnel_id, item_id, form)

    def take_back(self, personnel_id: str = JUAN, item_id: str = M4_00077) -> int:
        """Take an item back and announce it; return the transaction's id."""
        return self._transact("Return", personnel_id, item_id, {})

    def transact_unannounced(self, action: str, personnel_id: str = JUAN, item_id: str = M4_00077) -> int:
        """Make a transaction through the JSON endpoint, which tells nobody; return its id."""
        answer = self.http.post(
            "/api/transactions/",
            json={"action": action, "personnel_id": personnel_id, "item_id": item_id},
            headers={"X-CSRFToken": self.http.cookies["csrftoken"]},
        )
        assert answer.status_code == httpx.codes.CREATED, answer.text
        self._remember(action, personnel_id, item_id)
        return int(answer.json()["transaction_id"])

    def change_status(self, item_id: str, status: str) -> None:
        """Change an item's status by hand, which is announced on inventory."""
        answer = self.post_form(f"/inventory/{item_id}/status/", {"status": status})
        assert answer.status_code == httpx.codes.FOUND, answer.text

    def take_everything_back(self) -> None:
        """Take back what this client has issued and not taken back."""
        for item_id, personnel_id in list(self._issued.items()):
            self.take_back(personnel_id, item_id)

    def _transact(self, action: str, personnel_id: str, item_id: str, form: dict[str, Any]) -> int:
        said = {"action": action, "personnel_id": personnel_id, "item_id": item_id, **form}
        given = {name: value for name, value in said.items() if value is not None}
        answer = self.post_form("/transactions/new/", given)
        assert answer.status_code == httpx.codes.FOUND, answer.text
        self._remember(action, personnel_id, item_id)
        return int(answer.headers["location"].strip("/").rsplit("/")[-1])

    def _remember(self, action: str, personnel_id: str, item_id: str) -> None:
        if action == "Take":
            self._issued[item_id] = personnel_id
        else:
            self._issued.pop(item_id, None)


class RestartableDemo:
    """A demo server that can go away and come back: same address, same database, same sessions.

    Attributes:
        server: the running server; of the last run while it is stopped.
        data_dir: where its database is.

    """

    server: DemoServer

    def __init__(self, data_dir: Path, **options: Any) -> None:
        """Keep the database in `data_dir`; `options` are those of `DemoServer.start`."""
        self.data_dir = data_dir
        self._options = {"port": 0, "secret_key": "the same in every run", **options}
        self._running = AsyncExitStack()

    async def start(self) -> DemoServer:
        """Start it, at the same port as before."""
        starting = DemoServer.start(data_dir=self.data_dir, **self._options)
        self.server = await self._running.enter_async_context(starting)
        self._options["port"] = httpx.URL(self.server.url).port
        return self.server

    async def stop(self) -> None:
        """Let it end cleanly. Sockets just break, as with any daphne."""
        await self._running.aclose()

    async def kill(self) -> None:
        """End it as a crash would."""
        await self.server.kill()
        await self._running.aclose()

    def expire_sessions(self) -> None:
        """Let an hour without HTTP requests go by for every session."""
        with sqlite3.connect(self.data_dir / DATABASE) as database:
            database.execute("UPDATE django_session SET expire_date = '2000-01-01 00:00:00'")
        database.close()


@pytest_asyncio.fixture
async def restartable_demo(tmp_path: Path) -> AsyncIterator[RestartableDemo]:
    """Start a silent demo server of the test's own."""
    demo = RestartableDemo(tmp_path / "demo-server")
    await demo.start()
    yield demo
    await demo.stop()
