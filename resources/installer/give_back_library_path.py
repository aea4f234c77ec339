# ruff: noqa: INP001 - PyInstaller reads it as a script
"""Run by the frozen program before anything else: give back the LD_LIBRARY_PATH that it was started with.

Its own libraries were found when it started. Programs that it starts, such as the browser, need the system's
(https://pyinstaller.org/en/stable/runtime-information.html#ld-library-path-libpath-considerations).
"""

import os

original = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
if original is None:
    os.environ.pop("LD_LIBRARY_PATH", None)
else:
    os.environ["LD_LIBRARY_PATH"] = original
