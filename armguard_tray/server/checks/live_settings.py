"""PURE: what is wrong with `ARMGUARD_LIVE`."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields
from difflib import get_close_matches
from typing import Any, Final, get_type_hints

from django.core.checks import CheckMessage, Error, Warning  # noqa: A004 - Django's name

from armguard_tray.server.conf import NAME, LiveSettings

_MAY_BE_ZERO: Final = ("LOCK_TIMEOUT",)
_RENEWALS_IN_A_LEASE: Final = 2


def settings_faults(given: object, databases: Collection[str]) -> list[CheckMessage]:
    """Return what is wrong with the settings `given`, where `databases` exist."""
    if not isinstance(given, Mapping):
        return [Error(f"{NAME} must be a dictionary.", id="armguard_live.E001")]
    kinds = {name.upper(): kind for name, kind in get_type_hints(LiveSettings).items()}
    faults: list[CheckMessage] = []
    for key, value in given.items():
        if key in kinds:
            faults += _value_faults(key, value, kinds[key])
        else:
            faults.append(_unknown(key, kinds))
    return faults or list(_joint_faults(given, databases))


def _unknown(key: object, known: Collection[str]) -> CheckMessage:
    near = get_close_matches(str(key).upper(), known, n=1)
    hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(sorted(known))}."
    return Error(f"{NAME} has the key {key!r}, which does not exist.", hint=hint, id="armguard_live.E002")


def _value_faults(key: str, value: object, kind: object) -> Iterator[CheckMessage]:
    wanted = _wanted(value, kind)
    if wanted is not None:
        yield Error(f"{NAME}[{key!r}] must be {wanted}, not {value!r}.", id="armguard_live.E003")
    elif isinstance(value, int | float) and not isinstance(value, bool) and not _is_in_range(key, value):
        limit = "0 or more" if key in _MAY_BE_ZERO else "more than 0"
        yield Error(f"{NAME}[{key!r}] must be {limit}, not {value!r}.", id="armguard_live.E004")


def _wanted(value: object, kind: object) -> str | None:
    """Return what the value must be, or None if it is that."""
    if kind is bool:
        return None if isinstance(value, bool) else "True or False"
    if kind is int:
        return None if isinstance(value, int) and not isinstance(value, bool) else "a whole number"
    if kind is float:
        return None if isinstance(value, int | float) and not isinstance(value, bool) else "a number"
    if kind is str:
        return None if isinstance(value, str) else "text"
    if isinstance(value, Mapping) and all(isinstance(each, str) for pair in value.items() for each in pair):
        return None
    return "a dictionary of texts"


def _is_in_range(key: str, value: float) -> bool:
    return value > 0 or (value == 0 and key in _MAY_BE_ZERO)  # NaN is neither


def _joint_faults(given: Mapping[str, Any], databases: Collection[str]) -> Iterator[CheckMessage]:
    names = {each.name for each in fields(LiveSettings)}
    live = LiveSettings(**{key.lower(): value for key, value in given.items() if key.lower() in names})
    if live.database not in databases:
        yield Error(
            f"{NAME}['DATABASE'] is {live.database!r}, which DATABASES does not have.",
            id="armguard_live.E005",
        )
    if live.lease_renewal * _RENEWALS_IN_A_LEASE > live.lease_seconds:
        yield Error(
            f"{NAME}: a lease of {live.lease_seconds:g} s does not outlast two renewals, "
            f"{live.lease_renewal:g} s apart.",
            hint="One late renewal would free the slot of a living connection: raise LEASE_SECONDS.",
            id="armguard_live.E006",
        )
    if live.head_check_alone > live.head_check:
        yield Warning(
            f"{NAME}: HEAD_CHECK_ALONE ({live.head_check_alone:g} s) is longer than HEAD_CHECK.",
            hint="Without Redis other processes are heard only by looking, so look more often.",
            id="armguard_live.W001",
        )
