"""What a set-up or its undoing would do to a project's files."""

from dataclasses import dataclass
from pathlib import Path

from server_setup import blocks, compose, edits
from server_setup.changes import Change
from server_setup.options import Layer
from server_setup.project import DOTENV, Project, own_files, parse_module, read_text, text_without_block
from setup_websockets import SetupError


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done to the files.

    Attributes:
        changes: in the order to make them.
        notes: what a person should know of them, each a sentence.
        redis_url: the address of the Redis that is to be set up; empty where none is.
        layer: how real time will be served.
        layer_kept: whether that is what an earlier run chose.

    """

    changes: tuple[Change, ...]
    notes: tuple[str, ...] = ()
    redis_url: str = ""
    layer: Layer = "auto"
    layer_kept: bool = False


def plan_setup(project: Project, layer: Layer | None, docker: compose.RedisInDocker | None = None) -> Plan:
    """Return what adds the app to a project, and `docker` beside it. Raises SetupError."""
    edited: list[Change] = []
    notes: list[str] = []
    relay = project.notifications is not None
    # In an order in which every step leaves a project that works: the app before those who import it.
    bodies: list[tuple[Path, str, str]] = []
    for settings in project.settings:
        facts = edits.SettingsFacts(
            layer=layer or edits.layer_chosen(read_text(settings.path)) or "auto",
            config=settings.config,
            relay=relay,
            asgi=None if "ASGI_APPLICATION" in settings.names else project.application.replace(":", "."),
        )
        bodies.append((settings.path, edits.settings_body(facts), f"{edits.APP}.layers"))
    name = project.application.partition(":")[2]
    bodies.append((project.urls, edits.urls_body(), f"{edits.APP}.urls"))
    bodies.append((project.asgi, edits.asgi_body(name), f"{edits.APP}.sockets.asgi"))
    if project.notifications is not None:
        bodies.append((project.notifications, edits.notifications_body(), f"{edits.APP}.announce"))
    else:
        notes.append(
            "No module with ArmGuard's own functions was found: only what is in the database is announced."
        )
    for path, body, imported in bodies:
        change = _with_block(path, body)
        if imported in text_without_block(path):
            notes.append(f"{path} uses {imported} already, so it is left as it is.")
        else:
            edited.append(change)
            notes += _overruled(change)
    added, url = ([], "") if docker is None else plan_redis(project, docker)
    changes = tuple(change for change in (*edited, *added) if change.before != change.after)
    earlier = edits.layer_chosen(read_text(project.settings[0].path))
    return Plan(
        changes,
        tuple(notes),
        url,
        layer=layer or earlier or "auto",
        layer_kept=layer is None and earlier is not None,
    )


def plan_redis(project: Project, redis: compose.RedisInDocker) -> tuple[list[Change], str]:
    """Return what sets up a Redis in Docker, and its address. Raises SetupError."""
    if "REDIS_URL" in project.environment and not _is_ours(project.dotenv):
        raise SetupError(
            f"REDIS_URL stands in {project.dotenv} already. Take it out there to use a Redis in Docker."
        )
    files = {
        compose.IGNORE_FILE: ("*\n", False),
        compose.SECRETS_FILE: (compose.secrets_text(redis), True),
        compose.COMPOSE_FILE: (compose.compose_text(redis), False),
    }
    changes = []
    for name, (text, secret) in files.items():
        path = project.root / name
        if path.exists() and not read_text(path).startswith((compose.WRITTEN_BY_US, "*")):
            raise SetupError(f"{path} is there already, and this script did not write it.")
        changes.append(
            Change(path, path.read_bytes() if path.exists() else None, text.encode(), secret=secret)
        )
    if project.dotenv is not None:
        changes.append(_with_block(project.dotenv, f"REDIS_URL={redis.url}\n", secret=True))
    return changes, redis.url


def redis_of_ours(root: Path) -> compose.RedisInDocker | None:
    """Return the Redis that an earlier run has set up in Docker."""
    files = root / compose.COMPOSE_FILE, root / compose.SECRETS_FILE
    if not all(path.exists() and read_text(path).startswith(compose.WRITTEN_BY_US) for path in files):
        return None
    return compose.read_back(*(read_text(path) for path in files))


def plan_undo(root: Path) -> Plan:
    """Return what takes out every block under `root`, and what was written for Docker. Raises SetupError."""
    changes: list[Change] = []
    notes: list[str] = []
    above = [root.parent / DOTENV] if (root.parent / DOTENV).is_file() else []
    for path in [*own_files(root, ".py", DOTENV), *above]:
        before = path.read_bytes()
        if b"armguard-live" not in before:
            continue
        text = read_text(path)
        try:
            block = blocks.find(text)
            after = blocks.cut(text)
        except blocks.BlockError as error:
            raise SetupError(_damaged(path, error, text)) from error
        if block is not None and not block.intact:
            notes.append(
                f"The block in {path} was changed by hand; it goes all the same, and a copy is kept."
            )
        if block is not None:
            changes.append(Change(path, before, after.encode(), secret=path.name == DOTENV))
    # The reverse of the order in which they came: whoever imports the app goes before the app.
    changes.sort(key=lambda change: b"INSTALLED_APPS" in (change.before or b""))
    for name in (compose.COMPOSE_FILE, compose.SECRETS_FILE, compose.IGNORE_FILE):
        path = root / name
        if path.exists() and read_text(path).startswith((compose.WRITTEN_BY_US, "*")):
            changes.append(Change(path, path.read_bytes(), None, secret=name == compose.SECRETS_FILE))
    return Plan(tuple(changes), tuple(notes))


def _with_block(path: Path, body: str, *, secret: bool = False) -> Change:
    text = read_text(path)
    try:
        after = blocks.put(text, body)
    except blocks.DamagedError as error:
        raise SetupError(_damaged(path, error, text)) from error
    except blocks.BlockError as error:
        raise SetupError(f"{path} {error}. Run this with --undo first. Nothing was changed.") from error
    if path.suffix == ".py":
        parse_module(after, path)
    return Change(path, text.encode(), after.encode(), secret=secret)


def _damaged(path: Path, error: blocks.BlockError, text: str) -> str:
    return (
        f"{path} {error}, so this script cannot tell what is its own there. Remove by hand: "
        f"{blocks.remains(text)}. Then run this again. Nothing was changed."
    )


def _overruled(change: Change) -> list[str]:
    """Say which of our names are set anew below the block."""
    text = (change.after or b"").decode()
    block = blocks.find(text)
    below = text[block.end :] if block else ""
    names = {
        "CHANNEL_LAYERS",
        "ARMGUARD_LIVE",
        "INSTALLED_APPS",
        "urlpatterns",
        "application",
        *edits.STOCK_FUNCTIONS,
    }
    again = sorted(names & parse_module(below, change.path).names) if below.strip() else []
    return [f"{change.path} sets {', '.join(again)} anew below the block, and that counts."] if again else []


def _is_ours(dotenv: Path | None) -> bool:
    return dotenv is not None and blocks.find(read_text(dotenv)) is not None
