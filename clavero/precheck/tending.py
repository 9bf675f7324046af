"""The worker's part: one child at a time judges the next kept list; whatever becomes of it, the list is told.

The child's folder is the worker's: it is gone with the child, also where that was killed (`swept` finds what
a worker left that was killed itself).
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from clavero.core.errors import Refused
from clavero.precheck import kept, work
from clavero.precheck.models import SentList

PREFIX = "clavero-lists-"
OLD_SECONDS = 2 * work.MOST_SECONDS
GRACE_SECONDS = 5.0


@dataclass(frozen=True)
class Child:
    """A list that is being judged: by which process, in which folder."""

    sent: SentList
    process: "subprocess.Popen[bytes]"
    folder: Path


_children: list[Child] = []
"""The one that is under way, if any."""


def due(now: datetime) -> int:
    """Bury a child that ended, start the next. Called by the worker in every round; never waits."""
    for child in [child for child in _children if child.process.poll() is not None]:
        _bury(child)
    if _children or (sent := kept.take(now)) is None:
        return 0
    _children.append(_started(sent))
    return 1


def _started(sent: SentList) -> Child:
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    command = [sys.executable, "-m", "clavero.precheck.work", str(sent.pk), str(sent.attempts), str(folder)]  # fmt: skip
    environment = os.environ | {"TMPDIR": str(folder)}
    return Child(sent, subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL), folder)


def _bury(child: Child) -> None:
    """Its folder goes; a list that was not judged is told why, or is tried again."""
    _children.remove(child)
    shutil.rmtree(child.folder, ignore_errors=True)
    if child.process.returncode == work.MEMORY:
        kept.fail(child.sent, Refused("sheet.needs_too_much"))
    elif child.process.returncode not in (work.DONE, work.LOST):
        kept.give_back(child.sent, counts=True)


def wait() -> None:
    """Until the child that is under way has ended."""
    for child in list(_children):
        child.process.wait()
        _bury(child)


def stop() -> None:
    """The worker stops: so does the child, and its list is the next worker's at once."""
    for child in list(_children):
        child.process.terminate()
        try:
            child.process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()
        kept.give_back(child.sent, counts=False)
        _bury(child)


def swept(now: datetime) -> int:
    """Delete folders of children whose worker was killed: older than any child can be. How many there were."""
    oldest, gone = time.time() - OLD_SECONDS, 0
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        about = folder.stat()
        if about.st_uid == os.getuid() and about.st_mtime < oldest:
            shutil.rmtree(folder, ignore_errors=True)
            gone += 1
    return gone
