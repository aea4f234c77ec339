"""What is added to each file."""

import pytest

from server_setup.edits import (
    SettingsFacts,
    asgi_body,
    layer_chosen,
    notifications_body,
    settings_body,
    urls_body,
)
from server_setup.options import LAYERS, Layer


def run(body: str, **names: object) -> dict[str, object]:
    """Run a settings block below settings with these names."""
    scope: dict[str, object] = {"INSTALLED_APPS": ["auth"], **names}
    exec(compile(body, "settings", "exec"), scope)  # noqa: S102 - what Python makes of it is the point
    return scope


def test_the_settings_gain_the_app_its_layer_and_its_settings() -> None:
    settings = run(settings_body(SettingsFacts(relay=True)), ARMGUARD_LIVE={"RETENTION_DAYS": 30})
    assert settings["INSTALLED_APPS"] == ["auth", "armguard_tray.server"]
    assert settings["ARMGUARD_LIVE"] == {"RETENTION_DAYS": 30, "RELAY_TO_STOCK": True}
    layer = settings["CHANNEL_LAYERS"]
    assert isinstance(layer, dict)
    assert layer["default"]["BACKEND"].startswith("armguard_tray.server.layers")


def test_settings_that_take_over_others_with_a_block_of_their_own_have_the_app_once() -> None:
    body = settings_body(SettingsFacts())
    base = run(body)
    assert run(body, INSTALLED_APPS=base["INSTALLED_APPS"])["INSTALLED_APPS"] == [
        "auth",
        "armguard_tray.server",
    ]


def test_settings_that_use_decouple_give_the_address_from_dotenv() -> None:
    asked: dict[str, object] = {}

    def config(name: str, default: object) -> object:
        asked[name] = default
        return {"REDIS_HOST": "redis.armory"}.get(name, default)

    settings = run(settings_body(SettingsFacts(config="config")), config=config)
    assert set(asked) == {"REDIS_URL", "REDIS_HOST", "REDIS_PORT", "REDIS_PASSWORD", "REDIS_DB"}
    layer = settings["CHANNEL_LAYERS"]
    assert isinstance(layer, dict)
    assert layer["default"]["CONFIG"]["host"] == "redis.armory"


@pytest.mark.parametrize("layer", LAYERS)
def test_the_chosen_layer_can_be_read_back(layer: Layer) -> None:
    for config in (None, "config"):
        assert layer_chosen(settings_body(SettingsFacts(layer=layer, config=config))) == layer


def test_settings_without_a_block_have_chosen_nothing() -> None:
    assert layer_chosen("INSTALLED_APPS = []\n") is None


def test_without_real_time_the_app_is_told_so() -> None:
    assert run(settings_body(SettingsFacts(layer="off")))["ARMGUARD_LIVE"] == {"REAL_TIME": False}


def test_a_missing_asgi_application_is_named() -> None:
    settings = run(settings_body(SettingsFacts(asgi="core.asgi.application")))
    assert settings["ASGI_APPLICATION"] == "core.asgi.application"


def test_the_app_comes_before_a_path_that_takes_everything() -> None:
    body = urls_body().replace("include(", "str(")  # which needs no Django app registry
    scope: dict[str, object] = {"urlpatterns": ["everything"]}
    exec(compile(body.replace("path(", "(lambda *a: a)("), "urls", "exec"), scope)  # noqa: S102 - as in run
    urlpatterns = scope["urlpatterns"]
    assert isinstance(urlpatterns, list)
    assert urlpatterns[0][0] == "armguard-live/"
    assert urlpatterns[-1] == "everything"


def test_the_application_is_wrapped_under_its_own_name() -> None:
    assert "app = with_live(app)\n" in asgi_body("app")


def test_the_stock_functions_are_replaced() -> None:
    for name in ("send_user_notification", "broadcast_transaction_created", "broadcast_announcement"):
        assert f"    {name},\n" in notifications_body()
