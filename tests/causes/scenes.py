"""All scenes, in the order of the ladder."""

from types import ModuleType
from typing import Final

from tests.causes import (
    behind_nginx,
    on_the_way,
    redis_scenes,
    the_account,
    the_streams,
    this_desk,
    what_answers,
    what_reaches_us,
)
from tests.causes.scene import Cause

_MODULES: Final[tuple[ModuleType, ...]] = (
    on_the_way,
    what_answers,
    the_account,
    the_streams,
    behind_nginx,
    what_reaches_us,
    redis_scenes,
    this_desk,
)
CAUSES: Final[tuple[Cause, ...]] = tuple(
    each for module in _MODULES for each in vars(module).values() if isinstance(each, Cause)
)
