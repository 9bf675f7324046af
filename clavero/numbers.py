"""Numbers as people read them (DESIGN §10). The standard library only."""

_GROUPS = {10: (3, 3, 3, 1), 13: (3, 3, 3, 1, 3)}


def count(value: int, lang: str = "es") -> str:
    """1214 · 12 480 in Spanish, 1,214 · 12,480 in English."""
    if lang == "en":
        return f"{value:,}"
    return f"{value:,}".replace(",", "\u00a0") if abs(value) >= 10_000 else str(value)


def groups(value: str) -> tuple[int, ...]:
    """How many characters stand together: a cédula in 3-3-3-1, a RUC in 3-3-3-1-3, anything else in one."""
    return _GROUPS.get(len(value), (len(value),)) if value.isdigit() else (len(value),)
