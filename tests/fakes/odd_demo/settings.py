"""The stock demo server's settings, and over them what `ARMGUARD_ODD_SETTINGS` says: a JSON object."""

import json
import os

from armguard_tray.server.demo.settings import *  # noqa: F403 - how a settings module goes on from another
from tests.fakes.odd_demo import SETTINGS

globals().update(json.loads(os.environ[SETTINGS]))
