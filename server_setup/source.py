"""What the text of a Python module tells without being run. Pure."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

SETTINGS_VARIABLE: Final = "DJANGO_SETTINGS_MODULE"


@dataclass(frozen=True, slots=True)
class Source:
    """A module's outside.

    Attributes:
        names: what it assigns or imports.
        literals: the names it assigns a plain text.
        functions: the functions it defines.
        stars: the modules from which it imports everything; each begins with as many dots as it is relative.
        config: the name under which it has python-decouple's `config`.

    """

    names: frozenset[str]
    literals: Mapping[str, str]
    functions: frozenset[str]
    stars: tuple[str, ...]
    config: str | None


def read_source(text: str) -> Source:
    """Read a module's text. Raises SyntaxError, or ValueError for null bytes."""
    names: set[str] = set()
    literals: dict[str, str] = {}
    functions: set[str] = set()
    imported: list[tuple[str, str, str]] = []
    for statement in _statements(ast.parse(text.removeprefix("\ufeff")).body):
        names |= _assigned(statement)
        imported += _imported(statement)
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str(value))):
                literals[name] = value
            case ast.FunctionDef(name=name):
                functions.add(name)
            case _:
                continue
    return Source(
        names=frozenset(names | functions | {own for _, _, own in imported if own != "*"}),
        literals=literals,
        functions=frozenset(functions),
        stars=tuple(module for module, name, _ in imported if name == "*"),
        config=next(
            (own for module, name, own in imported if (module, name) == ("decouple", "config")), None
        ),
    )


def named_settings(text: str) -> str | None:
    """Return the settings module that manage.py, asgi.py or wsgi.py names. Raises SyntaxError, ValueError."""
    for node in ast.walk(ast.parse(text.removeprefix("\ufeff"))):
        match node:
            case ast.Assign(
                targets=[ast.Subscript(slice=ast.Constant(value=key))], value=ast.Constant(value=str(module))
            ) if key == SETTINGS_VARIABLE:
                return module
            case ast.Call(args=[ast.Constant(value=key), ast.Constant(value=str(module)), *_]) if (
                key == SETTINGS_VARIABLE
            ):
                return module
            case ast.Call(args=[ast.Constant(value=key)], keywords=keywords) if key == SETTINGS_VARIABLE:
                for keyword in keywords:  # config("DJANGO_SETTINGS_MODULE", default="…")
                    if isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str):
                        return keyword.value.value
    return None


def parse_dotenv(text: str) -> dict[str, str]:
    """Read a .env file as python-decouple does."""
    found: dict[str, str] = {}
    for line in text.removeprefix("\ufeff").splitlines():
        key, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and not key.startswith("#"):
            value = value.strip()
            quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
            found[key.strip()] = value[1:-1] if quoted else value
    return found


def _assigned(statement: ast.stmt) -> set[str]:
    match statement:
        case ast.Assign(targets=targets):
            return {node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)}
        case ast.AnnAssign(target=ast.Name(id=name)) | ast.AugAssign(target=ast.Name(id=name)):
            return {name}
        case _:
            return set()


def _imported(statement: ast.stmt) -> list[tuple[str, str, str]]:
    """Return from which module, what, and under which name; of `import a.b` the names `a.b` and `a`."""
    match statement:
        case ast.Import(names=names):
            return [(each.name, "", each.asname or each.name.partition(".")[0]) for each in names]
        case ast.ImportFrom(module=module, names=names, level=level):
            return [("." * level + (module or ""), each.name, each.asname or each.name) for each in names]
        case _:
            return []


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield what runs at import, also where it stands under `if` or `try`."""
    for statement in body:
        yield statement
        match statement:
            case ast.If(body=inner, orelse=other):
                yield from _statements(inner + other)
            case ast.Try(body=inner, handlers=handlers, orelse=other, finalbody=last):
                yield from _statements(
                    inner + [s for handler in handlers for s in handler.body] + other + last
                )
            case ast.With(body=inner):
                yield from _statements(inner)
            case _:
                continue
