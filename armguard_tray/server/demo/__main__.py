"""`python -m armguard_tray.server.demo`: the demo server as a process of its own."""

import argparse
import logging
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import django
import redis

log = logging.getLogger(__name__)

STOCK = "armguard_tray.server.demo.settings"
WITH_THE_APP = "armguard_tray.server.demo.live.settings"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the demo server on 127.0.0.1; return the exit code.

    Prints one line of JSON to standard output when it accepts connections:
    `{"url": …, "username": …, "password": …, "pid": …}`. All else goes to standard error.
    """
    options = _parser().parse_args(argv)
    with _data_dir(options.data_dir) as data_dir:
        os.environ["DJANGO_SETTINGS_MODULE"] = STOCK if options.stock else WITH_THE_APP
        os.environ["ARMGUARD_DEMO_DATA_DIR"] = str(data_dir)
        # The app decides by itself, and again whenever Redis comes or goes.
        os.environ["ARMGUARD_DEMO_REDIS_URL"] = (
            _redis_that_answers(options.redis) if options.stock else options.redis
        )
        # autobahn's native UTF-8 check reads its own C source at import, which a frozen program has not got.
        os.environ.setdefault("AUTOBAHN_USE_NVX", "0")
        django.setup()
        # Only now: models need settings.
        from armguard_tray.server.demo import run  # noqa: PLC0415

        return run.serve(
            run.Options(
                server=options.server,
                port=options.port,
                rate=options.rate,
                seed=options.seed,
                history=options.history,
                until_stdin_closes=options.until_stdin_closes,
            )
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="armguard_tray.server.demo", description="A small ArmGuard-like server."
    )
    parser.add_argument(
        "--stock", action="store_true", help="as the stock ArmGuard server is, without armguard_tray.server"
    )
    parser.add_argument(
        "--server",
        choices=("daphne", "uvicorn", "wsgi"),
        default="daphne",
        help="wsgi serves no sockets: pages only, as gunicorn beside daphne",
    )
    parser.add_argument("--port", type=int, default=0, help="on 127.0.0.1; 0 (default) takes a free one")
    parser.add_argument(
        "--rate", type=_rate, default=30, metavar="EVENTS_PER_MINUTE", help="0 for no traffic"
    )
    parser.add_argument("--seed", type=int, help="of the traffic, to play the same again")
    parser.add_argument("--history", type=int, default=0, metavar="N", help="begin with N past transactions")
    parser.add_argument("--data-dir", type=Path, help="keep the database here; default: a temporary folder")
    parser.add_argument(
        "--redis",
        metavar="URL",
        default=os.environ.get("ARMGUARD_DEMO_REDIS_URL", ""),
        help="channel layer; default: ARMGUARD_DEMO_REDIS_URL (which `ps` does not show), else in memory",
    )
    parser.add_argument("--until-stdin-closes", action="store_true", help="end when standard input does")
    return parser


def _rate(text: str) -> float:
    rate = float(text)
    if not 0 <= rate < float("inf"):
        raise argparse.ArgumentTypeError("a rate is 0 or more")
    return rate


@contextmanager
def _data_dir(given: Path | None) -> Iterator[Path]:
    if given is not None:
        given.mkdir(parents=True, exist_ok=True)
        yield given
        return
    # Windows may still hold the database file for a moment.
    with tempfile.TemporaryDirectory(prefix="armguard-demo-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _redis_that_answers(url: str) -> str:
    """Return the URL if Redis answers there now, else nothing: as on the stock server, this is asked once."""
    if not url:
        return ""
    client = redis.Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2, retry=None)
    try:
        client.ping()
    except redis.RedisError as error:
        print(f"Redis does not answer ({type(error).__name__}): in-memory channel layer", file=sys.stderr)  # noqa: T201
        return ""
    finally:
        client.close()
    return url


if __name__ == "__main__":
    sys.exit(main())
