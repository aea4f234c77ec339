"""Every cause has words that an admin can act on."""

import re

import pytest

from armguard_tray.diagnosis.causes import cause
from armguard_tray.diagnosis.codes import Code
from armguard_tray.diagnosis.failure_codes import BY_REASON
from armguard_tray.redis_probe.report import Reason


@pytest.mark.parametrize("code", Code)
def test_every_cause_has_a_sentence_and_a_remedy(code: Code) -> None:
    bare = cause(code)
    assert bare.code is code
    for words in (bare.text, bare.remedy):
        assert words.endswith((".", "?"))
        assert not re.search(r"[<>\[\]]|something unknown|  ", words)
    assert bare.text.count(". ") == 0


@pytest.mark.parametrize("code", Code)
def test_a_remedy_is_short(code: Code) -> None:
    assert len(re.findall(r"[.?] ", cause(code).remedy)) <= 3


def test_facts_are_filled_in_and_clauses_without_facts_left_out() -> None:
    assert cause(Code.LOCKED_OUT, user="reyes", until="12:03").text.endswith(
        "reyes is locked or forbidden until 12:03."
    )
    assert cause(Code.LOCKED_OUT, user="reyes").text.endswith("reyes is locked or forbidden.")


def test_what_is_filled_in_is_not_read_as_a_template() -> None:
    text = cause(Code.TLS_FAILED, where="[<host>]", detail="<where> [<user>]\n", host="secret").text
    assert "[<host>]" in text
    assert "<where> [<user>]" in text
    assert "secret" not in text


@pytest.mark.parametrize(
    ("code", "line"),
    [
        (Code.HOST_NOT_ALLOWED, 'ALLOWED_HOSTS += ["<host>"]'),
        (Code.UPGRADE_LOST, "proxy_set_header Upgrade $http_upgrade;"),
        (Code.HANDSHAKE_500, '"redis://:<password>@127.0.0.1:6379/0"'),
        (Code.CLOSED_IN_RHYTHM, '"socket_timeout": 15'),
        (Code.SERVER_HANGS, "sudo systemctl restart daphne gunicorn"),
        (Code.TIMED_OUT, "sudo ufw allow <port>/tcp"),
        (Code.REDIS_DOWN, "sudo systemctl enable --now redis-server"),
        (Code.REDIS_NO_PERMISSION, "+zrangebyscore"),
    ],
)
def test_there_is_something_to_copy(code: Code, line: str) -> None:
    assert line in cause(code).copy


def test_every_end_of_a_look_at_redis_is_a_cause() -> None:
    assert set(BY_REASON) == set(Reason) - {Reason.ANSWERS, Reason.VERSION_HIDDEN}
