"""Any filter that a reader can ask for."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from armguard_tray.filtering.wanted import Wanted
from armguard_tray.filtering.when import Dates, When
from armguard_tray.messages.event import Category, Source
from tests.fakes.events import MANILA

_WORDS = st.frozensets(st.text(max_size=12), max_size=3)
_LAST = 1029 * 365 * 24 * 3600
_MOMENTS = st.builds(
    datetime.fromtimestamp,
    st.integers(24 * 3600, _LAST),
    st.sampled_from([UTC, MANILA]),
)


@st.composite
def dates(draw: st.DrawFn) -> Dates:
    """Draw two times that are the right way round, or one, or none."""
    first, second = draw(st.tuples(st.none() | _MOMENTS, st.none() | _MOMENTS))
    if first is not None and second is not None:
        if first == second:
            return Dates(since=first)
        first, second = sorted((first, second))
    return Dates(first, second)


anything_wanted = st.builds(
    Wanted,
    text=st.text(max_size=30),
    categories=st.frozensets(st.sampled_from(Category)),
    item_types=_WORDS,
    duties=_WORDS,
    issuers=_WORDS,
    statuses=_WORDS,
    sources=st.frozensets(st.sampled_from(Source)),
    needs_look=st.booleans(),
    person=st.none() | st.text(max_size=12),
    item=st.none() | st.text(max_size=12),
    when=st.sampled_from(When) | dates(),
)
