"""`python -m armguard_tray` and the `armguard-tray` command."""

import sys

from armguard_tray import cli


def main() -> int:
    """Run the command line's command and return its exit code."""
    return cli.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
