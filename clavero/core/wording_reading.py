"""A text as the wording matcher reads it: words by sound, concepts, what is in order, what is denied.

Spelling does not matter (`clabe`, `resivi`, `izo`), nor accents, nor chat (`xq`, `d`, `toi`). A thing said
to be in order ("el correo es mío", "RUC, branch and ID all pass") is no obstacle; a state plainly denied
("no está bloqueada") is not there. Everything here works in one pass over at most `LONGEST` words.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from clavero.core.wording_lexicon import CONCEPTS, IN_ORDER, THINGS

LONGEST = 120
"""Words that are read of a text: what people are stuck on comes early."""

_LONGEST_WORD = 40
_TOKEN = re.compile(r"[^\W_]+(?:['’`][^\W_]+)*|[.;:!?,()\n«»\"<>-]")
_STOPS = frozenset(".;:!?\n")

CHAT: dict[str, str] = dict(
    pair.split("=")
    for pair in (
        "q=que k=que xq=porque pq=porque porq=porque x=por xa=para pa=para d=de m=me c=se toi=estoy dsd=desde tb=tambien "
        "tmb=tambien aora=ahora nd=nada cel=celular celu=celular compu=computadora bn=bien esq=es_que n=en t=te l=el s=es "
        "num=numero cod=codigo msj=mensaje sra=senora sr=senor depto=departamento u=you pls=please plz=please ur=your "
        "w=with pw=password pwd=password wasap=whatsapp wpp=whatsapp xfa=porfa tngo=tengo stoy=estoy ta=esta ps=pues "
        "c1=cada pag=pagina"
    ).split()
)
"""How people type on a phone; `_` parts two words."""

_NEGATIONS = frozenset(
    "no nunca jamas sin ni tampoco nadie ningun ninguna not dont doesnt cant cannot wont isnt never nobody without "
    "neither didnt havent hasnt arent aint none".split()
)  # fmt: skip
_CONTRASTS = frozenset(
    "pero but sino though however aunque yet solo salvo excepto except menos only".split()
)
_BETWEEN = frozenset(
    "me la lo le se nos los las te es esta estan este estoy ha he han haya sido que porque tengo tenemos was is has been "
    "have be that a mi su fue era esa eso it its im were ni".split()
)  # fmt: skip
_DENIABLE = frozenset(
    "blocked forgot expired ruc_bad changed died down fraud late closed_firm mail_dead sold".split()
)
_NO_OBSTACLE = frozenset(
    "same_person arrives remember know_key help_only chatter digits first_time everyone repeats session pay_rules former "
    "left".split()
)  # fmt: skip
_ALL = frozenset(("todo", "todos", "todas", "everything", "all"))
_CLEARED_AFTER = tuple(
    tuple(phrase.split("_"))
    for phrase in (
        "nada_malo_con nothing_wrong_with no_hay_problema_con no_es_problema_de no_es_problema_del no_es_cosa_de "
        "no_es_cosa_del no_es_por no_problem_with ningun_problema_con no_es_culpa_de pase paso got_past i_passed"
    ).split()
)


@dataclass(frozen=True)
class Token:
    """A word: as it sounds, as it is written without accents, and where it stands in the text."""

    sound: str
    plain: str
    start: int
    end: int


@dataclass(frozen=True, order=True)
class Mention:
    """`concept` in the words from `first` up to, not including, `last`."""

    first: int
    last: int
    concept: str


@dataclass(frozen=True)
class Reading:
    """`breaks`: words before which there is any mark; `stops`: before which a sentence ends."""

    text: str
    tokens: tuple[Token, ...]
    breaks: frozenset[int]
    stops: frozenset[int]
    mentions: tuple[Mention, ...]


def fold(word: str) -> str:
    """Lower case, without accents, letters and digits only."""
    return "".join(c for c in unicodedata.normalize("NFKD", word.casefold()) if c.isalnum())


@cache
def sound(word: str) -> str:
    """How a folded word sounds to a Spanish ear: b for v, s for z and soft c, k for c and qu, y for ll, no h."""
    if len(word) < 3 or word.isdigit():
        return word
    found: list[str] = []
    for place, char in enumerate(word):
        heard = _heard(word, place, char)
        if heard and (heard == "r" or found[-1:] != [heard]):
            found.append(heard)
    return "".join(found)


def _heard(word: str, place: int, char: str) -> str:
    before, after = word[place - 1 : place], word[place + 1 : place + 2]
    if char in "bvz":
        return "s" if char == "z" else "b"
    if char == "c":
        return "ch" if after == "h" else "s" if after and after in "ei" else "k"
    if char in "hqug":
        return _heard_by_neighbour(char, before, after)
    if char == "l":
        return "y" if after == "l" else "" if before == "l" else "l"
    return char


def _heard_by_neighbour(char: str, before: str, after: str) -> str:
    if char == "g":
        return "j" if after and after in "ei" else "g"
    return {"h": "", "q": "k", "u": "" if before == "q" else "u"}[char]


# --- the lexicon ---------------------------------------------------------------------------------------

Pattern = tuple[tuple[str, bool], ...]
"""Words by sound; True where any ending will do."""
Table = dict[str, tuple[tuple[Pattern, str], ...]]


@cache
def _patterns() -> tuple[Table, Table]:
    """First word → the patterns that begin with it, and first letters → those that begin with any word so begun."""
    whole: dict[str, list[tuple[Pattern, str]]] = {}
    begun: dict[str, list[tuple[Pattern, str]]] = {}
    for concept, entries in CONCEPTS.items():
        for entry in dict.fromkeys(entries.split()):
            pattern = tuple(
                (sound(fold(word)), word.endswith("*")) for word in entry.split("_") if fold(word)
            )
            if pattern:
                first, open_ended = pattern[0]
                (begun if open_ended else whole).setdefault(first, []).append(
                    (pattern[1:], concept)
                )
    return _frozen(whole), _frozen(begun)


def _frozen(table: dict[str, list[tuple[Pattern, str]]]) -> Table:
    return {first: tuple(entries) for first, entries in table.items()}


@cache
def _things_by_sound() -> frozenset[str]:
    return frozenset(
        sound(fold(word)) for entries in THINGS.values() for word in entries.split() if "_" not in word
    )  # fmt: skip


@cache
def _in_order_words() -> frozenset[str]:
    return frozenset(sound(word) for word in IN_ORDER.split())


def _mentions(tokens: tuple[Token, ...]) -> Iterator[Mention]:
    for place, token in enumerate(tokens):
        for rest, concept in _beginning_with(token.sound):
            last = place + 1 + len(rest)
            if not rest or _fits(tokens[place + 1 : last], rest):
                yield Mention(place, last, concept)


def _beginning_with(heard: str) -> Iterator[tuple[Pattern, str]]:
    whole, begun = _patterns()
    yield from whole.get(heard, ())
    for length in range(2, len(heard) + 1):
        yield from begun.get(heard[:length], ())


def _fits(words: tuple[Token, ...], pattern: Pattern) -> bool:
    return len(words) == len(pattern) and all(
        token.sound.startswith(word) if open_ended else token.sound == word
        for token, (word, open_ended) in zip(words, pattern, strict=True)
    )


# --- reading -------------------------------------------------------------------------------------------


def read(text: str) -> Reading:
    """The words of `text` and what they mean. Any text will do; of a very long one the first `LONGEST` words."""
    tokens: list[Token] = []
    breaks, stops = set(), set()
    for match in _TOKEN.finditer(text):
        if len(tokens) >= LONGEST:
            break
        if match[0][0].isalnum():
            tokens += _words(match)
        else:
            breaks.add(len(tokens))
            stops |= {len(tokens)} if match[0] in _STOPS else set()
    kept = tuple(tokens)
    mentions = tuple(sorted(set(_mentions(kept))))
    return Reading(text, kept, frozenset(breaks), frozenset(stops), mentions)


def _words(match: re.Match[str]) -> list[Token]:
    plain = fold(match[0][:_LONGEST_WORD])
    return [
        Token(sound(part), part, match.start(), match.end())
        for part in CHAT.get(plain, plain).split("_")
        if part
    ]


def segments(reading: Reading) -> list[int]:
    """The number of the part of a sentence that each word belongs to; marks and contrasts part them."""
    found, current = [], 0
    for place, token in enumerate(reading.tokens):
        if place and (place in reading.breaks or token.plain in _CONTRASTS):
            current += 1
        found.append(current)
    return found


def sentences(reading: Reading) -> list[int]:
    """The number of the sentence that each word belongs to."""
    found, current = [], 0
    for place in range(len(reading.tokens)):
        current += place in reading.stops
        found.append(current)
    return found


# --- denied and in order -----------------------------------------------------------------------------


def is_negated(reading: Reading, parts: list[int], place: int) -> bool:
    """Whether one of the three words before, in the same part, denies."""
    return any(
        parts[before] == parts[place] and reading.tokens[before].plain in _NEGATIONS
        for before in range(max(0, place - 3), place)
    )


def denied(reading: Reading, parts: list[int]) -> frozenset[Mention]:
    """States that the text plainly denies: "no está bloqueada", "nunca me han suspendido", "not locked"."""
    return frozenset(
        mention
        for mention in reading.mentions
        if mention.concept in _DENIABLE and _plainly_denied(reading, parts, mention.first)
    )


def _plainly_denied(reading: Reading, parts: list[int], place: int) -> bool:
    for before in range(place - 1, max(-1, place - 6), -1):
        token = reading.tokens[before]
        if parts[before] != parts[place]:
            return False
        if token.plain in _NEGATIONS:
            return True
        if token.plain not in _BETWEEN and token.sound not in _things_by_sound():
            return False
    return False


def in_order(reading: Reading, parts: list[int]) -> frozenset[Mention]:
    """Things that the text says are all right: alone, in a list, after "todo bien:" or "no problem with"."""
    ground = _ground(reading)
    found: set[Mention] = set()
    for place, token in enumerate(reading.tokens):
        if token.sound in _in_order_words() and place not in ground.obstacles:
            found |= set() if is_negated(reading, parts, place) else _around(ground, place)
        if length := _length_of_clearing(reading, place):
            found |= _listed_after(ground, place + length)
    return frozenset(found)


def _length_of_clearing(reading: Reading, place: int) -> int:
    words = tuple(token.plain for token in reading.tokens[place : place + 4])
    return next((len(phrase) for phrase in _CLEARED_AFTER if words[: len(phrase)] == phrase), 0)


_FILLERS = frozenset(
    sound(word)
    for word in (
        "el la los las lo mi mis su sus un una de del y e ni o con al en todo toda todos tambien ya si esta estan es son "
        "the my our a an and or of both all is are was also up hasta to nor that que me sale salio dice tiene numero"
    ).split()
)


@dataclass(frozen=True)
class _Ground:
    """A reading with its things and the words that tell of obstacles."""

    reading: Reading
    things: tuple[Mention, ...]
    obstacles: frozenset[int]


def _ground(reading: Reading) -> _Ground:
    things = tuple(each for each in reading.mentions if each.concept in THINGS)
    obstacles = frozenset(
        place
        for each in reading.mentions
        if each.concept not in THINGS and each.concept not in _NO_OBSTACLE
        for place in range(each.first, each.last)
    )
    return _Ground(reading, things, obstacles)


def _around(ground: _Ground, place: int) -> set[Mention]:
    """The thing before the word and the list it ends, else the thing after it; a whole list after "todo bien:"."""
    found = _before(ground, place) or _listed_after(ground, place + 1, near=1)
    if any(token.plain in _ALL for token in ground.reading.tokens[max(0, place - 2) : place + 2]):
        colon = next((s for s in sorted(ground.reading.stops) if place < s <= place + 2), None)
        found |= _whole_list(ground, colon) if colon is not None else set()
    return found


def _before(ground: _Ground, place: int) -> set[Mention]:
    near = [
        thing
        for thing in ground.things
        if 0 <= place - thing.last <= 4 and not _barrier(ground, thing.last, place + 1)
    ]
    last = max((thing.last for thing in near), default=0)
    return {each for thing in near if thing.last == last for each in _list_ending(ground, thing)}


def _barrier(ground: _Ground, first: int, last: int) -> bool:
    tokens, stops = ground.reading.tokens, ground.reading.stops
    return any(
        place in stops or place in ground.obstacles or tokens[place].plain in _CONTRASTS
        for place in range(first, min(last, len(tokens)))
    )


def _list_ending(ground: _Ground, mention: Mention) -> Iterator[Mention]:
    """`mention` and the things listed before it: nothing but articles and "and" between."""
    found: Mention | None = mention
    while found:
        yield found
        earlier = max(
            (thing for thing in ground.things if thing.last <= found.first),
            key=lambda thing: thing.last,
            default=None,
        )
        found = earlier if earlier and _joined(ground, earlier.last, found.first) else None


def _listed_after(ground: _Ground, place: int, near: int = 2) -> set[Mention]:
    """The things listed from `place` on, the first at most `near` words away."""
    found: set[Mention] = set()
    while later := min((thing for thing in ground.things if thing.first >= place), default=None):
        if later.first - place > near or not _joined(ground, place, later.first):
            break
        found.add(later)
        place, near = later.last, 3
    return found


def _joined(ground: _Ground, first: int, last: int) -> bool:
    """Whether at most three words stand between, all of them fillers, and no sentence ends."""
    between = [ground.reading.tokens[place].sound for place in range(first, last)]
    fillers = all(heard in _FILLERS or heard in _in_order_words() for heard in between)
    stopped = any(place in ground.reading.stops for place in range(first, last + 1))
    return len(between) <= 3 and fillers and not stopped


def _whole_list(ground: _Ground, place: int) -> set[Mention]:
    found: set[Mention] = set()
    while later := min((thing for thing in ground.things if thing.first >= place), default=None):
        if later.first - place > 3 or _barrier(ground, place + 1, later.first):
            break
        found.add(later)
        place = later.last
    return found


def named(mentions: Iterable[Mention]) -> frozenset[str]:
    """The concepts of mentions."""
    return frozenset(mention.concept for mention in mentions)
