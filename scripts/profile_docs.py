"""Writes docs/profile.md from core/profile.py: every setting with type, range and meaning, and what is shipped."""

import ast
import inspect
import sys
from dataclasses import MISSING, Field, fields, is_dataclass
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from generated import ROOT, keep, table

sys.path.insert(0, str(ROOT))
from clavero.core import profile as core
from clavero.core.key_policy import KeyRules
from clavero.core.workdays import Calendar, Override
from clavero.institution import load

SHIPPED = {name: load(name) for name in ("iess", "example")}
PARTS = (
    (core.Institution, "institution", "`[institution]`"),
    (core.Limits, "limits", "`[limits]`"),
    (KeyRules, "key", "`[key]`"),
    (core.HashCost, "hash", "`[hash]`"),
    (core.Appointments, "appointments", "`[appointments]`"),
    (core.DeskRules, "desk", "`[desk]`"),
    (core.Watch, "watch", "`[watch]`"),
    (core.LiveLookup, "live", "`[live]`"),
    (core.Service, "", "`[[appointments.services]]`"),
    (core.Bucket, "", "`[buckets]`: each bucket"),
    (core.Estimate, "", "`[[estimates]]`"),
    (core.Paper, "", "`[[papers]]`"),
    (core.Basis, "", "`[[bases]]`"),
    (core.Network, "", "`[[networks]]`"),
    (core.SharedNetwork, "", "`[[shared_networks]]`: addresses that many people share"),
    (Override, "", "`[[deadline_overrides]]`"),
    (core.Words, "", "A text in both languages"),
)


def meanings(cls: type) -> dict[str, str]:
    """The sentence below each setting in the source. A setting without one stops the script."""
    (definition,) = ast.parse(inspect.getsource(cls)).body
    body = definition.body  # type: ignore[attr-defined]
    found = {}
    for here, below in zip(body, body[1:], strict=False):
        if isinstance(here, ast.AnnAssign) and isinstance(below, ast.Expr):
            found[here.target.id] = below.value.value  # type: ignore[attr-defined, union-attr]
    missing = [f.name for f in fields(cls) if f.name not in found]  # type: ignore[arg-type]
    if missing:
        raise SystemExit(f"{cls.__name__}.{missing[0]} has no sentence below it")
    return found


def kind(hint: Any) -> str:
    """A type as an operator reads it in TOML."""
    origin = get_origin(hint)
    if origin is tuple:
        return f"list of {kind(get_args(hint)[0])}"
    if origin is UnionType:
        return kind(get_args(hint)[0])
    if origin is not None:
        return f"table of {kind(get_args(hint)[1])}"
    names = {
        str: "text",
        int: "number",
        bool: "true or false",
        core.Words: "text in both languages",
    }
    return names.get(hint) or ("table" if is_dataclass(hint) else hint.__name__)


def allowed(spec: Field[Any]) -> str:
    if "range" in spec.metadata:
        least, most = spec.metadata["range"]
        return f"{least} to {most}"
    return " or ".join(f"`{value}`" for value in spec.metadata.get("one_of", ())) or "–"


def needed(spec: Field[Any]) -> str:
    return "yes" if spec.default is MISSING and spec.default_factory is MISSING else "no"


def shipped(held: str, name: str) -> list[str]:
    """What the shipped profiles say, where it is short."""
    found = []
    for profile in SHIPPED.values():
        value = getattr(getattr(profile, held) if held else profile, name)
        written = str(value).lower() if isinstance(value, bool) else str(value)
        found.append(f"`{written}`" if isinstance(value, str | int) else "…")
    return found


def settings(cls: Any, held: str | None) -> str:
    """The table of one part; with the shipped values where they are single."""
    hints, means = get_type_hints(cls), meanings(cls)
    head, rows = ["setting", "type", "allowed", "needed", "what it means"], []
    for spec in fields(cls):
        if hints[spec.name] is not Calendar:
            row = [
                f"`{spec.name}`",
                kind(hints[spec.name]),
                allowed(spec),
                needed(spec),
                means[spec.name],
            ]
            rows.append(row + (shipped(held, spec.name) if held is not None else []))
    return table(head + (list(SHIPPED) if held is not None else []), rows)


def buckets() -> str:
    rows = (
        (f"`{name}`", says, *(often(p.buckets[name]) for p in SHIPPED.values()))
        for name, says in core.BUCKETS.items()
    )  # fmt: skip
    return table(("bucket", "what it counts", *SHIPPED), rows)


def often(bucket: core.Bucket) -> str:
    quick = f", {bucket.quick} of them without waits" if bucket.quick else ""
    return f"{bucket.limit} in {span(bucket.per_seconds)}{quick}"


def span(seconds: int) -> str:
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds % size == 0 and seconds >= size:
            number = seconds // size
            return f"{number} {unit if number > 1 else unit[:-1]}"
    return f"{seconds} seconds"


def retention() -> str:
    rows = (
        (f"`{name}`", says,
         *(p.retention_days[name] for p in SHIPPED.values()))
        for name, says in core.RETENTION.items()
    )  # fmt: skip
    return table(("name", "what is forgotten", *SHIPPED), rows)


def parts() -> list[str]:
    return [f"## {title}\n\n{settings(cls, held or None)}" for cls, held, title in PARTS]


def text() -> str:
    return "\n\n".join([
        "# The profile: what an institution decides",
        "A profile is one TOML file. `CLAVERO_PROFILE` names it: a shipped one (`iess`, `example`) or a path. Numbers and words\n"
        "stand in it; conditions are code, secrets are environment. A name that is unknown, missing, of another type or out of\n"
        "range stops the start with one line that names the place. Copy the shipped file that is nearer and change it:\n"
        "`clavero/profiles/iess.toml` is reported practice, each line with its source and quality, `clavero/profiles/example.toml` an\n"
        "invented institution that decides otherwise wherever it can. Colours are no setting of the profile: they are five CSS\n"
        "properties ([design.md](design.md)), and whoever changes them keeps text at 4.5 to 1.",
        "## At the top", settings(core.Profile, ""),
        *parts(),
        "## Buckets",
        "Every name is needed. A bucket that is full refuses and adds nothing, so that hammering keeps nobody out longer. Why they\n"
        "cannot lock an owner out: [security.md](security.md).",
        buckets(),
        "## Retention",
        "Every name is needed.",
        retention(),
        "## The calendar file",
        "CSV in UTF-8 with a head: `date` (`YYYY-MM-DD`), `code` (why nobody works), and where a day is one canton's own, `canton`;\n"
        "further columns are notes. Write the day on which nobody works: the original day of a moved holiday is not in it. A year\n"
        "without rows makes every answer about it carry a doubt, and `clavero doctor` says so. `scripts/holidays.py` writes the\n"
        "shipped file, `clavero/profiles/calendar_ec.csv`.",
    ]) + "\n"  # fmt: skip


if __name__ == "__main__":
    sys.exit(keep("profile.md", "profile_docs.py", text()))
