"""Waits that grow between failures: half a minute, one, two, four … an hour (S-043; SP 800-63B §3.2.2).

A bucket leaks evenly, so that it is never closed for ever; where the profile says `quick`, tries beyond so many also keep a
distance. `throttle.services` says the same in SQL, and a test holds the two together.
"""

FIRST, LONGEST, DOUBLINGS = 30, 3600, 7
"""Seconds of the first wait and of the longest, and how often the first doubles at most."""


def gap(level: float, quick: int) -> int:
    """Seconds between the last try and the next where `level` stands in the bucket; `quick` tries wait for nothing, 0 says all.

    What leaked away counts from half a try on, so that four tries within a minute are four.
    """
    over = int(level + 0.5) - quick
    if not quick or over < 0:
        return 0
    return min(LONGEST, FIRST << min(DOUBLINGS, over))
