"""The demo server's settings, stock or with the app, and over them what `ARMGUARD_ODD_SETTINGS` says."""

import json
import os
from importlib import import_module

from tests.faults.odd_server import SETTINGS, UNDER

_under = import_module(os.environ[UNDER])
globals().update({name: getattr(_under, name) for name in dir(_under) if name.isupper()})
_over = json.loads(os.environ[SETTINGS])
globals().update(_over)
