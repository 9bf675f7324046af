"""Our site as it is served, with its statements counted and, in mode `no_hash`, without the hash."""

import os

from benchmarks.sites import counting, nothing
from clavero.project.wsgi import application

__all__ = ["application"]


counting.begin()
if os.environ["BENCH_SERVES"] == "no_hash":
    nothing.hash_nothing()
