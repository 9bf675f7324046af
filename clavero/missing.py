"""What comes back by itself, told from a defect of ours: the one home of that rule, for pages and for commands (K07)."""

from argon2.exceptions import Argon2Error
from django.db import InterfaceError, InternalError, OperationalError

COMES_BACK = ("08", "40", "53", "55", "57", "58", "25006")
"""SQLSTATE: no connection, rolled back, no room, not ready, shut down, the system's own, only reads (PostgreSQL, appendix A)."""


def comes_back(failed: BaseException | None) -> bool:
    """Whether what is gone comes back by itself: a database, its room, memory for a hash. A wrong statement does not.

    PostgreSQL says it by SQLSTATE, SQLite by the name of its error (https://www.sqlite.org/rescode.html): ERROR is the statement's.
    """
    if isinstance(failed, (InterfaceError, Argon2Error, MemoryError)):
        return True
    if not isinstance(failed, (OperationalError, InternalError)):
        return False
    state = getattr(failed.__cause__, "sqlstate", None)
    named = getattr(failed.__cause__, "sqlite_errorname", "")
    return state.startswith(COMES_BACK) if state else named != "SQLITE_ERROR"
