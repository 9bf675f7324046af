"""Every statement that a site runs, counted: one byte each in the file that BENCH_COUNTER names."""

import os
from typing import Any

from django.db.backends.signals import connection_created


def begin() -> None:
    """From now on every new connection counts."""
    file = os.open(os.environ["BENCH_COUNTER"], os.O_WRONLY | os.O_APPEND)

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        os.write(file, b".")
        return execute(sql, params, many, context)

    def watch(connection: Any, **more: Any) -> None:
        connection.execute_wrappers.append(count)

    connection_created.connect(watch, weak=False)
