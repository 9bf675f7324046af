"""The two proxies of deploy/, run as they are shipped: only names of files and ports are this machine's.

In front of a portal of three lines that says what reached it. K02, S-023, S-093, S-137, ATTACKS 02 (Host and forwarding headers).
"""

import http.client
import json
import re
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from clavero.notices import offline

ROOT = Path(__file__).resolve().parents[2]
PORTAL, DESK = "clave.instituto.example", "mesa.instituto.example"
TOKEN = "Zm9yLXRlc3RzLW9ubHktYS10b2tlbi1vZi0zMi1sZXR0ZXJz"
pytestmark = [pytest.mark.proxies, pytest.mark.once]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class Behind(BaseHTTPRequestHandler):
    """What a portal would be: says what reached it, or fails as it is told."""

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status = {"/broken": 500, "/shut": 503}.get(self.path, 200)
        body = json.dumps({"path": self.path, "headers": dict(self.headers.items())}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *args: object) -> None:
        pass


@dataclass
class Front:
    """A proxy that runs, and what stands behind it."""

    name: str
    folder: Path
    plain: int
    secure: int
    behind: int
    process: subprocess.Popen[bytes]
    portal: ThreadingHTTPServer | None = None
    kept: list[object] = field(default_factory=list)

    @property
    def pages(self) -> Path:
        return self.folder / "clavero-offline"

    def portal_on(self) -> None:
        if self.portal is None:
            ThreadingHTTPServer.allow_reuse_address = True
            self.portal = ThreadingHTTPServer(("127.0.0.1", self.behind), Behind)
            threading.Thread(target=self.portal.serve_forever, daemon=True).start()

    def portal_off(self) -> None:
        if self.portal:
            self.portal.shutdown()
            self.portal.server_close()
            self.portal = None

    def ask(
        self, path: str, method: str = "GET", *, host: str = PORTAL, body: bytes = b"", source: str = "127.0.0.1",
        **headers: str,
    ) -> tuple[int, dict[str, str], str]:  # fmt: skip
        """Status, headers and text of one request over TLS, from the loopback address `source`."""
        context = ssl._create_unverified_context()
        raw = socket.create_connection(
            ("127.0.0.1", self.secure), timeout=20, source_address=(source, 0)
        )
        connection = http.client.HTTPConnection(host)
        connection.sock = context.wrap_socket(raw, server_hostname=host)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body or None, {"Host": host, **named})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, text

    def logs(self) -> str:
        return "".join(path.read_text(errors="replace") for path in self.folder.glob("*.log"))


def _nginx(folder: Path, plain: int, secure: int, behind: int) -> list[str]:
    certificate, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", f"/CN={PORTAL}", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    snippet = (ROOT / "deploy" / "nginx-snippet.conf").read_text(encoding="utf-8")
    site = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    (folder / "snippet.conf").write_text(
        _here(snippet, folder).replace("root /var/lib;", f"root {folder};")
    )
    site = _here(site, folder).replace(
        "/etc/nginx/snippets/clavero.conf", str(folder / "snippet.conf")
    )
    site = site.replace("/etc/ssl/clavero/fullchain.pem", str(certificate)).replace(
        "/etc/ssl/clavero/privkey.pem", str(key)
    )
    site = site.replace("127.0.0.1:8000", f"127.0.0.1:{behind}")
    site = re.sub(r"listen (\[::\]:)?80\b", rf"listen \g<1>{plain}", site).replace(
        "[::]:", "[::1]:"
    )
    site = re.sub(r"listen (\[::1\]:)?443\b", rf"listen \g<1>{secure}", site)
    site = re.sub(r"listen (\d)", r"listen 127.0.0.1:\1", site)
    (folder / "nginx.conf").write_text(
        f"user root; daemon off; pid {folder}/pid; error_log stderr; worker_processes 1; events {{}}\n"
        f"http {{ access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;\n"
        f"fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;\n{site}\n}}\n"
    )
    return ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]


def _caddy(folder: Path, plain: int, secure: int, behind: int) -> list[str]:
    text = _here((ROOT / "deploy" / "Caddyfile").read_text(encoding="utf-8"), folder)
    text = text.replace("/var/lib/clavero-offline", str(folder / "clavero-offline"))
    text = text.replace("127.0.0.1:8000", f"127.0.0.1:{behind}")
    here = f"http_port {plain}\n\thttps_port {secure}\n\tadmin off\n\tlocal_certs\n\tskip_install_trust\n\tdefault_bind 127.0.0.1\n"
    text = text.replace(
        "{\n\tlog {",
        f"{{\n\t{here}\tstorage file_system {folder}/store\n\tlog {{\n\t\toutput file {folder}/own.log",
        1,
    )
    (folder / "Caddyfile").write_text(text)
    return ["caddy", "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]


def _here(text: str, folder: Path) -> str:
    return re.sub(r"/var/log/(nginx|caddy)/", f"{folder}/", text)


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def front(request, tmp_path_factory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "clavero-offline").mkdir()
    plain, secure, behind = free_port(), free_port(), free_port()
    command = {"nginx": _nginx, "caddy": _caddy}[request.param](folder, plain, secure, behind)
    said = (folder / "said").open("wb")
    process = subprocess.Popen(
        command,
        stdout=said,
        stderr=said,
        env={"HOME": str(folder), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
    )
    one = Front(request.param, folder, plain, secure, behind, process)
    try:
        _until_it_listens(one)
        yield one
    finally:
        one.portal_off()
        process.terminate()
        process.wait(20)


def _until_it_listens(one: Front) -> None:
    for _ in range(200):
        assert one.process.poll() is None, (one.folder / "said").read_text()
        try:
            one.ask("/")
            return
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
    pytest.fail((one.folder / "said").read_text())


@pytest.fixture(autouse=True)
def pages(front, settings):
    """The pages that stand at all times, the portal on, nothing shut."""
    settings.OFFLINE = str(front.pages)
    offline.keep()
    offline.open_again()
    front.portal_on()


def test_the_portal_sees_the_name_that_was_asked_for_and_no_forwarding_header_of_a_client(front):
    lies = {
        "X_Forwarded_For": "203.0.113.9",
        "X_Forwarded_Host": "evil.example",
        "X_Forwarded_Proto": "http",
        "Forwarded": "host=evil.example",
    }
    status, _, text = front.ask("/", **lies)
    saw = {name.lower(): value for name, value in json.loads(text)["headers"].items()}
    assert status == 200
    assert saw["host"] == PORTAL
    assert saw["x-forwarded-for"] == "127.0.0.1"
    assert saw["x-forwarded-proto"] == "https"
    assert not saw.get("x-forwarded-host", "").replace(PORTAL, "")
    assert "forwarded" not in saw


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("host", [PORTAL, DESK])
def test_where_the_portal_does_not_answer_a_page_says_what_to_do(front, host, method):
    front.portal_off()
    status, headers, text = front.ask(
        "/empleadores/recuperar-clave/identificacion/",
        method,
        host=host,
        body=b"a=b" if method == "POST" else b"",
    )
    assert status == 503
    name = "outage_desk.html" if host == DESK else "outage.html"
    assert text == (front.pages / name).read_text(encoding="utf-8")
    assert headers["content-type"].lower() == "text/html; charset=utf-8"
    assert headers["retry-after"] == "120"
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["strict-transport-security"].startswith("max-age=63072000")


@pytest.mark.parametrize("path", ["/mesa/", "/mesa/visita/1/", "/en/mesa/dia/"])
def test_the_desk_is_told_of_its_paper_by_its_address_too(front, path):
    front.portal_off()
    assert "hoja de atención en papel" in front.ask(path)[2]
    assert "hoja de atención en papel" not in front.ask("/entrar/?next=/mesa/")[2]
    now = datetime.now(UTC)
    offline.shut(now + timedelta(hours=1), now)
    for said in ("cerrado por mantenimiento", "hoja de atención en papel"):
        assert said in front.ask(path)[2]
        assert said in front.ask("/", host=DESK)[2]
    assert "hoja de atención" not in front.ask("/")[2]


def test_a_folder_of_an_older_version_has_a_page_for_the_desk_all_the_same(front):
    (front.pages / "outage_desk.html").unlink()
    front.portal_off()
    assert "El portal no responde por ahora" in front.ask("/mesa/")[2]


def test_a_long_list_sent_to_a_portal_that_is_off_is_not_called_too_large(front):
    front.portal_off()
    status, _, text = front.ask("/precheck/", "POST", body=b"a" * 300_000)
    assert status == 503
    assert "El portal no responde por ahora" in text


def test_the_page_of_maintenance_stands_while_the_portal_is_off_and_goes_with_it(front):
    now = datetime.now(UTC)
    offline.shut(now + timedelta(hours=1), now)
    front.portal_off()
    assert "cerrado por mantenimiento" in front.ask("/en/cuenta/")[2]
    front.portal_on()
    offline.open_again()
    assert front.ask("/en/cuenta/")[0] == 200


def test_what_the_portal_itself_says_of_a_failure_passes_as_it_is(front):
    for path, status in (("/broken", 500), ("/shut", 503)):
        answer = front.ask(path)
        assert (answer[0], json.loads(answer[2])["path"]) == (status, path)


def test_nobody_asks_for_these_pages_by_their_address(front):
    answer = front.ask("/clavero-offline/outage.html")
    assert "El portal no responde" not in answer[2]


def test_too_large_a_form_gets_a_page_and_not_a_white_one(front):
    status, _, text = front.ask("/entrar/", "POST", body=b"a" * 300_000)
    assert status == 413
    assert "Lo que envió es demasiado grande" in text
    assert front.ask("/precheck/", "POST", body=b"a" * 300_000)[0] == 200


@pytest.mark.parametrize(
    ("host", "path", "most"),
    [(PORTAL, "/entrar/", 300_001), (PORTAL, "/precheck/", 43_100_000), (DESK, "/mesa/", 5_300_000),
     (PORTAL, "/empleadores/recuperar-clave/caso/01ARZ3/papeles/cedula/", 5_300_000)],
)  # fmt: skip
def test_what_is_announced_as_too_large_is_refused_before_it_is_sent(front, host, path, most):
    """Only the head is sent: a browser reads the answer and stops."""
    status, _, text = front.ask(path, "POST", host=host, Content_Length=str(most))
    assert status == 413
    assert "Lo que envió es demasiado grande" in text


def test_no_token_stands_in_any_log_of_the_proxy_whether_the_portal_answers_or_not(front):
    front.ask(f"/empleadores/recuperar-clave/enlace/{TOKEN}/")
    front.portal_off()
    front.ask(
        f"/empleadores/recuperar-clave/enlace/{TOKEN}/", Referer=f"https://{PORTAL}/e/{TOKEN}/"
    )
    front.portal_on()
    front.ask("/the-end/")
    for _ in range(50):
        if "/the-end/" in front.logs():
            break
        time.sleep(0.1)
    assert "/the-end/" in front.logs()
    assert TOKEN not in front.logs()


def test_http_leads_to_https_and_serves_nothing(front):
    connection = http.client.HTTPConnection("127.0.0.1", front.plain, timeout=20)
    connection.request("GET", "/entrar/", headers={"Host": PORTAL})
    answer = connection.getresponse()
    assert answer.status in (301, 308)
    assert re.fullmatch(rf"https://{PORTAL}(:{front.secure})?/entrar/", answer.headers["Location"])


def test_another_name_gets_no_answer(front):
    with pytest.raises((ssl.SSLError, http.client.HTTPException, ConnectionError)):
        front.ask("/", host="evil.example")


def test_the_desk_answers_the_centres_networks_alone(front):
    assert front.ask("/mesa/", host=DESK)[0] == 200
    try:
        status, _, text = front.ask("/mesa/", host=DESK, source="127.0.0.2")
    except (http.client.HTTPException, ConnectionError):
        return
    assert status == 403
    assert "path" not in text


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_old_versions_of_tls_are_refused(front, version):
    context = ssl._create_unverified_context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version, context.maximum_version = version, version
    with (
        socket.create_connection(("127.0.0.1", front.secure), timeout=20) as raw,
        pytest.raises((ssl.SSLError, ConnectionError)),
    ):
        context.wrap_socket(raw, server_hostname=PORTAL)


def test_a_flood_from_one_address_gets_a_page_that_says_to_wait_a_minute(front):
    if front.name != "nginx":
        assert "rate_limit" not in (ROOT / "deploy" / "Caddyfile").read_text(encoding="utf-8")
        return  # Debian's Caddy has no such limit: Clavero's own budgets stand alone there
    with ThreadPoolExecutor(12) as many:
        answers = list(many.map(lambda path: front.ask(path, source="127.0.0.3"), ["/"] * 400))
    refused = [text for status, _, text in answers if status == 429]
    assert refused
    assert "Hay muchas visitas a la vez desde su red" in refused[0]
