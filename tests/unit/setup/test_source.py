"""What is read from Python files and .env without running them."""

import pytest

from server_setup.source import named_settings, parse_dotenv, read_source


def test_the_outside_of_a_module() -> None:
    source = read_source(
        "\ufeff"
        "from .base import *\n"
        "from decouple import config as env\n"
        "import os.path\n"
        "ROOT_URLCONF = 'core.urls'\n"
        "A, (B, C) = 1, (2, 3)\n"
        "D: int = 4\n"
        "try:\n    from local import *\nexcept ImportError:\n    E = 5\n"
        "if D:\n    def send(): inner = 1\n"
    )
    assert source.names >= {"env", "os", "ROOT_URLCONF", "A", "B", "C", "D", "E", "send"}
    assert "inner" not in source.names
    assert source.literals == {"ROOT_URLCONF": "core.urls"}
    assert source.functions == {"send"}
    assert source.stars == (".base", "local")
    assert source.config == "env"


@pytest.mark.parametrize(
    "text",
    [
        "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'core.settings')",
        "import os\nos.environ['DJANGO_SETTINGS_MODULE'] = 'core.settings'",
        "os.environ.setdefault('X', config('DJANGO_SETTINGS_MODULE', default='core.settings'))",
        "def main():\n    os.environ.get('DJANGO_SETTINGS_MODULE', 'core.settings')",
    ],
)
def test_the_settings_that_a_file_names(text: str) -> None:
    assert named_settings(text) == "core.settings"


def test_a_file_that_names_no_settings() -> None:
    assert named_settings("os.environ.setdefault('OTHER', 'core.settings')") is None


def test_a_dotenv_file() -> None:
    text = "\ufeff# A=0\nA=1\nexport B='two words'\n C = \"3\" \nD=a=b\nnothing\nE=\n"
    assert parse_dotenv(text) == {"A": "1", "B": "two words", "C": "3", "D": "a=b", "E": ""}
