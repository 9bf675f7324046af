"""`python -m clavero.precheck.work LIST ATTEMPT FOLDER`: judges one kept list, in a process of its own.

A list that asks for more memory than it may have ends this process and no other. Exit: 0 done or refused
with a sentence, 3 no longer ours, 5 memory; anything else is tried again by the worker (`tending`).
"""

import os
import resource
import sys
from contextlib import suppress
from pathlib import Path

DONE, FAILED, LOST, MEMORY = 0, 1, 3, 5
MOST_SECONDS = 1800


def main(pk: str, attempt: str, folder: str) -> int:
    """Judge the list of that id, taken at that attempt."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clavero.project.settings")
    os.umask(0o077)
    with suppress(OSError):  # nobody's mail waits for a list; where that is not allowed, it may
        os.nice(10)
    import django

    django.setup()
    from clavero.institution import profile

    _limit(profile().lists.memory_megabytes)
    return _judged(int(pk), int(attempt), Path(folder))


def _limit(megabytes: int) -> None:
    most = megabytes << 20
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _judged(pk: int, attempt: int, folder: Path) -> int:
    import structlog

    from clavero.core.errors import Refused
    from clavero.precheck import judging, kept

    try:
        sent = kept.mine(pk, attempt)
        try:
            judging.judge(sent, folder)
        except Refused as refused:
            kept.fail(sent, refused)
    except kept.Lost:
        return LOST
    except MemoryError:
        return MEMORY
    except Exception as error:
        structlog.get_logger().error("list_not_judged", kind=type(error).__name__)
        return FAILED
    return DONE


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
