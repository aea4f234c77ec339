"""What this program holds is struck out of what others say."""

import json

import pytest

from armguard_tray.redaction.secrets import Secrets

SECRET = 'pa"ss<&é wörd'


@pytest.mark.parametrize(
    "said",
    [
        SECRET,
        json.dumps(SECRET)[1:-1],
        json.dumps(json.dumps(SECRET)[1:-1])[1:-1],
        SECRET.upper(),
        "pa%22ss%3c%26%c3%a9%20w%c3%b6rd",
        "pa%2522ss%253C%2526%25C3%25A9%2520w%25C3%25B6rd",
        "pa&quot;ss&lt;&amp;&eacute; w&#246;rd",
        "pa\\x22ss\\x3c\\x26\\xe9 w\\xf6rd",
        'pa"ss<&e\u0301 wo\u0308rd',
        'pa"\u200bss<&é wörd',
    ],
)
def test_a_secret_is_struck_out_however_it_is_written(said: str) -> None:
    assert Secrets([SECRET]).strike(f"it is '{said}'!") == "it is '***'!"


def test_one_that_looks_like_an_escape_is_struck_out_as_well() -> None:
    secrets = Secrets(["a%20b&lt;c", "x\\n\\x41y"])
    assert secrets.strike("a%20b&lt;c") == "***"
    assert secrets.strike(json.dumps("x\\n\\x41y")) == '"***"'


def test_a_short_one_is_struck_out_only_as_a_word() -> None:
    assert Secrets(["ada"]).strike("ada, ada_1, canada") == "***, ***_1, canada"


def test_each_cookie_of_a_session_is_a_secret() -> None:
    secrets = Secrets([None, ""])
    assert secrets.strike("tok3n-of-form and s3cret=") == "tok3n-of-form and s3cret="
    secrets.add_cookies("csrftoken=tok3n-of-form; armguard_sessionid=s3cret=")
    assert secrets.strike("tok3n-of-form and s3cret=") == "*** and ***"


def test_two_that_overlap_leave_nothing() -> None:
    assert Secrets(["abcdefgh", "efghijkl"]).strike("<abcdefghijkl>") == "<***>"


def test_it_tells_none_of_them() -> None:
    assert "hunter22" not in repr(Secrets(["hunter22"]))
