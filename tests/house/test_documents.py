"""The documents say what is so: links lead somewhere, commands and settings exist, examples work, nothing is left out."""

import json
import re
import shlex
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest

from clavero import cli
from clavero.cli.doctor import CHECKS
from clavero.core import profile
from clavero.employers import formats
from clavero.privacy import tokens
from tests.cast import by_id

ROOT = Path(__file__).resolve().parents[2]
DOCS = [ROOT / f"{name}.md" for name in ("README", "CHANGELOG", "CONTRIBUTING", "SECURITY")]
DOCS += sorted((ROOT / "docs").rglob("*.md"))
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
SECURITY = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PROMISED = """BASE_URL DESK_URL SECRET_KEY DATABASE_URL PROFILE SMTP_URL TRUSTED_PROXIES KEY_PEPPER FIELD_KEYS AUDIT_KEY
DEMO""".split()
ONLY_FOR_TRIALS = {"DEMO_DIR", "PORT", "TEST_DATABASE_URL", "REQUIRE_ALL"}


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def anchors(path: Path) -> set[str]:
    """The anchors of a Markdown page, as they are made of its headings."""
    heads = re.findall(r"^#+ (.+)$", text(path), re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_and_picture_leads_somewhere(path):
    for target in re.findall(r"\]\(([^)\s]+)\)", text(path)):
        if target.startswith(("http://", "https://")):
            continue
        file, _, anchor = target.partition("#")
        found = (path.parent / file).resolve() if file else path
        assert found.exists(), target
        assert not anchor or anchor in anchors(found), target


def test_every_target_of_make_that_is_named_exists():
    known = set(re.findall(r"^([a-z-]+):", text(ROOT / "Makefile"), re.M))
    for path in DOCS:
        for name in re.findall(
            r"`(?:CLAVERO_PORT=\d+ )?make ([a-z-]+)|^make ([a-z-]+)", text(path), re.M
        ):
            assert "".join(name) in known, (path.name, name)


def commands() -> dict[str, click.Command]:
    """Every command by its words, groups among them."""
    found = {}
    for name in cli.COMMANDS:
        command = cli.raw(name)
        found[name] = command
        for each, below in getattr(command, "commands", {}).items():
            found[f"{name} {each}"] = below
    return found


def named_commands(path: Path) -> list[str]:
    """What a page tells people to type: lines of shell blocks, and `clavero …` in a sentence."""
    blocks = re.findall(r"```sh\n(.*?)```", text(path), re.S)
    lines = [line.partition("#")[0] for block in blocks for line in block.splitlines()]
    lines += re.findall(r"`((?:\.venv/bin/)?clavero [a-z][^`…|]*)`", text(path))
    return [line.strip() for line in lines]


@pytest.mark.parametrize(
    "path", [p for p in DOCS if p.name != "cli.md"], ids=lambda path: path.name
)
def test_every_command_that_is_named_exists_with_its_options(path):
    known = commands()
    for line in named_commands(path):
        match = re.match(r"(?:\w+=\S+ )?(?:\.venv/bin/)?clavero (?!/)([a-z].*)", line)
        if not match:
            continue
        words = shlex.split(match[1])
        command = known.get(" ".join(words[:2])) or known.get(words[0])
        assert command is not None, line
        options = {option for param in command.params for option in param.opts}
        for word in words:
            assert not word.startswith("--") or word in options | {"--lang", "--help"}, line


def test_every_file_that_the_guide_copies_is_here():
    for name in re.findall(r"/opt/clavero/source/([\w./-]+)", OPERATIONS):
        assert (ROOT / name).is_file(), name
    assert sum(len(named_commands(path)) for path in DOCS) > 60


def settings_read() -> set[str]:
    """Every setting that the program reads, by its name after CLAVERO_."""
    sources = [text(path) for path in (ROOT / "clavero").rglob("*.py")]
    names = re.findall(r'"CLAVERO_([A-Z_]+[A-Z])"', "\n".join(sources))
    return {name.removesuffix("_FILE") for name in names}


def test_every_setting_is_documented_and_every_documented_one_is_read():
    documented = set(re.findall(r"^\| `CLAVERO_([A-Z_]+)`", OPERATIONS, re.M))
    assert set(PROMISED) <= documented
    assert settings_read() - ONLY_FOR_TRIALS <= documented
    assert documented <= settings_read()
    example = set(re.findall(r"^CLAVERO_([A-Z_]+)=", text(ROOT / "deploy" / "clavero.env"), re.M))
    assert {name.removesuffix("_FILE") for name in example} <= documented


def test_every_check_of_doctor_is_documented():
    table = OPERATIONS[OPERATIONS.index("| check |") : OPERATIONS.index("### Logs")]
    assert re.findall(r"^\| `(\w+)`", table, re.M) == list(CHECKS)


def test_every_command_and_every_bucket_is_documented():
    assert all(f"clavero {name}\n" in text(ROOT / "docs" / "cli.md") for name in commands())
    written = text(ROOT / "docs" / "profile.md")
    assert all(f"| `{name}` |" in written for name in (*profile.BUCKETS, *profile.RETENTION))


def test_the_formats_of_the_register_are_documented_as_they_are_read():
    section = OPERATIONS[OPERATIONS.index("**JSON Lines**") : OPERATIONS.index("## Mail")]
    words = set(re.findall(r"`(\w+)`", section))
    lists = (
        formats.KINDS,
        formats.KEY_STATES,
        formats.MODES,
        formats.FACTS,
        formats.IMPORTED_STATES,
    )
    assert {name for each in (formats.COLUMNS, *lists) for name in each} <= words


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["json", "csv"])
def test_the_examples_of_the_register_are_imported_as_they_stand(tmp_path, kind):
    from clavero.employers import imports
    from clavero.employers.models import Employer

    (example,) = re.findall(rf"```{kind}\n(.*?)```", OPERATIONS, re.S)
    path = tmp_path / "register"
    path.write_text(example, encoding="utf-8")
    report = imports.import_file(path, datetime.now(UTC))
    employer = Employer.objects.get()
    assert report.findings == {} and report.employers_new == 1
    assert employer.key_state == "active" and employer.branches.count() == 2
    assert employer.facts.get().value == "4" and employer.contacts.filter(kind="email").count() == 1


def test_every_test_that_is_named_exists():
    known = set()
    for path in (ROOT / "tests").rglob("*.py"):
        known |= set(re.findall(r"(?:def |^)(test_\w+|Test\w+)\b", text(path), re.M))
    named = set(re.findall(r"`(test_\w+|Test\w+)`", SECURITY))
    assert named - known == set() and len(named) > 50


def test_every_room_and_every_rule_has_its_place_in_the_plan():
    package = ROOT / "clavero"
    rooms = {path.parent.name for path in package.glob("*/apps.py")} | {"core", "cli", "project"}
    rules = {path.stem for path in (package / "core").glob("*") if not path.name.startswith("__")}
    lacking = [name for name in rooms if not re.search(rf"\b{name}\b", ARCHITECTURE)]
    lacking += [name for name in rules if not re.search(rf"`{name}/?`", ARCHITECTURE)]
    assert lacking == [], "write them into docs/architecture.md"


def test_every_decision_is_numbered_once_and_in_the_plan():
    pages = sorted((ROOT / "docs" / "adr").glob("*.md"))
    numbers = [int(page.name[:4]) for page in pages]
    assert numbers == sorted(set(numbers))
    for page, number in zip(pages, numbers, strict=True):
        assert text(page).startswith(f"# {number}. ") and "**State**:" in text(page)
        assert f"(adr/{page.name})" in ARCHITECTURE, page.name


def test_every_section_of_the_facts_that_the_code_cites_exists():
    written = text(ROOT / "docs" / "domain.md")
    sections = set(re.findall(r"^#+ §([\d.]+)", written, re.M))
    for path in (ROOT / "clavero").rglob("*"):
        if path.suffix in (".py", ".toml"):
            for cited in re.findall(r"DOMAIN §([\d.]*\d)", text(path)):
                assert cited in sections or cited.split(".")[0] == "7", (path.name, cited)


def test_the_readme_walks_as_one_of_the_cast():
    luis, readme = by_id("tres_sucursales"), text(ROOT / "README.md")
    assert readme.count(luis.identification) == readme.count(luis.ruc) == 2
    assert readme.index("# Clavero\n") < readme.index("# Clavero, in English")
    for words in ("no es del IESS", "does not belong to Ecuador's IESS", "make demo", "make test"):
        assert words in readme


def test_the_proxies_keep_every_token_out_of_their_logs_and_nothing_else():
    """S-023: what deploy/ replaces is as long as a token, and no part of our own addresses is."""
    from clavero.recovery.urls import IN_A_CASE, urlpatterns

    for name in ("nginx.conf", "Caddyfile"):
        (pattern,) = set(re.findall(r"\[A-Za-z0-9_-\]\{30,\}", text(ROOT / "deploy" / name)))
        assert re.fullmatch(pattern, tokens.new_token(32))
        for route in (*urlpatterns, *IN_A_CASE):
            own = re.sub(r"<[^>]+>", "AAAAAAAA", str(route.pattern))
            assert not any(re.fullmatch(pattern, part) for part in own.split("/")), own


def test_the_units_start_commands_that_exist_and_gain_nothing():
    known = commands()
    for path in (ROOT / "deploy").glob("*.service"):
        unit = text(path)
        assert re.search(r"/opt/clavero/venv/bin/clavero (\w+)", unit)[1] in known
        for line in (
            "User=clavero",
            "NoNewPrivileges=yes",
            "ProtectSystem=strict",
            "CapabilityBoundingSet=\n",
        ):
            assert line in unit, (path.name, line)


def allowed(unit: str) -> set[str]:
    """What a unit's filter leaves, line after line as systemd reads it: names and groups, taken away or given back."""
    found: set[str] = set()
    for line in re.findall(r"^SystemCallFilter=(.*)$", unit, re.M):
        names = set(line.removeprefix("~").split())
        found = found - names if line.startswith("~") else found | names
    return found


@pytest.mark.parametrize("name", ["clavero-send", "clavero-web"])
def test_a_list_is_judged_under_limits_that_its_unit_lets_it_set(name):
    """@resources holds setrlimit and setpriority: what reads a list calls both (clavero.precheck.work, .spreadsheet)."""
    unit = text(ROOT / "deploy" / f"{name}.service")
    assert allowed(unit) >= {"@system-service", "setrlimit", "prlimit64", "setpriority"}
    assert not allowed(unit) & {"@resources", "@privileged"}
    assert re.search(r"~.*@resources.*\n(#.*\n)*SystemCallFilter=.*setrlimit", unit)


def test_the_example_line_of_the_register_is_one_line():
    (example,) = re.findall(r"```json\n(.*?)```", OPERATIONS, re.S)
    assert json.loads(example) and example.count("\n") == 1
