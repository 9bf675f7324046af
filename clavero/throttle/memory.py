"""What was just tried and failed: recognised when it comes again, answered from memory and not run again (C11).

The memory rides sealed in the form that is shown after a failure: no row is written, and nobody can put anything into
another person's. Leaving it out gains nothing: the try is then counted and judged like any other.
"""

from django.http import HttpRequest

from clavero.privacy import handles, tokens

FIELD, SECONDS, MOST = "tried", 300, 8


def _kept(request: HttpRequest, purpose: str) -> list[str]:
    found = handles.open(request.POST.get(FIELD, ""), f"tried|{purpose}", SECONDS)
    return list(found["hashes"]) if found else []


def has(request: HttpRequest, purpose: str, *typed: str) -> bool:
    """Whether exactly this was tried, and failed, from this form in the last five minutes."""
    kept = _kept(request, purpose)
    return any(each in kept for each in tokens.hashes("tried", "|".join(typed), purpose))


def after(request: HttpRequest, purpose: str, *typed: str) -> str:
    """The memory for the form that is shown again now that `typed` has failed."""
    hashes = [*_kept(request, purpose), tokens.hash("tried", "|".join(typed), purpose)]
    return handles.seal({"hashes": list(dict.fromkeys(hashes))[-MOST:]}, f"tried|{purpose}")
