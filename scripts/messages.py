"""The English catalogues: `django` (pages and mail) and `words` (refusals). Spanish stands in the source.

`click`'s own sentences have their Spanish in a catalogue written by hand, which is only compiled here.

Collects what is to be translated, keeps what is translated, compiles. `--check` changes nothing and
fails, naming it, where something has no English or a compiled file is stale. Needs gettext.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)
FOLDER = ROOT / "clavero" / "locale" / "en" / "LC_MESSAGES"
HEADER = """msgid ""
msgstr ""
"Language: en\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"""
Entry = tuple[str, str]  # msgid, plural msgid


def collected() -> list[Entry]:
    """Every sentence of templates and code, in order, once."""
    from django.conf import settings

    if not settings.configured:
        settings.configure(USE_I18N=True, TEMPLATES=[])
    from django.utils.translation.template import templatize

    with tempfile.TemporaryDirectory() as folder:
        files = []
        for path in sorted((ROOT / "clavero").rglob("*")):
            if path.suffix == ".py" and "migrations" not in path.parts:
                files.append(_copy(path.read_text(encoding="utf-8"), folder, len(files)))
            elif path.suffix in (".html", ".txt") and "templates" in path.parts:
                text = templatize(path.read_text(encoding="utf-8"), origin=path.name)
                files.append(_copy(text, folder, len(files)))
        return _extracted(files)


def _copy(text: str, folder: str, number: int) -> str:
    path = Path(folder) / f"{number:04}.py"
    path.write_text(text, encoding="utf-8")
    return str(path)


def _extracted(files: list[str]) -> list[Entry]:
    keywords = [
        "gettext",
        "gettext_lazy",
        "gettext_noop",
        "_",
        "_noop",
        "ngettext:1,2",
        "pgettext:1c,2",
    ]
    command = [
        "xgettext",
        "--language=Python",
        "--from-code=UTF-8",
        "--no-location",
        "--no-wrap",
        "-o",
        "-",
        "-k",
    ]
    command += [f"--keyword={keyword}" for keyword in keywords]
    text = subprocess.run([*command, *files], check=True, capture_output=True, text=True).stdout
    return [(msgid, plural) for msgid, plural, _ in parsed(text) if msgid]


def parsed(text: str) -> list[tuple[str, str, list[str]]]:
    """The entries of a catalogue: msgid, plural msgid, translations."""
    found = []
    for block in re.split(r"\n\s*\n", text):
        parts: dict[str, str] = {}
        name = ""
        for line in block.splitlines():
            match = re.match(r'(msgid_plural|msgid|msgstr(?:\[\d\])?) "(.*)"$', line)
            if match:
                name = match[1]
                parts[name] = match[2]
            elif line.startswith('"') and name:
                parts[name] += line[1:-1]
        if "msgid" in parts:
            values = [parts[key] for key in sorted(parts) if key.startswith("msgstr")]
            found.append((parts["msgid"], parts.get("msgid_plural", ""), values))
    return found


def written(entries: list[Entry], known: dict[str, list[str]]) -> str:
    blocks = [HEADER]
    for msgid, plural in entries:
        english = known.get(msgid, ["", ""])
        if plural:
            one, many = (english + ["", ""])[:2]
            blocks.append(
                f'msgid "{msgid}"\nmsgid_plural "{plural}"\nmsgstr[0] "{one}"\nmsgstr[1] "{many}"\n'
            )
        else:
            blocks.append(f'msgid "{msgid}"\nmsgstr "{english[0]}"\n')
    return "\n".join(blocks)


def sentences() -> list[Entry]:
    """The refusals' sentences, once each."""
    from clavero.words import SENTENCES

    return [(text.replace('"', '\\"'), "") for text in dict.fromkeys(SENTENCES.values())]


def compiled(text: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "a.po"), Path(folder, "a.mo")
        source.write_text(text, encoding="utf-8")
        subprocess.run(["msgfmt", "--check-format", "-o", str(target), str(source)], check=True)
        return target.read_bytes()


def placeholders(text: str) -> list[str]:
    return sorted(re.findall(r"%\(\w+\)s|%\(\w+\)d|\{\w*\}", text))


def faults(name: str, entries: list[Entry], known: dict[str, list[str]]) -> list[str]:
    """What is missing or says other placeholders than the Spanish."""
    found = []
    for msgid, plural in entries:
        english = known.get(msgid, [""])
        if not all(english) or not english:
            found.append(f"{name}: no English: {msgid[:90]}")
        elif not plural and placeholders(msgid) != placeholders(english[0]):
            found.append(f"{name}: other placeholders: {msgid[:90]}")
    return found


def main() -> int:
    check, bad = "--check" in sys.argv, []
    for name, entries in (("django", collected()), ("words", sentences())):
        path = FOLDER / f"{name}.po"
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        known = {msgid: values for msgid, _, values in parsed(before)}
        text = written(entries, known)
        bad += faults(name, entries, known)
        if check:
            if text != before:
                bad.append(f"{name}.po is stale: run make messages")
            elif compiled(text) != (FOLDER / f"{name}.mo").read_bytes():
                bad.append(f"{name}.mo is stale: run make messages")
        else:
            path.write_text(text, encoding="utf-8")
            path.with_suffix(".mo").write_bytes(compiled(text))
    bad += _click(check)
    print("\n".join(bad))
    return 1 if bad else 0


def _click(check: bool) -> list[str]:
    source = ROOT / "clavero" / "locale" / "es" / "LC_MESSAGES" / "click.po"
    target, fresh = source.with_suffix(".mo"), compiled(source.read_text(encoding="utf-8"))
    if not check:
        target.write_bytes(fresh)
    is_fresh = target.exists() and target.read_bytes() == fresh
    return [] if is_fresh else ["click.mo is stale: run make messages"]


if __name__ == "__main__":
    sys.exit(main())
