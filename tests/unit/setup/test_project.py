"""The files of a project that have to be changed are found, or it is said what is in the way."""

from pathlib import Path

import pytest

from server_setup.project import find_project
from setup_websockets import SetupError


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_the_stock_project(site: Path) -> None:
    project = find_project(site)
    assert [settings.module for settings in project.settings] == ["core.settings"]
    assert project.settings[0].config == "config"
    assert project.application == "core.asgi:application"
    assert project.asgi == site / "core/asgi.py"
    assert project.urls == site / "core/urls.py"
    assert project.notifications == site / "core/notifications.py"
    assert project.dotenv == site / ".env"
    assert project.environment["SECRET_KEY"].startswith("the-key")


def test_settings_of_production_that_take_over_the_others(site: Path) -> None:
    (site / "core/settings_production.py").write_text("from .settings import *\n\nDEBUG = False\n")
    edit(site / "core/asgi.py", '"core.settings"', '"core.settings_production"')
    project = find_project(site)
    assert [settings.module for settings in project.settings] == ["core.settings_production", "core.settings"]
    assert project.settings[0].config == "config"
    assert project.urls == site / "core/urls.py"


def test_a_package_of_settings_of_which_dotenv_names_one(site: Path) -> None:
    package = site / "core/config"
    package.mkdir()
    (package / "__init__.py").touch()
    (site / "core/settings.py").rename(package / "base.py")
    (package / "live.py").write_text("from .base import *\n")
    edit(site / "manage.py", "core.settings", "core.config.base")
    edit(site / "core/asgi.py", "core.settings", "core.config.base")
    with (site / ".env").open("a") as dotenv:
        dotenv.write("DJANGO_SETTINGS_MODULE=core.config.live\n")
    project = find_project(site)
    assert [settings.module for settings in project.settings] == ["core.config.live", "core.config.base"]


def test_settings_that_were_named(site: Path) -> None:
    (site / "core/other.py").write_text("from core.settings import *\n")
    assert [settings.module for settings in find_project(site, "core.other").settings] == ["core.other"]


def test_a_project_with_http_only(site: Path) -> None:
    edit(site / "core/settings.py", 'ASGI_APPLICATION = "core.asgi.application"\n', "")
    (site / "core/asgi.py").write_text(
        "import os\nfrom django.core.asgi import get_asgi_application\n"
        "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'core.settings')\n"
        "application = get_asgi_application()\n"
    )
    assert find_project(site).application == "core.asgi:application"


def test_a_project_without_the_stock_functions(site: Path) -> None:
    (site / "core/notifications.py").unlink()
    assert find_project(site).notifications is None


def test_packages_and_backups_are_not_the_projects_own(site: Path) -> None:
    for folder in (".armguard-live-backup/20261124-101112", "lib/site-packages", "env311"):
        (site / folder).mkdir(parents=True)
        (site / folder / "notifications.py").write_bytes((site / "core/notifications.py").read_bytes())
    (site / "env311/pyvenv.cfg").touch()
    assert find_project(site).notifications == site / "core/notifications.py"


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("manage.py", "DJANGO_SETTINGS_MODULE", "OTHER", "names no settings module. Name it with --settings"),
        ("manage.py", "core.settings", "core.nothing", r"core\.nothing is not in .*--settings"),
        ("core/settings.py", "INSTALLED_APPS = [", "APPS = [", "sets no INSTALLED_APPS"),
        ("core/settings.py", "ROOT_URLCONF", "URLS", "name no ROOT_URLCONF"),
        ("core/settings.py", "BASE_DIR = ", "BASE_DIR == ) ", r"settings\.py is no valid Python"),
        ("core/asgi.py", "application = Protocol", "app = Protocol", "sets no application"),
        ("core/urls.py", "urlpatterns", "patterns", "sets no urlpatterns"),
    ],
)
def test_what_is_not_understood_is_refused(site: Path, file: str, old: str, new: str, said: str) -> None:
    edit(site / file, old, new)
    with pytest.raises(SetupError, match=said):
        find_project(site)


def test_no_project_at_all(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"no manage\.py in"):
        find_project(tmp_path)


def test_no_asgi_application(site: Path) -> None:
    (site / "core/asgi.py").unlink()
    with pytest.raises(SetupError, match=r"No ASGI application was found \(core\.asgi\.application\)"):
        find_project(site)


@pytest.mark.parametrize("text", [b"# -*- coding: latin-1 -*-\nNAME = 'caf\xe9'\n", b"NAME = 'caf\xe9'\n"])
def test_other_encodings_than_utf_8_are_refused(site: Path, text: bytes) -> None:
    urls = site / "core/urls.py"
    urls.write_bytes(text + urls.read_bytes())
    with pytest.raises(SetupError, match="UTF-8"):
        find_project(site)


def test_stock_functions_in_two_places_are_not_guessed_at(site: Path) -> None:
    (site / "core/copy_of_notifications.py").write_bytes((site / "core/notifications.py").read_bytes())
    with pytest.raises(SetupError, match="More than one file defines"):
        find_project(site)
