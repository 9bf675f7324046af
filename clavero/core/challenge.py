"""What is typed once: codes, secrets, answers about the institution's own dated facts.

Alphabet: Crockford's base 32, 32 letters and digits without I, L, O, U (S-015). Entropy is handed in.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH, SECRET_LENGTH, CONTINUATION_LENGTH, SAVED_CODE_LENGTH = 8, 26, 16, 16
_MEANT = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})
_IGNORED = frozenset(" -–—.\t\r\n")


def _spell(entropy: bytes, length: int) -> str:
    """`length` characters from the first 5 × `length` bits of `entropy`. Raises ValueError where there are fewer."""
    if len(entropy) * 8 < length * 5:
        raise ValueError("not enough entropy")
    number = int.from_bytes(entropy, "big") >> (len(entropy) * 8 - length * 5)
    return "".join(ALPHABET[number >> shift & 31] for shift in range((length - 1) * 5, -1, -5))


def code(entropy: bytes) -> str:
    """Eight characters, 40 bits, from five bytes (S-015)."""
    return _spell(entropy, CODE_LENGTH)


def case_secret(entropy: bytes) -> str:
    """Twenty-six characters, 130 bits, from seventeen bytes: the claimant's alone (ruling on S-026)."""
    return _spell(entropy, SECRET_LENGTH)


def continuation(entropy: bytes) -> str:
    """Sixteen characters, 80 bits, from ten bytes: opens the case at the desk."""
    return _spell(entropy, CONTINUATION_LENGTH)


def normal(text: str) -> str:
    """What was typed, as it was meant: spaces, hyphens, case, O for 0, I and L for 1 forgiven."""
    kept = (
        char
        for char in unicodedata.normalize("NFKC", text)
        if char not in _IGNORED and unicodedata.category(char) not in ("Cf", "Zs")
    )
    return unicodedata.normalize("NFKC", "".join(kept).upper()).translate(_MEANT)


def normal_id(text: str) -> str:
    """An identification as it was stored: without spaces, hyphens and dots, in capitals."""
    return "".join(char for char in unicodedata.normalize("NFKC", text) if char.isalnum()).upper()


def grouped(text: str, size: int = 4) -> str:
    """`K7QM3PTX` as `K7QM 3PTX`."""
    return " ".join(text[start : start + size] for start in range(0, len(text), size))


@dataclass(frozen=True)
class DatedFact:
    """A fact of the institution's own records: `value` is a number or a month `YYYY-MM`, `as_of` an ISO date."""

    name: str
    value: str
    as_of: str


@dataclass(frozen=True)
class Question:
    """Something only the institution and the employer know. `expects` is "number" or "month"."""

    name: str
    expects: str
    value: str
    as_of: str


_EXPECTS = {
    "workers_last_sheet": "number",
    "first_entry_month": "month",
    "last_payment_month": "month",
}
FEWEST, LONGEST_NUMBER = 2, 12


def question(fact: DatedFact) -> Question:
    return Question(fact.name, _EXPECTS[fact.name], fact.value, fact.as_of)


def questions(facts: Sequence[DatedFact]) -> tuple[Question, ...]:
    """The questions that these facts allow, in a fixed order: at most two, and none below two (D07)."""
    known = sorted(
        (f for f in facts if f.name in _EXPECTS and f.value),
        key=lambda f: list(_EXPECTS).index(f.name),
    )
    return tuple(question(fact) for fact in known[:FEWEST]) if len(known) >= FEWEST else ()


def right(asked: Question, answer: str) -> bool:
    """Whether `answer` says the same: numbers in digits, months as 2024-03, 03/2024, marzo de 2024, March 2024."""
    if asked.expects == "number":
        digits = "".join(c for c in unicodedata.normalize("NFKC", answer) if c.isalnum())
        is_number = digits.isdecimal() and len(digits) <= LONGEST_NUMBER
        return is_number and int(digits) == int(asked.value)
    return month(answer) == asked.value


_MONTHS = {
    "ene jan": 1, "feb": 2, "mar": 3, "abr apr": 4, "may": 5, "jun": 6,
    "jul": 7, "ago aug": 8, "sep set": 9, "oct": 10, "nov": 11, "dic dec": 12,
}  # fmt: skip


def month(text: str) -> str | None:
    """A month as `YYYY-MM`, or None."""
    plain = "".join(
        c if c.isalnum() else " "
        for c in unicodedata.normalize("NFKD", text).lower()
        if not unicodedata.combining(c)
    )
    words = [word for word in plain.split() if word not in ("de", "del", "of", "mes")]
    if len(words) != 2:
        return None
    year = next((word for word in words if len(word) == 4 and word.isdecimal()), None)
    other = next((word for word in words if word != year), None)
    number = _month_number(other or "")
    return f"{int(year):04d}-{number:02d}" if year and number else None


def _month_number(word: str) -> int | None:
    if word.isdecimal():
        return int(word) if len(word) <= 2 and 1 <= int(word) <= 12 else None
    return next(
        (n for names, n in _MONTHS.items() if word[:3] in names.split() and len(word) > 2), None
    )
