"""What makes a good key: length first, not on a list, not the employer's own numbers.

Source: NIST SP 800-63B-4 §3.1.1.2, STANDARDS S-031 to S-036. No composition rules, no expiry, no
hints. What is compared with lists is the whole key and its simple disguises; a part of it never refuses.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from clavero.core.errors import Refused
from clavero.core.phrase_words import WORDS


@dataclass(frozen=True)
class KeyRules:
    """Lengths in code points. 15 while the key is the only factor (S-031)."""

    min_length: int = 15
    """The shortest key. At least 15."""
    max_length: int = 256
    """The longest key; a longer one is refused, never cut (S-032). From 64 to 4096."""


_DISGUISES = str.maketrans("013457@$!", "oieastasi")
_OWN = (
    "clave",
    "iess",
    "clavero",
    "empleador",
    "patronal",
    "contrasena",
    "ecuador",
    "seguro",
    "social",
)
_TAIL = re.compile(r"[\d\W_]+$")
_ROWS = (
    "qwertyuiop",
    "asdfghjklñ",
    "asdfghjkl",
    "zxcvbnm",
    "1234567890",
    "0123456789",
    "abcdefghijklmnopqrstuvwxyz",
)


def normal(key: str) -> str:
    """NFC, as it is hashed; otherwise byte for byte what was typed (S-035)."""
    return unicodedata.normalize("NFC", key)


def judge(
    key: str, context: frozenset[str], rules: KeyRules, is_common: Callable[[str], bool]
) -> tuple[Refused, ...]:
    """Why `key` will not do, empty where it will. `context` holds the employer's numbers, names and addresses.

    Codes: key.empty, key.too_short (missing), key.too_long, key.control_characters, key.repeats,
    key.sequence, key.own_data, key.common.
    """
    text = normal(key)
    if not text:
        return (Refused("key.empty"),)
    if len(text) > rules.max_length:
        return (Refused("key.too_long", most=rules.max_length),)
    if any(unicodedata.category(char) == "Cc" for char in text):
        return (Refused("key.control_characters"),)
    if len(text) < rules.min_length:
        return (
            Refused("key.too_short", least=rules.min_length, missing=rules.min_length - len(text)),
        )
    found = _weakness(text, context, is_common)
    return (Refused(found),) if found else ()


def _weakness(text: str, context: frozenset[str], is_common: Callable[[str], bool]) -> str:
    plain = folded(text)
    if repeats(plain):
        return "key.repeats"
    if is_sequence(plain):
        return "key.sequence"
    if any(is_made_of(plain, part) for part in own_words(context)):
        return "key.own_data"
    return "key.common" if any(is_common(form) for form in disguises(text)) else ""


def folded(text: str) -> str:
    """Without accents, case, spaces and punctuation: what two keys that look alike have in common."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return "".join(char for char in decomposed if char.isalnum())


def repeats(plain: str) -> bool:
    """One to four characters over and over, to the end."""
    return any(plain[size:] == plain[:-size] for size in range(1, 5)) or len(set(plain)) < 4


def is_sequence(plain: str) -> bool:
    """Nothing but a run along the keyboard, the alphabet or the numbers, either way, perhaps more than once."""
    runs = "".join(row * 3 + row[::-1] * 3 for row in _ROWS)
    steps = sum(a + b in runs for a, b in zip(plain, plain[1:], strict=False))
    return len(plain) > 3 and steps >= len(plain) - 1 - len(plain) // 8


def own_words(context: Iterable[str]) -> frozenset[str]:
    """The employer's own data and our own words, folded; parts shorter than four say nothing."""
    words = {folded(part) for part in (*context, *_OWN)}
    words |= {folded(part.partition("@")[0]) for part in context if "@" in part}
    return frozenset(word for word in words if len(word) > 3)


def is_made_of(plain: str, word: str) -> bool:
    """Whether `plain` is `word`, perhaps twice, backwards, disguised, or with digits after or before it."""
    forms = {
        plain,
        plain.translate(_DISGUISES),
        plain.strip("0123456789"),
        plain.rstrip("0123456789"),
    }
    plainly = any(form in (word, word[::-1], word * 2, word * 3) for form in forms if form)
    return plainly or _is_numbered(plain, word)


def _is_numbered(plain: str, word: str) -> bool:
    """`word` with nothing but digits after or before it, also where `word` itself is a number."""
    rests = (plain.removeprefix(word), plain.removesuffix(word))
    return any(rest != plain and (not rest or rest.isdigit()) for rest in rests)


def disguises(text: str) -> frozenset[str]:
    """The forms in which `text` is looked up among common keys."""
    lower = unicodedata.normalize("NFKD", text).casefold()
    lower = "".join(char for char in lower if not unicodedata.combining(char))
    forms = {lower, folded(text), lower.translate(_DISGUISES), _TAIL.sub("", lower), lower[::-1]}
    return frozenset(form for form in forms if len(form) > 3)


def strength(key: str) -> int:
    """0 to 4, as advice and never as a gate: length and variety."""
    text = normal(key)
    plain = folded(text)
    if len(text) < 8 or repeats(plain) or is_sequence(plain):
        return 0
    points = (len(text) >= 12) + (len(text) >= 15) + (len(text) >= 20) + (len(set(plain)) >= 8)
    return int(points)


def phrase(entropy: bytes) -> str:
    """Four Spanish words with hyphens, each drawn evenly from `WORDS`. Needs 16 bytes; at least 19 characters.

    Raises ValueError where the entropy is shorter.
    """
    if len(entropy) < 16:
        raise ValueError("not enough entropy")
    number = int.from_bytes(entropy, "big")
    drawn = []
    for _ in range(4):
        number, index = divmod(number, len(WORDS))
        drawn.append(WORDS[index])
    return "-".join(drawn)
