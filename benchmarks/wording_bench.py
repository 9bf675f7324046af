"""Texts per second of the wording matcher, and the slowest one: `python -m benchmarks.wording_bench`."""

from time import perf_counter

from clavero.core import wording
from scripts.wording_phrases import load


def measure(seconds: float = 3.0) -> dict[str, float]:
    """One core, one process: our own phrases over and over. Milliseconds for the first (loads the weights) and the slowest."""
    start = perf_counter()
    wording.match("clave")
    first = perf_counter() - start
    texts = [phrase.text for phrase in load()]
    slowest, count, start = 0.0, 0, perf_counter()
    while perf_counter() - start < seconds:
        before = perf_counter()
        wording.match(texts[count % len(texts)])
        slowest, count = max(slowest, perf_counter() - before), count + 1
    rate = count / (perf_counter() - start)
    before = perf_counter()
    wording.match("no me llega el correo, pero la clave está bien. " * 250)
    longest = perf_counter() - before
    return {
        "texts_per_second": round(rate),
        "first_ms": round(first * 1000, 1),
        "slowest_ms": round(slowest * 1000, 1),
        "ten_kilobytes_ms": round(longest * 1000, 1),
    }


if __name__ == "__main__":
    print(measure())
