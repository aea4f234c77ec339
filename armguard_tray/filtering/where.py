"""PURE: the conditions of a filter as a command line says them: `duty=Guard Duty`."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from typing import Any, TypeVar

from armguard_tray.errors import FilterError
from armguard_tray.filtering.wanted import EVERYTHING, Wanted
from armguard_tray.filtering.when import When
from armguard_tray.messages.event import Category, Source
from armguard_tray.messages.plain_text import plain

T = TypeVar("T")


def parse(text: str) -> Wanted:
    """Return what one condition, `key=value`, asks for.

    Raises:
        FilterError: there is no such condition, or it has no such value; it says which there are.

    """
    key, equals, value = (part.strip() for part in text.partition("="))
    read = _READ.get(key.casefold())
    if read is None:
        raise FilterError(f"There is no condition “{plain(key)}”.", f"There are {', '.join(_READ)}.")
    if not equals or not value:
        raise FilterError(f"The condition “{plain(text)}” says no value.", f"It is written {key}=value.")
    return read(value)


def parse_all(texts: Iterable[str]) -> Wanted:
    """Return what all conditions ask for together; of one that is given several times, any value will do.

    Raises:
        FilterError: as `parse`; or two that can have one value only have two.

    """
    wanted = EVERYTHING
    for text in texts:
        wanted = _both(wanted, parse(text), text)
    return wanted


def _both(first: Wanted, second: Wanted, text: str) -> Wanted:
    changes = {
        each.name: _joined(getattr(first, each.name), getattr(second, each.name), each.default, text)
        for each in fields(Wanted)
    }
    return replace(first, **changes)


def _joined(first: Any, second: Any, default: Any, text: str) -> Any:
    """Return what two values of one condition ask for together."""
    if isinstance(first, frozenset):
        return first | second
    if default in (first, second) or first == second:
        return second if first == default else first
    if isinstance(default, str) and not isinstance(default, When):
        return f"{first} {second}"  # words, which must all occur
    raise FilterError(f"“{plain(text)}” contradicts what was given before.", "Give it once.")


def _set_of(name: str) -> Callable[[str], Wanted]:
    return lambda value: _asking(name, frozenset({value}))


def _one(name: str) -> Callable[[str], Wanted]:
    return lambda value: _asking(name, value)


def _asking(name: str, value: Any) -> Wanted:
    changes = {name: value}
    return replace(EVERYTHING, **changes)


def _kind(value: str) -> Wanted:
    return Wanted(categories=frozenset({_known(value, {each.value: each for each in Category})}))


def _came(value: str) -> Wanted:
    return Wanted(sources=frozenset({_known(value, _SOURCES)}))


def _when(value: str) -> Wanted:
    return Wanted(when=_known(value, {each.value: each for each in When}))


def _needs_look(value: str) -> Wanted:
    return Wanted(needs_look=_known(value, {"yes": True}))


def _known(value: str, values: Mapping[str, T]) -> T:
    """Return what a word stands for.

    Raises:
        FilterError: there is no such word.

    """
    if value.casefold() not in values:
        raise FilterError(f"“{plain(value)}” is not one of {', '.join(values)}.")
    return values[value.casefold()]


_SOURCES = {
    "live": Source.LIVE,
    "caught up": Source.CATCHUP,
    "not announced": Source.UNANNOUNCED,
    "history": Source.HISTORY,
    "missing": Source.MISSING,
}
_READ: dict[str, Callable[[str], Wanted]] = {
    "text": _one("text"),
    "kind": _kind,
    "type": _set_of("item_types"),
    "duty": _set_of("duties"),
    "by": _set_of("issuers"),
    "status": _set_of("statuses"),
    "came": _came,
    "needs-look": _needs_look,
    "person": _one("person"),
    "item": _one("item"),
    "when": _when,
}
CONDITIONS = tuple(_READ)
"""The conditions that there are, for a help text."""
