"""A content type that Django cannot read is none: the page of the portal answers then, and not the server's bare failure.

Django reads it while it makes the request, before any middleware: what it raises there nobody catches (`charset*=x''y`).
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.utils.http import parse_header_parameters

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def readable(application: Application) -> Application:
    """`application`, to which no content type comes that it cannot read."""

    def served(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        try:
            parse_header_parameters(environ.get("CONTENT_TYPE", ""))
        except ValueError:
            environ["CONTENT_TYPE"] = ""
        return application(environ, start)

    return served
