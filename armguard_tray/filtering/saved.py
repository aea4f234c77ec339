"""PURE: filters as JSON text, one by one and under names.

What this version does not understand is refused, never left out: a filter with a condition less shows more
than was asked for.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

import msgspec

from armguard_tray.errors import FilterError
from armguard_tray.filtering.wanted import Wanted
from armguard_tray.filtering.when import Dates, When
from armguard_tray.messages.event import Category, Source
from armguard_tray.messages.plain_text import plain

VERSION = 1
MAX_NAME = 60
"""Characters of a name."""
_NEWER = "The filter was saved by a newer version of ArmGuard Tray."
_UPDATE = "Update the program, or make the filter anew."


class _Head(msgspec.Struct):
    version: Annotated[int, msgspec.Meta(ge=1)]


class _Document(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    version: int
    text: str = ""
    categories: list[Category] = []
    item_types: list[str] = []
    duties: list[str] = []
    issuers: list[str] = []
    statuses: list[str] = []
    sources: list[Source] = []
    needs_look: bool = False
    person: str | None = None
    item: str | None = None
    when: When = When.EVERYTHING
    since: datetime | None = None
    until: datetime | None = None
    dates: bool = False


def to_text(wanted: Wanted) -> str:
    """Return `wanted` as JSON text; the same one for what means the same."""
    dates = wanted.when if isinstance(wanted.when, Dates) else None
    document = _Document(
        version=VERSION,
        # Half a character, as a broken keyboard layout types it, is nothing that UTF-8 has.
        text=wanted.text.encode("utf-8", "replace").decode(),
        categories=sorted(wanted.categories),
        item_types=sorted(wanted.item_types),
        duties=sorted(wanted.duties),
        issuers=sorted(wanted.issuers),
        statuses=sorted(wanted.statuses),
        sources=sorted(wanted.sources),
        needs_look=wanted.needs_look,
        person=wanted.person,
        item=wanted.item,
        when=wanted.when if isinstance(wanted.when, When) else When.EVERYTHING,
        since=dates.since if dates else None,
        until=dates.until if dates else None,
        dates=dates is not None,
    )
    return msgspec.json.encode(document).decode()


def from_text(text: str) -> Wanted:
    """Return what `to_text` made a text of.

    Raises:
        FilterError: it is damaged, absurd, or of a newer version, with conditions that are not known here.

    """
    try:
        content = text.encode()
        if msgspec.json.decode(content, type=_Head).version > VERSION:
            raise FilterError(_NEWER, _UPDATE)
        document = msgspec.json.decode(content, type=_Document)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise FilterError(f"The filter cannot be understood: {plain(str(error))}.", _UPDATE) from error
    return _wanted(document)


def _wanted(document: _Document) -> Wanted:
    if not document.dates and (document.since or document.until):
        raise FilterError("The filter cannot be understood: it has times and no dates.", _UPDATE)
    return Wanted(
        text=document.text,
        categories=frozenset(document.categories),
        item_types=frozenset(document.item_types),
        duties=frozenset(document.duties),
        issuers=frozenset(document.issuers),
        statuses=frozenset(document.statuses),
        sources=frozenset(document.sources),
        needs_look=document.needs_look,
        person=document.person,
        item=document.item,
        when=Dates(document.since, document.until) if document.dates else document.when,
    )


@dataclass(frozen=True, slots=True)
class SavedFilters:
    """Filters under names. What is not understood of them is kept as it is, and refused when it is asked for.

    Attributes:
        texts: the name of each -> the filter as JSON text.

    """

    texts: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str) -> "SavedFilters":
        """Return what `text` made a text of; of an empty one, none.

        Raises:
            FilterError: it is damaged.

        """
        if not text:
            return cls()
        try:
            found = msgspec.json.decode(text.encode(), type=dict[str, Any])
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            raise FilterError(f"The saved filters are damaged: {plain(str(error))}.") from error
        # As JSON within JSON it would be text in text; as it stands, a person can read it.
        return cls({name: msgspec.json.encode(each).decode() for name, each in found.items()})

    @property
    def text(self) -> str:
        """All of them as JSON text."""
        return msgspec.json.encode(
            {name: msgspec.Raw(each.encode()) for name, each in self.texts.items()}
        ).decode()

    @property
    def names(self) -> list[str]:
        """Their names, as a dictionary has them."""
        return sorted(self.texts, key=lambda name: (name.casefold(), name))

    def get(self, name: str) -> Wanted:
        """Return the filter of that name.

        Raises:
            FilterError: there is none, or this version does not understand it.

        """
        if name not in self.texts:
            raise FilterError(f"There is no filter “{plain(name)}”.")
        try:
            return from_text(self.texts[name])
        except FilterError as error:
            raise FilterError(f"“{plain(name)}”: {error.message}", error.remedy) from error

    def with_filter(self, name: str, wanted: Wanted) -> "SavedFilters":
        """Return them with `wanted` under `name`, in the place of what bore it before.

        Raises:
            FilterError: that cannot be a name.

        """
        return SavedFilters({**self.texts, tidy_name(name): to_text(wanted)})

    def renamed(self, old: str, new: str) -> "SavedFilters":
        """Return them with another name for one.

        Raises:
            FilterError: there is none of the old name, the new one is taken, or cannot be a name.

        """
        name = tidy_name(new)
        if old not in self.texts:
            raise FilterError(f"There is no filter “{plain(old)}”.")
        if name != old and name in self.texts:
            raise FilterError(
                f"There is a filter “{name}” already.", "Choose another name, or delete that one."
            )
        return SavedFilters({name if each == old else each: text for each, text in self.texts.items()})

    def without(self, name: str) -> "SavedFilters":
        """Return them without the one of that name."""
        return SavedFilters({each: text for each, text in self.texts.items() if each != name})


def tidy_name(name: str) -> str:
    """Return the name that is meant, on one line.

    Raises:
        FilterError: it is empty or too long.

    """
    tidy = plain(" ".join(name.split()))
    if not tidy:
        raise FilterError("A saved filter needs a name.")
    if len(tidy) > MAX_NAME:
        raise FilterError(f"A name has at most {MAX_NAME} characters.")
    return tidy
