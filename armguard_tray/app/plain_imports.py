"""Takes off the hook that PySide puts around every import."""

import builtins


def without_feature_hook() -> None:
    """Import Qt, and let whatever is imported from now on be imported by Python alone.

    PySide's own `__import__` reads the source of each module to see whether it speaks of PySide6, and
    Python's `linecache` keeps all that was read: an eighth of the tray's memory. It serves
    `from __feature__ import` (https://doc.qt.io/qtforpython-6/considerations.html#features), which nobody
    here uses. Where PySide keeps Python's own `__import__` under another name all is left as it is.
    """
    import PySide6.QtCore  # noqa: F401, PLC0415 - brings the hook

    builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)
