"""What a look at a login finds, for each kind of session."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE

import pytest

from tests.fakes.live_site import LiveSite

PATIENCE = 60.0
RECORDED = {
    "untouched": True,
    "logged_out": False,
    "logged_out_in_its_last_second": False,
    "removed_when_it_had_grown_old": True,
    "deactivated": False,
    "password_changed": False,
    "cookie_changed": False,
}


@pytest.mark.parametrize(
    ("engine", "found"),
    [
        # An old row is told from a young one by its date, which the setting for the cookie does not change.
        ("db", RECORDED | {"cookie_grown_old": True}),
        ("cached_db", RECORDED | {"cookie_grown_old": True}),
        # The server has nothing that a log-out could end.
        (
            "signed_cookies",
            RECORDED
            | dict.fromkeys(("logged_out", "logged_out_in_its_last_second"), True)
            | {"cookie_grown_old": False},
        ),
    ],
)
async def test_a_login_holds_while_nothing_speaks_against_it(
    site: LiveSite, engine: str, found: dict[str, bool]
) -> None:
    async with site.server():  # which makes the database
        looking = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.server.live_sockets.logins_program", engine),
            stdout=PIPE,
            env=os.environ | site.environment,
        )
        async with asyncio.timeout(PATIENCE):
            said, _ = await looking.communicate()
    assert json.loads(said) == found
