"""Logging in, as the contract's chapter Login has it."""

import itertools
from collections.abc import Iterator
from http.cookies import SimpleCookie

import httpx
import pytest

from armguard_tray.server.demo.process import DemoServer
from tests.fakes.demo_server import DemoClient, RestartableDemo

# Lock-outs and request limits count by address: each test comes from its own.
addresses = itertools.count(10)


@pytest.fixture
def stranger(demo_server: DemoServer) -> Iterator[DemoClient]:
    """Come from an address of one's own, not logged in."""
    with DemoClient(demo_server, address=f"127.0.0.{next(addresses)}") as client:
        yield client


@pytest.fixture
def sergeant(demo_server: DemoServer) -> Iterator[DemoClient]:
    """Come as a user who is not staff, from an address of one's own, not logged in."""
    with DemoClient(demo_server, username="sgt.reyes", address=f"127.0.0.{next(addresses)}") as client:
        yield client


def cookies_set(answer: httpx.Response) -> SimpleCookie:
    jar = SimpleCookie()
    for header in answer.headers.get_list("set-cookie"):
        jar.load(header)
    return jar


def test_login_page_sets_a_token_cookie_and_holds_a_masked_token_that_differs(stranger: DemoClient) -> None:
    page = stranger.http.get("/login/")
    assert page.status_code == 200
    cookie = cookies_set(page)["csrftoken"].value
    assert 'name="csrfmiddlewaretoken"' in page.text
    assert f'value="{cookie}"' not in page.text
    assert '<input type="hidden" name="next" value="">' in page.text


def test_right_password_leads_home_with_a_session_for_an_hour_and_a_new_token(stranger: DemoClient) -> None:
    token_before = cookies_set(stranger.http.get("/login/"))["csrftoken"].value
    answer = stranger.try_to_log_in()
    assert (answer.status_code, answer.headers["location"]) == (302, "/")
    cookies = cookies_set(answer)
    assert set(cookies) == {"armguard_sessionid", "csrftoken"}
    session = cookies["armguard_sessionid"]
    assert (session["max-age"], session["samesite"], session["httponly"]) == ("3600", "Lax", True)
    assert cookies["csrftoken"].value != token_before


def test_cookie_value_is_accepted_as_the_token_too(stranger: DemoClient, demo_server: DemoServer) -> None:
    token = cookies_set(stranger.http.get("/login/"))["csrftoken"].value
    form = {
        "username": demo_server.username,
        "password": demo_server.password,
        "csrfmiddlewaretoken": token,
        "next": "",
    }
    assert stranger.http.post("/login/", data=form).status_code == 302


def test_next_leads_on_from_the_login(stranger: DemoClient) -> None:
    answer = stranger.try_to_log_in(following="/transactions/")
    assert answer.headers["location"] == "/transactions/"


def test_each_http_request_begins_the_hour_anew(stranger: DemoClient) -> None:
    stranger.log_in()
    assert cookies_set(stranger.http.get("/"))["armguard_sessionid"]["max-age"] == "3600"


def test_wrong_password_shows_the_login_page_again(stranger: DemoClient) -> None:
    answer = stranger.try_to_log_in("not it")
    assert answer.status_code == 200
    assert 'name="password"' in answer.text
    assert "armguard_sessionid" not in cookies_set(answer)


def test_missing_csrf_token_is_403(stranger: DemoClient) -> None:
    stranger.http.get("/login/")
    answer = stranger.http.post("/login/", data={"username": "admin", "password": "whatever"})
    assert answer.status_code == 403


def test_five_wrong_passwords_lock_the_account_out_even_for_the_right_one(stranger: DemoClient) -> None:
    for _ in range(4):
        assert stranger.try_to_log_in("not it").status_code == 200
    assert stranger.try_to_log_in("not it").status_code == 403
    answer = stranger.try_to_log_in()
    assert answer.status_code == 403
    assert "Try again in an hour" in answer.text


def test_lock_out_is_for_that_account_at_that_address(demo_server: DemoServer, stranger: DemoClient) -> None:
    for _ in range(5):
        stranger.try_to_log_in("not it")
    with DemoClient(demo_server, address=f"127.0.0.{next(addresses)}") as elsewhere:
        assert elsewhere.try_to_log_in().status_code == 302
    stranger.username = "admin"
    assert stranger.try_to_log_in().status_code == 302


def test_right_password_forgets_earlier_mistakes(stranger: DemoClient) -> None:
    for _ in range(2):
        for _ in range(4):
            assert stranger.try_to_log_in("not it").status_code == 200
        stranger.log_in()
        stranger.http.cookies.clear()


def test_user_who_is_not_staff_may_make_60_requests_a_minute(sergeant: DemoClient) -> None:
    sergeant.log_in()
    answers = [sergeant.http.get("/api/items/none/") for _ in range(61)]
    assert [answer.status_code for answer in answers] == [404] * 60 + [403]
    assert "429 Too Many Requests" in answers[-1].text


def test_staff_are_not_limited(stranger: DemoClient) -> None:
    stranger.log_in()
    answers = {stranger.http.get("/api/items/none/").status_code for _ in range(65)}
    assert answers == {404}


@pytest.mark.parametrize("path", ["/", "/login/", "/transactions/", "/api/items/none/", "/nowhere/"])
def test_foreign_host_name_is_400_for_every_request(stranger: DemoClient, path: str) -> None:
    assert stranger.http.get(path, headers={"Host": "armory.example"}).status_code == 400


@pytest.mark.parametrize(
    "path", ["/", "/transactions/", "/transactions/1/", "/inventory/x/", "/api/items/x/", "/api/personnel/x/"]
)
def test_anonymous_request_is_sent_to_the_login_page(stranger: DemoClient, path: str) -> None:
    answer = stranger.http.get(path)
    assert (answer.status_code, answer.headers["location"]) == (302, f"/login/?next={path}")


def test_logout_by_post_ends_the_session(stranger: DemoClient) -> None:
    stranger.log_in()
    assert stranger.http.get("/logout/").status_code == 405
    assert stranger.post_form("/logout/", {}).status_code == 302
    assert stranger.http.get("/").status_code == 302


async def test_expired_session_is_sent_to_the_login_page(restartable_demo: RestartableDemo) -> None:
    with DemoClient(restartable_demo.server) as client:
        client.log_in()
        restartable_demo.expire_sessions()
        answer = client.http.get("/")
        assert (answer.status_code, answer.headers["location"]) == (302, "/login/?next=/")
