"""Writes docs/performance.md from the newest whole run of `make bench` that is committed (`benchmarks/results/*.json`), and from later runs
of single benchmarks, which are named beside it."""

import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

from generated import ROOT, keep, table

RESULTS = ROOT / "benchmarks" / "results"
SITES = {
    "ours": "**Clavero**, first key of an account here",
    "django": "Django's own reset by link",
    "allauth": "allauth's reset by code, HTML",
}


class Run:
    """One run's figures by name."""

    def __init__(self, found: dict[str, Any]) -> None:
        self.machine: dict[str, Any] = found["machine"]
        self.more: dict[str, Any] = found["more"]
        self.rows: dict[str, dict[str, Any]] = {row["name"]: row for row in found["figures"]}
        self.later: list[tuple[str, dict[str, Any]]] = []

    def again(self, found: dict[str, Any]) -> None:
        """Figures of a later run stand in place of these."""
        new = {row["name"]: row for row in found["figures"]}
        self.rows.update(new)
        self.later.append(
            (", ".join(sorted({name.split(".")[0] for name in new})), found["machine"])
        )

    def __call__(self, name: str) -> str:
        """The value as people read it, "–" where it was not measured."""
        row = self.rows.get(name)
        return "–" if row is None else _readable(row["value"])

    def ratio(self, name: str) -> str:
        row = self.rows.get(name, {})
        return _readable(row["ratio"]) if "ratio" in row else "–"

    def aim(self, name: str) -> str:
        """The aim and whether this run met it."""
        row = self.rows.get(name, {})
        if "aim" not in row:
            return "–"
        return f"{row['aim']}: {'met' if row['met'] else '**not met**'}"


def newest() -> Run:
    """The whole run that was made last, with what was measured by itself after it."""
    runs = [json.loads(path.read_text(encoding="utf-8")) for path in RESULTS.glob("*.json")]
    if not runs:
        sys.exit("benchmarks/results is empty: run make bench")
    runs.sort(key=lambda run: run["machine"]["at"])
    wholes = [n for n, run in enumerate(runs) if any(row["name"].startswith("journey.") for row in run["figures"])]  # fmt: skip
    found = Run(runs[wholes[-1]])
    for later in runs[wholes[-1] + 1 :]:
        found.again(later)
    return found


def _readable(value: float) -> str:
    if value >= 1000:
        return f"{value:,.0f}".replace(",", " ")
    if value == int(value):
        return str(int(value))
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"


def _later(run: Run) -> str:
    return "".join(
        f" Measured by itself on {machine['at'][:10]} at commit `{machine['commit']}`, load {machine['load_before']} before: {what}."
        for what, machine in run.later
    )


def intro(run: Run) -> str:
    machine = run.machine
    changed = ", with changes not committed" if machine["changed"] else ""
    return (
        f"Measured by `make bench` on {machine['at'][:10]} at commit `{machine['commit']}`{changed}: {machine['processor']}, "
        f"{machine['cores']} cores, Python {machine['python']}; load of the machine {machine['load_before']} before, "
        f"{machine['load_after']} after, {machine['minutes']} minutes.{_later(run)}\n\n"
        "**Ratios count, absolutes do not.** Each figure stands beside a floor or a peer that ran in the same minutes on the same\n"
        "cores; on another machine all of them move together. A load above 1 before the run means that others worked on the machine:\n"
        "rates per second suffer from that most, processor time less, ratios least. Nothing here is a test."
    )


def journey(run: Run) -> str:
    rows = [_floor(run), *(_site(run, name, title) for name, title in SITES.items()), _again(run)]
    head = ("", "requests", "statements", "journeys/s", "of the floor", "p50 ms", "p99 ms", "CPU ms", "AVX2: journeys/s", "of the floor",
            "**CPU ms without hashing**", "web + database")  # fmt: skip
    return table(head, rows)


def _floor(run: Run) -> list[str]:
    floor = "journey.floor"
    return [f"floor: two hashes and nothing else ({run(f'{floor}.published.hash')} ms each; AVX2 {run(f'{floor}.avx2.hash')})",
            "–", "–", run(f"{floor}.published.rate"), "1", "–", "–", "–", run(f"{floor}.avx2.rate"), "1", "0", "–"]  # fmt: skip


def _site(run: Run, name: str, title: str) -> list[str]:
    place = f"journey.{name}"
    bare = f"{run(f'{place}.no_hash.web_cpu')} + {run(f'{place}.no_hash.database_cpu')}"
    return [title, *_walked(run, f"{place}.published"), run(f"{place}.avx2.rate"), run.ratio(f"{place}.avx2.rate"),
            f"**{run(f'{place}.no_hash.cpu')}**", bare]  # fmt: skip


def _again(run: Run) -> list[str]:
    return ["Clavero, an account that has a key here: a third hash refuses the old key as the new one (E05)",
            *_walked(run, "journey.ours.again"), "–", "–", "–", "–"]  # fmt: skip


def _walked(run: Run, place: str) -> list[str]:
    return [run(f"{place}.requests"), run(f"{place}.statements"), run(f"{place}.rate"), run.ratio(f"{place}.rate"),
            run(f"{place}.p50"), run(f"{place}.p99"), run(f"{place}.cpu")]  # fmt: skip


def aims(run: Run) -> str:
    named = {
        "journey.ours.no_hash.cpu": "processor time of a journey outside the hash",
        "journey.ours.avx2.rate": "journeys per second with the AVX2 build",
        "gate.large.cpu": "*Validar* with 2,000,000 employers against 5,000",
        "catastro.postgresql.rate": "importing the SRI's register, PostgreSQL against bare COPY",
        "catastro.postgresql.memory": "its memory, MiB",
        "catastro.sqlite.rate": "the same, SQLite against bare executemany",
        "catastro.sqlite.memory": "its memory, MiB",
        "flood.flooded": "the rightful employer's journey during 10,000 refused requests, ms",
        "identify.cold": "`clavero identify` from a cold start, ms",
        "pages.first_page": "drawing a form page, ms",
    }
    return table(
        ("what", "value", "ratio", "aim"),
        [[text, run(name), run.ratio(name), run.aim(name)] for name, text in named.items()],
    )


def where(run: Run) -> str:
    shares = [name for name in run.rows if name.startswith("where.")]
    return table(("layer", "% of the time"), [[name[6:], run(name)] for name in shares])


def gate(run: Run) -> str:
    rows = [[text, run(f"gate.small.{name}"), run(f"gate.large.{name}"), run.ratio(f"gate.large.{name}"), run.aim(f"gate.large.{name}")]
            for name, text in GATE.items()]  # fmt: skip
    return table(("", "5,000 employers", "2,000,000", "ratio", "aim"), rows)


GATE = {
    "median": "median of the POST, one after the other, ms",
    "cpu": "processor time, web and database, ms",
    "per_core": "requests per second and core",
}


def slots(run: Run) -> str:
    if "slots.page" not in run.rows:
        return ""
    rows = [
        [text, run(f"slots.{name}"), run.ratio(f"slots.{name}")] for name, text in SLOTS.items()
    ]
    said = f"\n\nThe page runs {run('slots.page.statements')} statements, however many centres there are (a test counts them)."
    return table(("", "ms", "× the read"), rows) + said + _read_whole(run)


SLOTS = {
    "primary_key": "one appointment by its primary key",
    "page": "the page of five centres and their times, in this process",
    "read": "of that: reading and working out what is free",
    "everywhere": "the first free time of every centre at once (no page does it)",
    "load": "how full one day of one centre is",
}


def _read_whole(run: Run) -> str:
    found = run.more.get("slots", {}).get("plans", [])
    whole = sorted({name for plan in found for name in plan["reads_whole"]})
    return f"\nTables that it reads whole: {', '.join(whole) or 'none'}." if found else ""


def plans(run: Run) -> str:
    rows = [[f"`{plan['statement'][:70]}…`", " ".join(plan["through"]) or "stores only", ", ".join(plan["reads_whole"]) or "nothing"]
            for plan in run.more["gate"]["plans"]]  # fmt: skip
    return table(("statement", "through", "large tables read whole"), rows)


def catastro(run: Run) -> str:
    ways = {
        "bare_copy": "bare COPY of all 21 columns",
        "postgresql": "**ours**, PostgreSQL",
        "bare_executemany": "bare executemany of all 21 columns",
        "sqlite": "**ours**, SQLite",
    }
    rows = [[text, run(f"catastro.{way}.rate"), run.ratio(f"catastro.{way}.rate"), run(f"catastro.{way}.memory")]
            for way, text in ways.items()]  # fmt: skip
    return table(("", "rows/s", "of the bare rate", "MiB"), rows)


def pages(run: Run) -> str:
    names = [name for name in run.rows if name.startswith("pages.")]
    rows = [[name[6:].replace("_", " "), run(name), run.ratio(name)] for name in names]
    return table(("page", "ms", "× both floors"), rows)


def flood(run: Run) -> str:
    named = {
        "flood.quiet": "the journey in quiet, ms",
        "flood.flooded": "while refusals come as fast as they are refused, ms",
        "flood.slowest": "the slowest of them, ms",
        "flood.rate": "refusals a second meanwhile",
        "flood.many": "while they come over sixteen connections, ms",
        "flood.many_rate": "refusals a second meanwhile",
        "flood.paced": "while they come as nginx in deploy/ lets them through from eight addresses, ms",
        "flood.paced_rate": "refusals a second meanwhile",
        "flood.refusal": "processor time of one refusal, web and database, ms",
    }
    rows = [[text, run(name), run.ratio(name)] for name, text in named.items() if name in run.rows]
    return table(("", "", "of the quiet one"), rows) if rows else ""


CHAPTERS: dict[str, tuple[str, Callable[[Run], str]]] = {
    "Aims": ("", aims),
    "The whole journey": (
        "*Validar* → code → contact data → key → tested sign-in, as HTML pages on PostgreSQL, Argon2id t=2 m=19456 p=1 in all of them. Web\n"
        "server and database share one core, eight browsers have the other; every site is asked afterwards whether the old key is\n"
        "refused and the new one signs in. BEGIN and COMMIT are not counted as statements. The processor time *without hashing* is that of\n"
        "the same servers with a hash that costs nothing: it is what the code itself costs. With the real hash the rest costs more,\n"
        "because every hash sweeps 19 MiB through the caches. Best of the rounds, for every site alike.",
        journey,
    ),
    "Where the rest goes": (
        "The journey without its hashes, sampled every millisecond of processor time in one process; the innermost layer counts.",
        where,
    ),
    "*Validar* alone": (
        "The POST of the check page: human check spent, employer found, rules asked, case, record and message written. The employers who are\n"
        "asked for came through the importers; the others are rows of the same columns and lengths, made by the server, with as many\n"
        "RUCs, and a tenth as many accounts, cases, messages and records.",
        gate,
    ),
    "Every statement of the road, with 2,000,000 employers": (
        "As EXPLAIN says, with `enable_seqscan` on. A table counts as large from 1,000 rows.",
        plans,
    ),
    "The page of times": (
        "78 centres of five counters, 200,000 appointments from today on, so that every centre is full for weeks and is read to the\n"
        "horizon of 60 days: the worst page there is. The taken time leaves the database in pieces of 60 cells, put together there;\n"
        "sent as cells it was 27 times as many rows, and slower by more than the reading itself.",
        slots,
    ),
    "The SRI's register": (
        "3,000,000 made-up rows in no order, as the SRI's are. The bare ways only move the file into a table of texts; ours reads,\n"
        "judges, folds establishments into RUCs, keeps what is needed, and switches the live copy.",
        catastro,
    ),
    "A flood of refusals": (
        "Four connections send what is refused as fast as it is refused, from eight networks, without a proxy in between. A network that its limit\n"
        "refused a moment ago is turned away from memory ([ADR 20](adr/0020-the-doorstep.md)), and asks the limit again every two seconds: most of these\n"
        "refusals touch no database and draw no page, and wait while somebody is served who is not refused. The processor time is the mean of both sorts.\n"
        "Behind nginx as in deploy/ twenty a second come from an address.",
        flood,
    ),
    "Pages": ("Drawing one form page, against the finished page as text and the token.", pages),
}


def chapters(run: Run) -> Iterator[str]:
    """Each chapter that this run measured."""
    for title, (words, drawn) in CHAPTERS.items():
        if found := drawn(run):
            yield "\n\n".join(filter(None, [f"## {title}", words, found]))


def text() -> str:
    run = newest()
    return "\n\n".join(["# What it costs", intro(run), *chapters(run)]) + "\n"


if __name__ == "__main__":
    sys.exit(keep("performance.md", "performance_docs.py", text()))
