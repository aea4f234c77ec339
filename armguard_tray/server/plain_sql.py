"""Statements that a client waits for, in plain SQL.

The ORM takes some 0.2 ms to build a statement that SQLite carries out in 0.02; between the commit of a
transaction and its announcement there are six. Names of tables are the models'; values are parameters.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connections
from django.db.models import Model


def rows(alias: str, statement: str, model: type[Model], parameters: Sequence[int] = ()) -> list[Any]:
    """Return the rows of a query; `{table}` in it is the model's table. Raises django.db.Error."""
    with connections[alias].cursor() as cursor:
        cursor.execute(_named(alias, statement, model), parameters)
        found: list[Any] = cursor.fetchall()
        return found


def change(alias: str, statement: str, model: type[Model], parameters: Sequence[int] = ()) -> int:
    """Carry out a change, and return how many rows it concerned; the rest is as in `rows`."""
    with connections[alias].cursor() as cursor:
        cursor.execute(_named(alias, statement, model), parameters)
        concerned: int = cursor.rowcount
        return concerned


def _named(alias: str, statement: str, model: type[Model]) -> str:
    table = connections[alias].ops.quote_name(model._meta.db_table)  # noqa: SLF001 - documented by Django
    return statement.format(table=table)
