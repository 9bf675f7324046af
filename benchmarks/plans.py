"""How PostgreSQL means to run every statement of the road: through an index, or by reading a whole table."""

from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection

SMALL = 1000
"""Reading a table of fewer rows than this is no scan that grows: the head of the records, the live copies."""
Statement = tuple[str, Any]


def collected(walk: Callable[[], object]) -> list[Statement]:
    """Every statement that `walk` runs, each text once, with values that it had."""
    found: dict[str, Any] = {}

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.split(None, 1)[0] in ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH"):
            found.setdefault(sql, params)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        walk()
    return list(found.items())


def explained(statements: list[Statement]) -> list[dict[str, Any]]:
    """Of each statement: its text, the indexes it goes through, the large tables it would read whole."""
    sizes = _sizes()
    return [_explained(sql, params, sizes) for sql, params in statements]


def _explained(sql: str, params: Any, sizes: dict[str, int]) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        (plan,) = cursor.fetchone()
    nodes = list(_nodes(plan[0]["Plan"]))
    read = [node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"]
    return {
        "statement": " ".join(sql.split())[:200],
        "through": sorted({node["Index Name"] for node in nodes if "Index Name" in node}),
        "reads_whole": sorted({name for name in read if sizes.get(name, 0) >= SMALL}),
        "cost": nodes[0]["Total Cost"],
    }


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for below in node.get("Plans", ()):
        yield from _nodes(below)


def _sizes() -> dict[str, int]:
    """About how many rows each table has."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, reltuples FROM pg_class WHERE relkind = 'r'")
        return {name: int(count) for name, count in cursor.fetchall()}
