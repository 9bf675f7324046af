"""The environment, read once: every setting by name, with its `NAME_FILE` variant, refused in one line.

Source of the names: INTERFACES, "Settings". The standard library only, so that a command that needs
one setting does not pay for a settings framework.
"""

import ipaddress
import os
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit


class BadSetting(Exception):
    """A missing or contradictory setting; the text is the one line that an operator reads."""

    def __init__(self, text: str) -> None:
        super().__init__(" ".join(text.split()))


SMTP = ("smtp", "smtps", "smtp+starttls")
LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")


def read(name: str, default: str | None = None) -> str | None:
    """The value of `name`, or of the file that `name_FILE` names; `default` where neither is set."""
    path = os.environ.get(f"{name}_FILE")
    if path and os.environ.get(name):
        raise BadSetting(f"{name} and {name}_FILE are both set: keep one.")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "not a text file"
            raise BadSetting(f"{name}_FILE cannot be read: {reason}.") from error
    return os.environ.get(name) or default


def require(name: str) -> str:
    """The value of `name`; raises `BadSetting` naming it where it is missing."""
    value = read(name)
    if not value:
        raise BadSetting(f"{name} is not set.")
    return value


@dataclass(frozen=True)
class Database:
    """`engine` is a Django back-end's name; the rest is empty for SQLite."""

    engine: str
    name: str
    host: str = ""
    port: str = ""
    user: str = ""
    password: str = ""
    options: tuple[tuple[str, str], ...] = ()

    @property
    def is_sqlite(self) -> bool:
        return self.engine.endswith("sqlite3")


def database(url: str, setting: str = "CLAVERO_DATABASE_URL") -> Database:
    """`sqlite:///file` (three slashes relative, four absolute) or `postgresql://user:password@host:port/name`.

    A socket directory stands in the query: `postgresql:///name?host=/var/run/postgresql`. A server on another machine is asked
    over TLS under the name that its certificate must bear (`sslmode=verify-full`, S-137), or not at all.
    """
    parts = _split(url, setting)
    if parts.scheme == "sqlite":
        name = unquote(parts.path[1:])
        if not name:
            raise BadSetting(f"{setting} names no file: write sqlite:///clavero.sqlite3.")
        return Database("django.db.backends.sqlite3", name)
    if parts.scheme in ("postgresql", "postgres"):
        pairs = (pair.partition("=") for pair in parts.query.split("&") if pair)
        query = {unquote(key): unquote(value) for key, _, value in pairs}
        host = query.pop("host", "") or parts.hostname or ""
        name = unquote(parts.path[1:])
        if not name:
            raise BadSetting(f"{setting} names no database.")
        _only_by_tls(query, host, setting)
        return Database(
            "django.db.backends.postgresql",
            name,
            host,
            str(parts.port or query.pop("port", "")),
            unquote(parts.username or ""),
            unquote(parts.password or ""),
            tuple(sorted(query.items())),
        )
    raise BadSetting(f"{setting} must begin with sqlite:/// or postgresql://.")


VERIFIED = "verify-full"


def _only_by_tls(query: dict[str, str], host: str, setting: str) -> None:
    """Set `sslmode` for a server elsewhere, which would else be whatever that server likes; a weaker one is refused.

    What the address leaves out libpq takes from PGHOST and PGHOSTADDR, so that they are looked at too. A service says in
    a file of its own where the server is: nobody could tell from the address, so that it is refused.
    """
    if "service" in query or os.environ.get("PGSERVICE"):
        raise BadSetting(
            f"{setting} must say itself where the database is: take `service` out of the address and PGSERVICE out of the environment."
        )
    address = query.get("hostaddr") or os.environ.get("PGHOSTADDR", "")
    named = host or os.environ.get("PGHOST", "")
    places = [place for text in (named, address) for place in text.split(",")]
    if all(not place or place.startswith("/") or place in LOCAL_HOSTS for place in places):
        return
    if query.setdefault("sslmode", VERIFIED) != VERIFIED:
        raise BadSetting(
            f"{setting}: a database on another machine is asked with sslmode={VERIFIED} alone (sslrootcert=FILE names who signs)."
        )


def _split(url: str, setting: str) -> SplitResult:
    """The parts of an address, its port looked at: a wrong one is said now and not at the first use."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise BadSetting(f"{setting} is no address: {error}.") from None
    return parts


def smtp_url(url: str, setting: str = "CLAVERO_SMTP_URL") -> str:
    """`smtps://` or `smtp+starttls://`, `smtp://` on this machine, with `user:password@` where the server asks; "" is none."""
    if url:
        parts = _split(url, setting)
        if parts.scheme not in SMTP or not parts.hostname:
            raise BadSetting(f"{setting} must be like smtp+starttls://user:password@host:587.")
        if parts.scheme == "smtp" and parts.hostname not in LOCAL_HOSTS:
            raise BadSetting(
                f"{setting}: codes travel in it, so that only a server on this machine is reached by smtp://; write smtp+starttls:// or smtps://."
            )
    return url


def sms_url(url: str, setting: str = "CLAVERO_SMS_URL") -> str:
    """`https://…` (http on this machine) or `file:///folder`; "" sends nothing to mobiles."""
    if url:
        parts = _split(url, setting)
        is_local = parts.scheme == "http" and (parts.hostname or "") in LOCAL_HOSTS
        is_folder = parts.scheme == "file" and not parts.netloc and len(parts.path) > 1
        if (
            not (is_folder or is_local or (parts.scheme == "https" and parts.hostname))
            or "@" in parts.netloc
        ):
            raise BadSetting(
                f"{setting} must be like https://host/path or file:///folder; a token stands in CLAVERO_SMS_TOKEN."
            )
    return url


def networks(text: str, setting: str = "CLAVERO_TRUSTED_PROXIES") -> list[str]:
    """Addresses and networks between commas."""
    found = [part.strip() for part in text.split(",") if part.strip()]
    for part in found:
        try:
            ipaddress.ip_network(part, strict=False)
        except ValueError:
            raise BadSetting(f"{setting}: {part} is no address or network.") from None
    return found


def contacts(text: str, setting: str = "CLAVERO_SECURITY_CONTACT") -> list[str]:
    """Where to report a weakness: `mailto:`, `https:` or `tel:` addresses between commas (RFC 9116)."""
    found = [part.strip() for part in text.split(",") if part.strip()]
    for part in found:
        if not part.startswith(("mailto:", "https://", "tel:")) or len(part.split()) != 1:
            raise BadSetting(f"{setting}: {part} must begin with mailto:, https:// or tel:.")
    return found


def mailboxes(text: str, setting: str = "CLAVERO_OPERATORS_MAIL") -> list[str]:
    """The e-mail addresses of the operators, with commas: they are reminded of what has a day by law."""
    found = [part.strip() for part in text.split(",") if part.strip()]
    for part in found:
        name, at, domain = part.partition("@")
        if not (name and at and "." in domain) or len(part.split()) != 1:
            raise BadSetting(f"{setting}: {part} is no e-mail address.")
    return found


TAG_LETTERS = 41
"""What stands between the `+` and the `@` of an address for reports, at most (`notices.returns`)."""


def bounces(text: str, setting: str = "CLAVERO_BOUNCES") -> str:
    """The address to which reports of failed delivery come back: its name leaves room for a tag (RFC 5321: 64); "" is none."""
    found = text.strip().lower()
    room = 64 - TAG_LETTERS - 1
    if found and not re.fullmatch(
        rf"[a-z0-9][a-z0-9._-]{{0,{room - 1}}}@[a-z0-9.-]+\.[a-z]+", found
    ):
        raise BadSetting(
            f"{setting} must be like rebotes@instituto.example, at most {room} letters before the @ and no +."
        )
    return found


def token(text: str, setting: str = "CLAVERO_METRICS_TOKEN") -> str:
    """What a program brings in place of a session: 32 characters or more, from a generator; "" lets none in."""
    if text and (len(text) < 32 or len(text.split()) != 1):
        raise BadSetting(f"{setting} must be 32 characters or more, without spaces.")
    return text


def expiry(text: str, contact: str, setting: str = "CLAVERO_SECURITY_EXPIRES") -> date | None:
    """Until what day these contacts hold. RFC 9116 wants one with every contact."""
    if not text and not contact:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadSetting(f"{setting} must be a day such as 2027-06-30.") from None


def base_url(value: str, setting: str = "CLAVERO_BASE_URL") -> str:
    """Scheme and host without a final slash: https, except for localhost (STANDARDS S-024)."""
    parts = _split(value, setting)
    local = (parts.hostname or "") in LOCAL_HOSTS or (parts.hostname or "").endswith(".localhost")
    more = parts.path not in ("", "/") or parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme not in ("http", "https") or not parts.hostname or more:
        raise BadSetting(f"{setting} must be an address such as https://clave.instituto.example.")
    if parts.scheme != "https" and not local:
        raise BadSetting(f"{setting} must begin with https:// (only localhost may use http).")
    return f"{parts.scheme}://{parts.netloc}"


def address(value: str, setting: str) -> str:
    """As `base_url`; "" where the setting is left out, and with it what it turns on."""
    return base_url(value, setting) if value else ""
