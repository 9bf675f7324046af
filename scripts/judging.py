"""What the outside judges of `make check-security` look at, and how each of them is asked.

Two portals on this machine: the demonstration, for whoever looks at pages, and one as an institution runs it, with
TLS, for whoever looks at headers and attacks forms. Judges are installed into `var/judges`, pinned, and ask nobody else.
"""

import http.cookiejar
import ipaddress
import json
import os
import re
import secrets
import shutil
import signal
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urldefrag, urljoin, urlsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from scripts.with_postgres import free_port  # noqa: E402 (after the path is set: a script run by its name)
from tests.running import Browser, Demo  # noqa: E402 (after the path is set: a script run by its name)

TOOLS, HERE = ROOT / "tools" / "judges", ROOT / "var" / "judges"
BUNDLE = "node_modules/node_extra_ca_certs_mozilla_bundle/ca_bundle/ca_intermediate_bundle.pem"
START = "/empleadores/recuperar-clave/"


class NotHere(Exception):
    """A judge that cannot be had on this machine. The text says why."""


@dataclass(frozen=True)
class Said:
    """What a judge says: whether it found nothing, and one line about what it looked at; more where it found something."""

    ok: bool
    line: str
    more: str = ""


def done(command: list[str], limit: int, **more: object) -> subprocess.CompletedProcess[str]:
    """A program that ends within `limit` seconds. Raises `NotHere` where it is missing or does not."""
    try:
        return subprocess.run(
            command, text=True, capture_output=True, timeout=limit, check=False, **more
        )  # type: ignore[call-overload,no-any-return]
    except FileNotFoundError:
        raise NotHere(f"{command[0]} is not on this machine") from None
    except subprocess.TimeoutExpired:
        raise NotHere(f"{Path(command[0]).name} took more than {limit} seconds") from None


# --- installing -------------------------------------------------------------------------------------------


@cache
def python_tool(name: str) -> Path:
    """The folder of programs of a Python judge, in an environment of its own. Raises `NotHere`."""
    wanted, place = TOOLS / f"requirements-{name}.txt", HERE / name
    stamp = place / "installed"
    if not stamp.exists() or stamp.read_text() != wanted.read_text():
        shutil.rmtree(place, ignore_errors=True)
        done([sys.executable, "-m", "venv", str(place)], 120)
        pip = [
            str(place / "bin" / "python"),
            "-m",
            "pip",
            "install",
            "-q",
            "--disable-pip-version-check",
            "--require-hashes",
            "-r",
            str(wanted),
        ]
        installed = done(pip, 600)
        if installed.returncode:
            raise NotHere(f"pip: {installed.stderr.strip().splitlines()[-1]}")
        stamp.write_text(wanted.read_text())
    return place / "bin"


@cache
def node_tools() -> Path:
    """A copy of tools/judges with its modules. No script of a module is run: nothing is downloaded besides. Raises `NotHere`."""
    place = HERE / "node"
    lock = (TOOLS / "package-lock.json").read_text()
    place.mkdir(parents=True, exist_ok=True)
    stamp = place / "installed"
    for file in [
        *TOOLS.glob("*.mjs"),
        *TOOLS.glob("*.json"),
        TOOLS / ".npmrc",
        TOOLS / ".htmlvalidate.json",
    ]:
        shutil.copy(file, place)
    if not stamp.exists() or stamp.read_text() != lock:
        installed = done(
            ["npm", "ci", "--ignore-scripts", "--no-progress", "--loglevel=error"], 600, cwd=place
        )
        if installed.returncode:
            raise NotHere(f"npm: {(installed.stderr or installed.stdout).strip().splitlines()[-1]}")
        _what_observatory_would_download(place)
        stamp.write_text(lock)
    return place


def _what_observatory_would_download(place: Path) -> None:
    """Two files that its installation fetches elsewhere: certificates (here that of the portal alone) and the list of preloaded hosts."""
    module = place / "node_modules" / "@mdn" / "mdn-http-observatory"
    (place / BUNDLE).parent.mkdir(parents=True, exist_ok=True)
    (place / BUNDLE).touch()
    (module / "conf").mkdir(exist_ok=True)
    (module / "conf" / "hsts-preload.json").write_text("{}")


def chromium() -> str:
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    if found is None:
        raise NotHere("Chromium is not on this machine")
    return found


# --- a portal as an institution runs it ---------------------------------------------------------------------


@dataclass(frozen=True)
class Portal:
    """`base` is its address, `certificate` what a client must trust."""

    base: str
    certificate: Path

    @property
    def context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.certificate))

    def get(self, path: str) -> tuple[bytes, dict[str, str]]:
        with urllib.request.urlopen(self.base + path, timeout=30, context=self.context) as answer:
            return answer.read(), dict(answer.headers)


PREPARE = """
import django, tempfile
from pathlib import Path
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0, interactive=False)
from clavero import clock
from clavero.catastro import services as catastro
from clavero.demo.services import catastro_lines, register_lines
from clavero.employers import imports
folder = Path(tempfile.mkdtemp())
for name, lines in (("c.csv", catastro_lines()), ("r.jsonl", register_lines())):
    (folder / name).write_text("\\n".join(lines) + "\\n")
catastro.import_file(folder / "c.csv", clock.now())
imports.import_file(folder / "r.jsonl", clock.now())
"""


def production(folder: Path, base: str) -> dict[str, str]:
    """Every setting that an institution must give, with keys of this run."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CLAVERO_")}
    expires = (datetime.now(UTC) + timedelta(days=180)).date().isoformat()
    return clean | {
        "DJANGO_SETTINGS_MODULE": "clavero.project.settings",
        "CLAVERO_BASE_URL": base,
        "CLAVERO_SECRET_KEY": secrets.token_urlsafe(64),
        "CLAVERO_KEY_PEPPER": "p1:" + secrets.token_urlsafe(32),
        "CLAVERO_FIELD_KEYS": "f1:" + secrets.token_urlsafe(32),
        "CLAVERO_AUDIT_KEY": secrets.token_urlsafe(32),
        "CLAVERO_DATABASE_URL": f"sqlite:///{folder / 'portal.sqlite3'}",
        "CLAVERO_PROFILE": "iess",
        "CLAVERO_SECURITY_CONTACT": "mailto:seguridad@instituto.example",
        "CLAVERO_SECURITY_EXPIRES": expires,
    }


@contextmanager
def portal() -> Iterator[Portal]:
    """gunicorn with TLS of its own on loopback, the made-up employers in its register, no demonstration."""
    with TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        base = f"https://localhost:{port}"
        env, certificate = production(folder, base), _certificate(folder)
        subprocess.run([sys.executable, "-c", PREPARE], cwd=ROOT, env=env, check=True)
        command = [sys.executable, "-m", "gunicorn", "clavero.project.wsgi", f"--bind=127.0.0.1:{port}", "--worker-class=gthread",
                   "--threads=8", "--no-control-socket", "--log-level=error", f"--certfile={certificate}", f"--keyfile={folder / 'key.pem'}"]  # fmt: skip
        server = subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            yield _answering(Portal(base, certificate), server)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=30)


def _answering(one: Portal, server: subprocess.Popen[bytes]) -> Portal:
    for _ in range(300):
        try:
            one.get("/")
            return one
        except OSError:
            if server.poll() is not None:
                break
            time.sleep(0.1)
    raise SystemExit("the portal did not start")


def _certificate(folder: Path) -> Path:
    """A certificate for localhost that this run alone trusts."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    names = x509.SubjectAlternativeName(
        [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    )
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=2))
        .add_extension(names, critical=False).add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    (folder / "key.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    )
    (folder / "certificate.pem").write_bytes(made.public_bytes(pem))
    return folder / "certificate.pem"


# --- every page of the demonstration -------------------------------------------------------------------------


@dataclass(frozen=True)
class Page:
    """A page as somebody sees it: who, where, with what cookies, and its markup."""

    name: str
    url: str
    cookie: str
    html: str


def pages(demo: Demo) -> list[Page]:
    """Every kind of page that a link leads to, for a stranger, an employer, four holders of a case, and six of staff."""
    found: dict[str, Page] = {}
    for who, browser, starts, inside in _everybody(demo):
        for page in _crawled(who, browser, demo.base, starts, inside):
            found.setdefault(page.name, page)
    return list(found.values())


def _everybody(demo: Demo) -> Iterator[tuple[str, Browser, list[str], str]]:
    """Who, their browser, where they begin, and what is theirs: a part of the addresses (a pattern)."""
    public = ["/", START, f"{START}identificacion/", f"{START}identificacion/?extranjero=1", "/entrar/", "/caso/", "/guia/", "/precheck/",
              "/precheck/uno/", "/citas/", "/es-de-verdad/", "/nada/", "/quiosco/guayaquil/", "/mesa/tablero/guayaquil/", "/en/", f"/en{START}", "/demo/"]  # fmt: skip
    yield "anybody", Browser(demo.base), public, "/"
    cast = {member["id"]: member for member in demo.json("/demo/cast.json")}
    employer = _signed_in(Browser(demo.base), cast["tres_sucursales"])
    yield "employer", employer, ["/cuenta/", "/cuenta/clave/", "/en/cuenta/"], "/cuenta/|/salir/"
    for member in ("en_orden", "primera_clave", "ruc_suspendido", "domestica"):
        held = _with_a_case(Browser(demo.base), demo, cast[member])
        yield f"case {member}", held, [urlsplit(held.url).path], f"{START}caso/"
    for clerk in demo.json("/demo/staff.json"):
        yield (
            clerk["role"],
            _at_the_desk(Browser(demo.base), demo, clerk["id"]),
            ["/mesa/"],
            "/mesa/",
        )


def _signed_in(browser: Browser, member: dict[str, str]) -> Browser:
    return browser.open("/entrar/").send(
        identification=member["identification"], ruc=member["ruc"], key=member["key"]
    )


def _with_a_case(browser: Browser, demo: Demo, member: dict[str, str]) -> Browser:
    """To what follows *Validar*, and where a visit is needed, to its sheet."""
    domestic = {"domestic": "1"} if member["domestic"] else {}
    browser.open(f"{START}identificacion/").send(
        identification=member["identification"], **domestic
    )
    if browser.step == "number":
        browser.send(ruc=member["ruc"], branch=member["branch"])
    browser.wait(demo)
    browser.send()
    if browser.step == "situation":
        browser.send(situation="unknown").send(address="Calle Una 1, Ambato")
    return browser


def _at_the_desk(browser: Browser, demo: Demo, name: str) -> Browser:
    demo.move_clock(31)
    code = next(clerk["code"] for clerk in demo.json("/demo/staff.json") if clerk["id"] == name)
    browser.open("/mesa/entrar/").send(name=name, code=code)
    if browser.page.select_one("#counter"):
        browser.send(counter="3")
    return browser


MOST = 120
_SAME = re.compile(r"(?<=/)(\d{4}-\d\d-\d\d|\d+|[0-9A-Z]{8}|C[0-9A-Z-]{4,})(?=[/.])")


def _crawled(
    who: str, browser: Browser, base: str, starts: list[str], theirs: str
) -> Iterator[Page]:
    """Breadth first, one page of each kind of `theirs`; a GET changes nothing here, so that every link may be followed."""
    waiting, seen = list(starts), set[str]()
    while waiting and len(seen) < MOST:
        path = waiting.pop(0)
        kind = _kind(path)
        if kind in seen:
            continue
        seen.add(kind)
        try:
            browser.open(base + path)
        except UnicodeDecodeError:  # a PDF or a picture
            continue
        if browser.page.select_one("html") is None:
            continue
        cookie = "; ".join(f"{one.name}={one.value}" for one in _cookies(browser))
        yield Page(f"{who}: {kind}", base + path, cookie, browser.raw)
        links = [urljoin(browser.url, link["href"]) for link in browser.page.select("a[href]")]
        inside = [urldefrag(link).url.removeprefix(base) for link in links if link.startswith(base)]
        waiting += [link for link in inside if re.match(f"(/en)?({theirs})", link)]


def _kind(path: str) -> str:
    bare, _, query = path.partition("?")
    names = sorted({pair.partition("=")[0] for pair in query.split("&") if pair})
    return _SAME.sub("…", bare) + (f"?{'&'.join(names)}" if names else "")


def _cookies(browser: Browser) -> Iterator[http.cookiejar.Cookie]:
    for handler in browser.opener.handlers:
        if isinstance(handler, urllib.request.HTTPCookieProcessor):
            yield from handler.cookiejar


# --- the judges -----------------------------------------------------------------------------------------------


def headers(one: Portal) -> Said:
    """MDN's HTTP observatory: A+ or nothing (S-093)."""
    place = node_tools()
    program = place / "node_modules" / ".bin" / "mdn-http-observatory-scan"
    (place / BUNDLE).write_bytes(one.certificate.read_bytes())
    scan = done([str(program), urlsplit(one.base).netloc], 120, cwd=place)
    try:
        found = json.loads(scan.stdout)
    except ValueError:
        raise NotHere(
            f"the observatory says {(scan.stderr or scan.stdout).strip()[-200:]}"
        ) from None
    failed = {name: test for name, test in found.get("tests", {}).items() if not test.get("pass")}
    grade = found.get("scan", {}).get("grade")
    passed = len(found.get("tests", {})) - len(failed)
    return Said(
        grade == "A+",
        f"grade {grade}, {passed} of {len(found.get('tests', {}))} tests",
        json.dumps(failed, indent=1)[:4000],
    )


def policy(one: Portal) -> Said:
    """csp_evaluator over the policies that pages carry (S-093)."""
    place, found = node_tools(), []
    sent = {
        one.get(path)[1]["Content-Security-Policy"]
        for path in ("/", "/entrar/", f"{START}identificacion/", "/static/clavero/clavero.css")
    }
    for text in sorted(sent):
        answer = done(["node", "csp.mjs"], 60, input=text, cwd=place)
        if answer.returncode:
            raise NotHere(answer.stderr.strip()[-200:])
        found += json.loads(answer.stdout)
    grave = [each for each in found if each["severity"] < 100 and not _is_known_of_self(each)]
    return Said(
        not grave, f"{len(sent)} policies, {len(grave)} findings", json.dumps(grave, indent=1)
    )


def _is_known_of_self(finding: dict[str, object]) -> bool:
    """It warns of `'self'` where JSONP, Angular or uploads stand on the same origin. None do: static files are ours, uploads are never served."""
    return finding["value"] == "'self'" and finding["directive"] == "script-src"


def contact(one: Portal) -> Said:
    """sectxt: RFC 9116 (S-140)."""
    program = python_tool("sectxt") / "python"
    text, _ = one.get("/.well-known/security.txt")
    script = "import json,sys;from sectxt import Parser;p=Parser(sys.stdin.buffer.read());print(json.dumps([p.errors,p.recommendations]))"
    answer = done([str(program), "-c", script], 60, input=text.decode())
    if answer.returncode:
        raise NotHere(answer.stderr.strip()[-200:])
    errors, advice = json.loads(answer.stdout)
    advice = [each for each in advice if each["code"] not in ("not_signed", "no_encryption")]
    return Said(
        not errors and not advice,
        f"{len(errors)} errors, {len(advice)} recommendations",
        json.dumps(errors + advice, indent=1),
    )


MODULES = "csp,http_headers,cookieflags,sql,xss,permanentxss,exec,file,crlf,redirect,methods,ssti"
"""Without its module for LDAP: nothing here speaks it, and a field that forgives noise around a number looks to it like one that does."""


def attacked(one: Portal) -> Said:
    """wapiti: crawls every form and link and attacks them; modules that would ask somebody elsewhere are left out (S-093, S-107)."""
    program = python_tool("wapiti") / "wapiti"
    with TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        command = [str(program), "-u", one.base + "/", "--scope", "domain", "-m", MODULES, "-d", "4", "--max-scan-time", "200", "--max-attack-time", "45",
                   "--max-links-per-page", "60", "--max-files-per-dir", "20", "--tasks", "4", "--flush-session", "--no-bugreport", "--store-session", folder,
                   "--skip", "csrfmiddlewaretoken", "-f", "json", "-o", str(report), "--verbose", "0"]  # fmt: skip
        for page in (
            "/empleadores/recuperar-clave/identificacion/",
            "/entrar/",
            "/caso/",
            "/guia/",
            "/precheck/uno/",
            "/citas/",
            "/es-de-verdad/",
            "/mesa/entrar/",
        ):
            command += ["--start", one.base + page]
        scan = done(command, 900)
        if not report.exists():
            raise NotHere(f"wapiti wrote no report: {(scan.stderr or scan.stdout).strip()[-300:]}")
        found = json.loads(report.read_text())
    kinds = {**found["vulnerabilities"], **found["anomalies"]}
    grave = {kind: each for kind, each in kinds.items() if each}
    pages = found["infos"].get("crawled_pages_nbr", "?")
    count = sum(map(len, grave.values()))
    return Said(not grave, f"{pages} pages, {count} findings", json.dumps(grave, indent=1)[:6000])


def accessible(found: list[Page]) -> Said:
    """pa11y: axe and HTML_CodeSniffer over every page (S-121)."""
    place = node_tools()
    given = json.dumps(
        [{"name": page.name, "url": page.url, "cookie": page.cookie} for page in found]
    )
    answer = done(
        ["node", "pages.mjs"],
        1200,
        input=given,
        cwd=place,
        env=os.environ | {"CHROMIUM": chromium()},
    )
    if answer.returncode:
        raise NotHere(answer.stderr.strip()[-300:])
    said = json.loads(answer.stdout)
    issues = [each for each in said if not (each["asks"] and each["code"] == "color-contrast")]
    lines = [
        f"{each['name']}: {each['runner']} {each['code']}: {each['message']} {each['context'][:200]}"
        for each in issues
    ]
    left = len(said) - len(issues)
    line = f"{len(found)} pages, {len(issues)} findings; {left} contrasts beside a drawing or under a scroll bar that axe leaves to the eye"
    return Said(not issues, line, "\n".join(lines)[:8000])


def valid(found: list[Page]) -> Said:
    """html-validate: the HTML standard and its accessibility rules, over the same pages saved as files (S-115)."""
    place = node_tools()
    folder = place / "pages"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    names = {}
    for number, page in enumerate(found):
        file = folder / f"{number:03}.html"
        file.write_text(page.html, encoding="utf-8")
        names[str(file)] = page.name
    program, report = place / "node_modules" / ".bin" / "html-validate", place / "validated.json"
    report.unlink(missing_ok=True)
    command = [str(program), "--config", ".htmlvalidate.json", "-f", f"json={report}", *names]
    answer = done(command, 300, cwd=place)
    if not report.exists():
        raise NotHere((answer.stderr or answer.stdout).strip()[-300:])
    results = json.loads(report.read_text(encoding="utf-8"))
    lines = [
        f"{names.get(result['filePath'], result['filePath'])}:{said['line']} {said['ruleId']}: {said['message']}"
        for result in results
        for said in result["messages"]
    ]
    return Said(not lines, f"{len(found)} pages, {len(lines)} findings", "\n".join(lines)[:8000])


def patterns() -> Said:
    """semgrep with rules of our own (tools/semgrep), nothing asked of anybody."""
    program = python_tool("semgrep") / "semgrep"
    env = os.environ | {
        "SEMGREP_SEND_METRICS": "off",
        "SEMGREP_ENABLE_VERSION_CHECK": "0",
        "PATH": f"{program.parent}:{os.environ['PATH']}",
    }
    command = [
        str(program),
        "scan",
        "--config",
        "tools/semgrep",
        "--metrics=off",
        "--disable-version-check",
        "--json",
        "--quiet",
        "clavero",
    ]
    answer = done(command, 300, cwd=ROOT, env=env)
    try:
        found = json.loads(answer.stdout)
    except ValueError:
        raise NotHere((answer.stderr or answer.stdout).strip()[-300:]) from None
    lines = [
        f"{each['path']}:{each['start']['line']} {each['check_id']}: {each['extra']['message']}"
        for each in found["results"]
    ]
    lines += [str(error) for error in found["errors"]]
    rules = len(
        re.findall(
            r"^ *- id:",
            "".join(p.read_text() for p in (ROOT / "tools" / "semgrep").glob("*.yml")),
            re.M,
        )
    )
    return Said(
        not lines,
        f"{rules} rules, {len(found['paths']['scanned'])} files, {len(lines)} findings",
        "\n".join(lines)[:6000],
    )


Judge = Callable[[], Said]
