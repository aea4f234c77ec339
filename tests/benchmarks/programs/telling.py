"""What a program that is measured says to the one that measures: lines of JSON on standard output."""

import json
import sys
from typing import Any


def tell(**facts: Any) -> None:
    """Say something, at once; without facts, that the program is ready."""
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()
