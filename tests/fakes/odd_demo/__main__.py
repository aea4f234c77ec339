"""`python -m tests.fakes.odd_demo`: the demo server's command with the odd settings for the stock ones."""

import sys

from armguard_tray.server.demo import __main__ as demo

if __name__ == "__main__":
    demo.STOCK = "tests.fakes.odd_demo.settings"
    sys.exit(demo.main())
