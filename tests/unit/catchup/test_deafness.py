"""Whether a server has stopped announcing, and how often sockets are opened anew for that."""

from armguard_tray.catchup.deafness import FIRST_PAUSE, LAST_PAUSE, MOST_SKIPPED, Hearing


def test_one_that_was_not_announced_and_none_after_it_is_reason_enough() -> None:
    assert Hearing().is_deaf(1)
    assert not Hearing().is_deaf(0)


def test_what_an_endpoint_has_skipped_before_is_no_reason() -> None:
    hearing = Hearing().learnt(2)
    assert not hearing.is_deaf(2)
    assert hearing.is_deaf(3)
    assert hearing.learnt(1) == hearing


def test_many_that_were_skipped_at_once_hide_no_deafness() -> None:
    assert Hearing().learnt(500).is_deaf(MOST_SKIPPED + 1)


def test_after_each_time_more_evidence_is_wanted() -> None:
    hearing = Hearing().reopened(1, now=0).heard()
    assert not hearing.is_deaf(1)
    assert hearing.is_deaf(2)


def test_where_nothing_is_announced_at_all_sockets_are_opened_anew_more_and_more_seldom() -> None:
    hearing, now, times = Hearing(), 0.0, []
    for _ in range(12):
        assert hearing.may_reopen(now)
        hearing = hearing.reopened(1, now)
        assert not hearing.may_reopen(hearing.not_before - 1)
        times.append(hearing.not_before - now)
        now = hearing.not_before
    assert times[:3] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE]
    assert times[-1] == LAST_PAUSE


def test_what_is_announced_since_shows_that_it_was_of_use() -> None:
    assert Hearing().reopened(1, now=0).heard().may_reopen(1)
