"""Finds, in a Django project that is only read and never run, the files that have to be changed."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from server_setup import blocks
from server_setup.edits import STOCK_FUNCTIONS
from server_setup.source import SETTINGS_VARIABLE, Source, named_settings, parse_dotenv, read_source
from setup_websockets import SetupError

# Not the project's own code.
_FOREIGN: Final = frozenset({"site-packages", "node_modules", "__pycache__", "venv", "env", "migrations"})
_BOM: Final = "\ufeff"
DOTENV: Final = ".env"


@dataclass(frozen=True, slots=True)
class Settings:
    """A settings module, with what it takes over from others.

    Attributes:
        module: its name.
        path: its file.
        names, literals, config: see `Source`, over all modules that it takes over.

    """

    module: str
    path: Path
    names: frozenset[str]
    literals: Mapping[str, str]
    config: str | None


@dataclass(frozen=True, slots=True)
class Project:
    """What there is to change.

    Attributes:
        root: the folder with manage.py.
        settings: the settings modules in use; the first is the one that the server uses.
        asgi: the file with the ASGI application.
        application: where it is, as ASGI servers want it: `module:name`.
        urls: the file with the root URLs.
        notifications: the file with the stock functions, if there is one.
        dotenv: the project's .env, if there is one.
        environment: what .env says.

    """

    root: Path
    settings: tuple[Settings, ...]
    asgi: Path
    application: str
    urls: Path
    notifications: Path | None
    dotenv: Path | None
    environment: Mapping[str, str]


def read_text(path: Path) -> str:
    """Read a UTF-8 file, with its line ends and its byte order mark. Raises SetupError."""
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise SetupError(f"{path} is not written in UTF-8, so it is left alone. Save it as UTF-8.") from error
    except OSError as error:
        raise SetupError(f"{path} could not be read: {error}.") from error


def text_without_block(path: Path) -> str:
    """Read what a file holds besides our block. Raises SetupError."""
    text = read_text(path)
    try:
        return blocks.cut(text)
    except blocks.BlockError:
        return text  # whoever wants to change the block will say what is wrong with it


def read_module(path: Path) -> Source:
    """Read what a Python file holds besides our block. Raises SetupError."""
    return parse_module(text_without_block(path), path)


def parse_module(text: str, path: Path) -> Source:
    """Read a Python file's text. Raises SetupError where it is no Python."""
    head = text.removeprefix(_BOM).split("\n", 2)[:2]
    if any(line.lstrip().startswith("#") and "coding" in line and "utf" not in line.lower() for line in head):
        raise SetupError(f"{path} declares another encoding than UTF-8, so it is left alone.")
    try:
        compile(text.removeprefix(_BOM), str(path), "exec", dont_inherit=True)
        return read_source(text)
    except (SyntaxError, ValueError) as error:
        raise SetupError(f"{path} is no valid Python: {error}.") from error


def find_project(root: Path, settings: str | None = None) -> Project:
    """Find what there is to change; `settings` names a settings module. Raises SetupError."""
    manage = root / "manage.py"
    if not manage.is_file():
        raise SetupError(f"There is no manage.py in {root}. Name the Django project's folder with --server.")
    named = [settings] if settings else [module for module in [settings_in(manage)] if module]
    modules = [read_settings(root, module) for module in named]
    dotenv = find_dotenv(root, modules)
    environment = parse_dotenv(read_text(dotenv)) if dotenv else {}
    if settings is None and environment.get(SETTINGS_VARIABLE):
        modules.insert(0, read_settings(root, environment[SETTINGS_VARIABLE]))
    if not modules:
        raise SetupError(
            f"{manage} names no settings module. Name it with --settings, such as core.settings."
        )
    asgi, application = find_asgi(root, modules)
    own = settings_in(asgi)
    if settings is None and own:
        modules.insert(1 if environment.get(SETTINGS_VARIABLE) else 0, read_settings(root, own))
    modules = list({module.path: module for module in modules}.values())
    return Project(
        root=root,
        settings=tuple(modules),
        asgi=asgi,
        application=application,
        urls=find_urls(root, modules[0]),
        notifications=find_notifications(root),
        dotenv=dotenv,
        environment=environment,
    )


def settings_in(path: Path) -> str | None:
    """Return the settings module that a file names. Raises SetupError."""
    text = read_text(path)
    parse_module(text, path)
    return named_settings(text)


def module_file(root: Path, module: str) -> Path | None:
    """Return a project module's file; None where there is none."""
    base = root.joinpath(*module.split("."))
    return next((path for path in (base.with_suffix(".py"), base / "__init__.py") if path.is_file()), None)


def read_settings(root: Path, module: str) -> Settings:
    """Read a settings module and those it takes over with `from … import *`. Raises SetupError."""
    path = module_file(root, module)
    if path is None:
        raise SetupError(
            f"The settings module {module} is not in {root}. Name the right one with --settings."
        )
    names: set[str] = set()
    literals: dict[str, str] = {}
    config = None
    for source in _with_stars(root, module, path):
        names |= source.names
        literals = {**source.literals, **literals}  # the nearer one counts
        config = config or source.config
    if "INSTALLED_APPS" not in names:
        raise SetupError(f"{path} sets no INSTALLED_APPS. Name the settings module with --settings.")
    return Settings(module, path, frozenset(names), literals, config)


def find_asgi(root: Path, settings: list[Settings]) -> tuple[Path, str]:
    """Return the ASGI application's file, and its place as `module:name`. Raises SetupError."""
    places = [each.literals["ASGI_APPLICATION"] for each in settings if "ASGI_APPLICATION" in each.literals]
    # Django's own layout: asgi.py beside wsgi.py, or beside the settings.
    places += [
        each.literals["WSGI_APPLICATION"].replace("wsgi", "asgi")
        for each in settings
        if "WSGI_APPLICATION" in each.literals
    ]
    places += [f"{each.module.partition('.')[0]}.asgi.application" for each in settings]
    for place in places:
        module, _, name = place.rpartition(".")
        path = module_file(root, module)
        if path is not None:
            if name not in read_module(path).names:
                raise SetupError(
                    f"{path} sets no {name}, so there is no ASGI application to add the socket to."
                )
            return path, f"{module}:{name}"
    raise SetupError(
        f"No ASGI application was found ({', '.join(dict.fromkeys(places))}). Django's startproject makes an "
        "asgi.py beside wsgi.py; add one, and name it in the settings as ASGI_APPLICATION."
    )


def find_urls(root: Path, settings: Settings) -> Path:
    """Return the file of the root URLs. Raises SetupError."""
    module = settings.literals.get("ROOT_URLCONF")
    path = module_file(root, module) if module else None
    if path is None:
        raise SetupError(f"The settings {settings.module} name no ROOT_URLCONF that is in {root}.")
    if "urlpatterns" not in read_module(path).names:
        raise SetupError(f"{path} sets no urlpatterns.")
    return path


def find_notifications(root: Path) -> Path | None:
    """Return the file that defines the stock functions, if one does. Raises SetupError if several do."""
    found = []
    for path in own_files(root, ".py"):
        content = path.read_bytes()
        if all(name.encode() in content for name in STOCK_FUNCTIONS) and (
            read_module(path).functions >= STOCK_FUNCTIONS
        ):
            found.append(path)
    if len(found) > 1:
        files = ", ".join(str(path) for path in found)
        raise SetupError(f"More than one file defines {', '.join(sorted(STOCK_FUNCTIONS))}: {files}.")
    return found[0] if found else None


def find_dotenv(root: Path, settings: Sequence[Settings]) -> Path | None:
    """Return the .env that python-decouple would take: the next one up from the settings."""
    folders = [folder for each in settings for folder in each.path.parents if folder.is_relative_to(root)]
    # decouple goes on above the project; there, a repository's own folder is as far as we go.
    folders += [root, *([root.parent] if any(each.config for each in settings) else [])]
    return next((folder / DOTENV for folder in folders if (folder / DOTENV).is_file()), None)


def own_files(root: Path, *ends: str) -> Iterator[Path]:
    """Yield the project's own files whose names end so."""
    for folder, folders, files in os.walk(root):
        here = Path(folder)
        folders[:] = sorted(
            name
            for name in folders
            if name not in _FOREIGN and not name.startswith(".") and not (here / name / "pyvenv.cfg").exists()
        )
        yield from (here / name for name in sorted(files) if name.endswith(ends))


def _with_stars(root: Path, module: str, path: Path) -> Iterator[Source]:
    """Yield a module and, nearest first, those of the project that it takes over, each once."""
    seen: set[Path] = set()
    waiting = [(module, path)]
    while waiting:
        module, path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        source = read_module(path)
        yield source
        package = module if path.name == "__init__.py" else module.rpartition(".")[0]
        for star in source.stars:
            name = _absolute(star, package)
            found = module_file(root, name)
            if found is not None:
                waiting.append((name, found))


def _absolute(name: str, package: str) -> str:
    relative = name.lstrip(".")
    dots = len(name) - len(relative)
    if not dots:
        return name
    parents = package.split(".")[: len(package.split(".")) - (dots - 1)]
    return ".".join([*parents, *([relative] if relative else [])])
