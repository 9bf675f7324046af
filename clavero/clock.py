"""What time it is. Views, commands and the worker ask here and pass the answer on as `now`.

Only the demonstration moves it (`/demo/reloj`), by putting its own offset in `ahead`.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

_offset: list[Callable[[], timedelta]] = []


def now() -> datetime:
    """This instant, in UTC."""
    return datetime.now(UTC) + (_offset[0]() if _offset else timedelta())


def move_by(offset: Callable[[], timedelta]) -> None:
    """From now on the clock stands `offset()` ahead. For the demonstration alone."""
    _offset[:] = [offset]
