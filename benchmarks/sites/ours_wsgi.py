"""Our site as it is served, with its statements counted and, in mode `no_hash`, without the hash."""

import os

from benchmarks.sites import counting
from clavero.project.wsgi import application

__all__ = ["application"]


class Nothing:
    """Stands where the hasher stands: the same calls, no cost."""

    def hash(self, text: bytes) -> str:
        return f"nothing{text.decode()}"

    def verify(self, hashed: str, text: bytes) -> bool:
        return hashed == f"nothing{text.decode()}"


counting.begin()
if os.environ["BENCH_SERVES"] == "no_hash":
    from clavero.keys import services

    services._hasher = Nothing
