"""What the browser carries between the pages: a sealed draft before *Validar*, a sealed handle after it.

No session in the database before sign-in (PERFORMANCE, 2). A handle names a case, the version of its
proof and the time of its last use; only the newest version opens the case. Two tabs may hold two cases.
"""

from dataclasses import asdict, dataclass, fields
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from clavero.institution import profile
from clavero.privacy import handles
from clavero.recovery import queries
from clavero.recovery.models import Case

PREFIX = "__Host-" if settings.SECURE else ""
CASES, DRAFT, SHOWN = f"{PREFIX}caso", f"{PREFIX}borrador", f"{PREFIX}visita"
SAVED = f"{PREFIX}respaldo"
MOST_CASES = 4
DAY = 24 * 3600
AWAKE_SECONDS = 60


@dataclass(frozen=True)
class Draft:
    """What was typed before a case exists. It rides in a cookie and in each form, so that two tabs never mix."""

    identification: str = ""
    foreign: bool = False
    domestic: bool = False
    ruc: str = ""
    branch: str = ""
    ticket: str = ""
    not_before: str = ""
    retry_of: str = ""
    factor: int = 1
    loops: int = 0

    def sealed(self) -> str:
        return handles.seal(asdict(self), "draft")


def draft(request: HttpRequest) -> Draft:
    """The draft of the form that was sent, else of this browser, else an empty one."""
    text = request.POST.get("draft") or request.COOKIES.get(DRAFT) or ""
    found = handles.open(text, "draft", max_age=DAY)
    known = {spec.name for spec in fields(Draft)}
    return Draft(**{name: value for name, value in (found or {}).items() if name in known})


def keep_draft(response: HttpResponse, kept: Draft) -> HttpResponse:
    _set(response, DRAFT, kept.sealed())
    return response


def drop_draft(response: HttpResponse) -> HttpResponse:
    response.delete_cookie(DRAFT)
    return response


def _set(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        name, value, secure=settings.SECURE, httponly=True, samesite="Lax", path="/"
    )


@dataclass(frozen=True)
class Held:
    """A case that this browser holds. `fresh` is False after half an hour without use."""

    case: Case
    fresh: bool
    idle_seconds: int = 0


def _held(request: HttpRequest) -> dict[str, list[int]]:
    return handles.open(request.COOKIES.get(CASES, ""), "cases", max_age=30 * DAY) or {}


def held(request: HttpRequest, ref: str, now: datetime) -> Held | None:
    """The case of this address where the browser's handle is its newest, else None."""
    version, seen = _held(request).get(ref, [0, 0])
    case = queries.by_ref(ref) if version else None
    if case is None or case.handle_version != version:
        return None
    idle = int(now.timestamp()) - seen
    return Held(case, idle <= profile().limits.idle_minutes * 60, idle)


def held_before(request: HttpRequest, ref: str) -> bool:
    """Whether this browser held the case under an older handle: it went on elsewhere."""
    return ref in _held(request)


def cases(request: HttpRequest, now: datetime) -> list[Case]:
    """The cases that this browser holds and that are not over."""
    found = (held(request, ref, now) for ref in _held(request))
    return [one.case for one in found if one is not None and one.case.closed_at is None]


def hold(request: HttpRequest, response: HttpResponse, case: Case, now: datetime) -> HttpResponse:
    """Give the browser the case's newest handle, stamped with this moment."""
    cases = {ref: entry for ref, entry in _held(request).items() if ref != case.ref}
    newest = dict(list(cases.items())[-(MOST_CASES - 1) :])
    newest[case.ref] = [case.handle_version, int(now.timestamp())]
    _set(response, CASES, handles.seal(newest, "cases"))
    return response


def keep_awake(
    request: HttpRequest, response: HttpResponse, held: Held, now: datetime
) -> HttpResponse:
    """A page was used: the half hour begins anew (S-089). Once a minute is often enough."""
    if held.idle_seconds < AWAKE_SECONDS or CASES in response.cookies:
        return response
    return hold(request, response, held.case, now)


def show_again(response: HttpResponse, case: Case, secrets: dict[str, str]) -> HttpResponse:
    """The visit's two secrets, sealed, so that a reload of their page shows them again in this browser."""
    _set(response, SHOWN, handles.seal({"ref": case.ref, **secrets}, "visit"))
    return response


def shown(request: HttpRequest, case: Case) -> dict[str, str] | None:
    """The secrets that this browser may still be shown, for half an hour."""
    max_age = profile().limits.idle_minutes * 60
    found = handles.open(request.COOKIES.get(SHOWN, ""), "visit", max_age=max_age)
    return found if found and found.get("ref") == case.ref else None


def show_saved_code(response: HttpResponse, case: Case, code: str) -> HttpResponse:
    """A saved code on its way to the one page that shows it, once (S-019)."""
    if code:
        _set(response, SAVED, handles.seal({"ref": case.ref, "code": code}, "saved"))
    return response


def saved_code(request: HttpRequest, case: Case) -> str:
    """The saved code that this page shows now, or ""."""
    max_age = profile().limits.idle_minutes * 60
    found = handles.open(request.COOKIES.get(SAVED, ""), "saved", max_age=max_age)
    return str(found["code"]) if found and found.get("ref") == case.ref else ""


def forget_saved_code(response: HttpResponse) -> HttpResponse:
    response.delete_cookie(SAVED)
    return response
