"""Every SQL function that the code calls exists, takes those arguments (defaults may miss), and answers JSON."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("store", "standalone", "board", "monitoring", "jobs", "dashboard")


def calls() -> Iterator[tuple[str, str, set[str] | None]]:
    """(place, function, parameter names) of each `.call("name", {...})` or `.read(...)`; None: names are built."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                    continue
                if node.func.attr not in ("call", "read") or len(node.args) != 2:
                    continue
                if not isinstance(node.args[0], ast.Constant):
                    continue
                place = f"{path.relative_to(ROOT)}:{node.lineno}"
                args = node.args[1]
                names = None
                if isinstance(args, ast.Dict) and all(isinstance(key, ast.Constant) for key in args.keys):
                    names = {str(key.value) for key in args.keys if isinstance(key, ast.Constant)}
                yield place, str(node.args[0].value), names


def test_each_function_that_is_called_is_in_the_migrations(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        found = connection.execute(
            "select proname, coalesce(proargnames, '{}'), "
            "coalesce(proargnames[1:pronargs - pronargdefaults], '{}'), "
            "prorettype::regtype::text, proretset from pg_proc "
            "where pronamespace = 'public'::regnamespace"
        ).fetchall()
    # One function to a name: PostgREST cannot choose between two.
    assert len({name for name, *_ in found}) == len(found)
    known = {name: (set(parameters), set(needed), kind, many) for name, parameters, needed, kind, many in found}
    seen = list(calls())
    assert {"register_declarations", "applied_migrations"} <= {function for _, function, _ in seen}
    for place, function, names in seen:
        assert function in known, f"{place}: no function {function}"
        parameters, needed, kind, many = known[function]
        assert kind in ("json", "jsonb"), f"{place}: {function} answers {kind}"
        assert not many, f"{place}: {function} answers rows"
        assert names is None or needed <= names <= parameters, f"{place}: {function} takes {sorted(parameters)}"
