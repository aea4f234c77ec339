"""`manage.py check_websockets`: tells whether the WebSockets work and, if not, which part of them."""

import asyncio
import json
import sys
import time
from contextlib import AsyncExitStack
from typing import Any

from asgiref.sync import sync_to_async
from django.core.management.base import BaseCommand, CommandError, CommandParser

from armguard_tray.server.conf import live_settings
from armguard_tray.server.management.checkup.examination import Examination
from armguard_tray.server.management.checkup.findings import Bad, Finding, Verdict, summary, verdict_of
from armguard_tray.server.management.checkup.server_process import KINDS, installed_kind
from armguard_tray.server.management.checkup.site import Site, site_at
from armguard_tray.server.management.checkup.visitors import LoggedInVisitors, TemporaryVisitors, Visitors


class Command(BaseCommand):
    """Uses the WebSockets as desks and browsers do, and tells what it saw.

    It starts two servers of its own on free loopback ports, with the project's ASGI application, database
    and Redis. What it publishes are notices that say that they are a test, for users that it makes for the
    purpose and deletes again (their events leave the event log when they are old); nobody else is disturbed.
    With --url the running server is checked instead, and only the second server is its own. With --username
    the notices go to that user, and to nobody else.

    With --json it prints one object: {"url", "verdict": "good" | "bad" | "unknown", "checks": [{"name",
    "verdict": "good" | "bad" | "unknown" | "skipped", "detail", "seconds"}]}, and meanwhile, to standard
    error, a line for each check as it ends. The exit code is 0 if the verdict is good, else 1.
    """

    help = "Check the WebSockets: handshake, limits, codes, broadcast across two processes, resume."
    # Wrong settings are what this is to find.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what is to be checked, and as whom."""
        parser.add_argument("--url", help="check the server that runs here, e.g. https://armory.local:8443")
        parser.add_argument(
            "--server", choices=KINDS, help="what its own servers are (default: what is there)"
        )
        parser.add_argument("--ca-file", metavar="PEM", help="certificate of a private CA, for https")
        parser.add_argument(
            "--username",
            help="log in as this user, who gets some test notices, instead of making temporary users",
        )
        parser.add_argument(
            "--password-stdin", action="store_true", help="read that user's password from standard input"
        )
        parser.add_argument(
            "--json",
            action="store_true",
            help="print one JSON object; the checks, as they end, go to standard error",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Check everything, and exit with 1 unless all that could be checked is good."""
        if bool(options["username"]) != options["password_stdin"]:
            raise CommandError("--username and --password-stdin belong together.")
        password = sys.stdin.readline().rstrip("\r\n") if options["password_stdin"] else ""
        began = time.perf_counter()
        say = self._say_aside if options["json"] else self._say
        examination = Examination(live_settings(), options["server"] or installed_kind(), say)
        asyncio.run(_examine(examination, options, password))
        findings = examination.findings
        if options["json"]:
            report = {
                "url": options["url"],
                "verdict": verdict_of(findings),
                "checks": [each.as_json() for each in findings],
            }
            self.stdout.write(json.dumps(report))
        else:
            self.stdout.write(f"{summary(findings)}, in {time.perf_counter() - began:.1f} s")
        if verdict_of(findings) is not Verdict.GOOD:
            sys.exit(1)

    def _say(self, finding: Finding) -> None:
        style = {
            Verdict.GOOD: self.style.SUCCESS,
            Verdict.BAD: self.style.ERROR,
            Verdict.UNKNOWN: self.style.WARNING,
            Verdict.SKIPPED: self.style.WARNING,
        }
        self.stdout.write(style[finding.verdict](finding.as_line()))
        self.stdout.flush()

    def _say_aside(self, finding: Finding) -> None:
        self.stderr.write(finding.as_line(), lambda line: line)  # not in the colour of errors
        self.stderr.flush()


async def _examine(examination: Examination, options: dict[str, Any], password: str) -> None:
    await examination.examine_project()
    async with AsyncExitStack() as stack:
        site = (
            _given_site(options)
            if options["url"]
            else await stack.enter_async_context(examination.server("server process"))
        )
        if site is None:
            return
        second = await stack.enter_async_context(examination.server("second server process"))
        visitors = await sync_to_async(_visitors)(site, options["username"], password)
        await examination.examine(site, second, visitors)


def _given_site(options: dict[str, Any]) -> Site:
    try:
        return site_at(options["url"], options["ca_file"])
    except (ValueError, OSError) as error:
        raise CommandError(str(error)) from error


def _visitors(site: Site, username: str | None, password: str) -> Visitors:
    if not username:
        return TemporaryVisitors()
    try:
        return LoggedInVisitors(site, username, password)
    except (Bad, OSError) as error:
        raise CommandError(f"The login failed: {error}") from error
