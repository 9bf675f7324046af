"""Numbers read per second and core, with normal form, notes and repairs, against python-stdnum's bare verdict.

    python -m benchmarks.identifiers_bench [--quick] [--json]

The same made-up cédulas and RUCs for everybody, in one run; a plain table-driven check is the floor. A
tenth of the numbers is damaged as spreadsheets damage them, for us and for them. Seconds are the
processor's, so that a busy machine disturbs less.
"""

import json
import random
import sys
import time
from collections.abc import Callable, Iterable

from stdnum.ec import ci
from stdnum.ec import ruc as their_ruc

from clavero.core.identifiers import cedula, ruc

WHOLE, QUICK = 1_000_000, 50_000
AIM = 3.0


def cedulas(count: int, chance: random.Random) -> list[str]:
    """Right cédulas of nobody: any province, the third digit as it comes."""
    found = []
    for _ in range(count):
        nine = f"{chance.randint(1, 24):02}{chance.randint(0, 5)}{chance.randrange(10**6):06}"
        found.append(nine + cedula.check_digit(nine))
    return found


def rucs(count: int, chance: random.Random) -> list[str]:
    """Right RUCs: three of five of natural persons, the others of societies with whatever check digit."""
    natural = iter(cedulas(count, chance))
    return [
        next(natural) + "001"
        if chance.random() < 0.6
        else f"{chance.randint(1, 24):02}9{chance.randrange(10**7):07}001"
        for _ in range(count)
    ]


def damaged(numbers: Iterable[str], chance: random.Random) -> list[str]:
    """One in ten as a spreadsheet leaves it: the first zero gone, a decimal, a hyphen, an apostrophe."""
    harms: tuple[Callable[[str], str], ...] = (
        lambda text: text.lstrip("0"),
        lambda text: f"{text}.0",
        lambda text: f"{text[:-3]}-{text[-3:]}",
        lambda text: f"'{text}",
    )
    return [chance.choice(harms)(text) if chance.random() < 0.1 else text for text in numbers]


def table_driven(numbers: list[str]) -> int:
    """The floor: a cédula's check with a table, no forms, no notes, no repairs."""
    doubled = {"0": 0, "1": 2, "2": 4, "3": 6, "4": 8, "5": 1, "6": 3, "7": 5, "8": 7, "9": 9}
    right = 0
    for text in numbers:
        if len(text) == 10 and text.isdigit():
            total = sum([doubled[d] for d in text[0:9:2]]) + sum(map(int, text[1:9:2]))
            right += -total % 10 == int(text[9])
    return right


def per_second(deed: Callable[[], object], count: int, repeats: int) -> float:
    best = min(_seconds(deed) for _ in range(repeats))
    return count / best


def _seconds(deed: Callable[[], object]) -> float:
    began = time.process_time()
    deed()
    return time.process_time() - began


def run(quick: bool) -> dict[str, object]:
    """The figures, each with its ratio to python-stdnum's in the same run."""
    count, repeats = (QUICK, 2) if quick else (WHOLE, 3)
    chance = random.Random(20261120)
    whole = {"cédulas": cedulas(count, chance), "RUCs": rucs(count, chance)}
    theirs = {"cédulas": ci.is_valid, "RUCs": their_ruc.is_valid}
    ours = {"cédulas": cedula.read, "RUCs": ruc.read}
    figures: list[dict[str, object]] = []
    for name, numbers in whole.items():
        mixed = damaged(numbers, chance)
        floor = per_second(lambda n=numbers, f=theirs[name]: [f(t) for t in n], count, repeats)
        figures.append(_figure(f"python-stdnum, {name}", floor))
        read = per_second(lambda n=numbers, f=ours[name]: [f(t) for t in n], count, repeats)
        figures.append(_figure(f"read, {name}", read, floor, f"python-stdnum, {name}", AIM))
        harmed = per_second(lambda n=mixed, f=ours[name]: [f(t) for t in n], count, repeats)
        figures.append(
            _figure(f"read, {name}, one in ten damaged", harmed, floor, f"python-stdnum, {name}")
        )
    figures.append(
        _figure(
            "a plain table-driven check, cédulas",
            per_second(lambda: table_driven(whole["cédulas"]), count, repeats),
        )
    )
    refused = sum(not their_ruc.is_valid(text) for text in whole["RUCs"])
    mistaken = sum(not ruc.read(text).ok for text in whole["RUCs"])
    figures.append(
        {
            "name": "right RUCs that python-stdnum refuses",
            "value": round(100 * refused / count, 1),
            "unit": "%",
        }
    )
    figures.append(
        {"name": "right RUCs that we refuse", "value": mistaken, "unit": "numbers", "aim": "0"}
    )
    return {"figures": figures, "numbers": count}


def _figure(
    name: str, rate: float, floor: float = 0.0, of: str = "", aim: float = 0.0
) -> dict[str, object]:
    figure: dict[str, object] = {"name": name, "value": round(rate), "unit": "numbers/s"}
    if floor:
        figure |= {"ratio": round(rate / floor, 2), "of": of}
    return figure | ({"aim": f"at least {aim:g} ×"} if aim else {})


def main() -> int:
    """0 where both aims are met on this machine."""
    found = run("--quick" in sys.argv)
    if "--json" in sys.argv:
        print(json.dumps(found, ensure_ascii=False))
    else:
        for figure in found["figures"]:  # type: ignore[attr-defined]
            ratio = f"{figure['ratio']:>8} ×" if "ratio" in figure else ""
            print(f"{figure['name']:48}{figure['value']:>12} {figure['unit']:10}{ratio}")
    short = [
        f
        for f in found["figures"]
        if str(f.get("aim", "")).startswith("at least") and f["ratio"] < AIM
    ]  # type: ignore[attr-defined]
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
