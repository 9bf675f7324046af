"""Why a duty falls due on its day, in words. No Django."""

from datetime import timedelta

from clavero import words
from clavero.core.workdays import Deadline


def why(found: Deadline, lang: str) -> list[str]:
    """Day by day, what moved the deadline; then what is doubtful."""
    days = [found.nominal_on + timedelta(days=n) for n in range(len(found.because))]
    moved = [_moved(day.day, reason, lang) for day, reason in zip(days, found.because, strict=True)]
    return moved + [words.say(doubt, lang) for doubt in found.doubts]


def _moved(day: int, reason: str, lang: str) -> str:
    kind, _, code = reason.partition(":")
    named = f"holiday.{code}"
    name = words.say(named, lang) if named in words.SENTENCES else code
    return words.say(f"deadline.{kind}", lang, day=day, name=name)
