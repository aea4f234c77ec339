"""`python -m armguard_tray` and the `armguard-tray` command."""

import sys

from armguard_tray.app import signals
from armguard_tray.exit_codes import ExitCode


def main() -> int:
    """Run the command line's command and return its exit code."""
    signals.end_at_once(ExitCode.OK)
    from armguard_tray import cli  # noqa: PLC0415 - what takes time to import comes when a signal may

    code = cli.main(sys.argv[1:])
    # The event loop has put back Python's own handlers.
    signals.end_at_once(code)
    return code


if __name__ == "__main__":
    sys.exit(main())
