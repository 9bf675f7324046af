"""The demonstration as its own processes, and a script that knows it only as INTERFACES describes it."""

import http.cookiejar
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parents[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def command(folder: Path, port: int | str, *arguments: str, **more: str) -> dict:
    """How the demonstration is started: what `subprocess` is given."""
    env = {n: v for n, v in os.environ.items() if not n.startswith(("CLAVERO_", "DJANGO_"))}
    env |= {"CLAVERO_DEMO_DIR": str(folder), "CLAVERO_PORT": str(port)} | more
    return {
        "args": [sys.executable, "-m", "clavero.demo", *arguments],
        "cwd": ROOT,
        "env": env,
        "text": True,
    }


class Demo:
    """One running demonstration. `base` is where it answers."""

    def __init__(self, folder: Path, *arguments: str, **more: str) -> None:
        self.port = free_port()
        self.base = f"http://localhost:{self.port}"
        given = command(folder, self.port, *arguments, **more)
        self.process = subprocess.Popen(**given, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(600):
            try:
                urllib.request.urlopen(self.base, timeout=5).read()
                return
            except OSError:
                if self.process.poll() is not None:
                    raise AssertionError(self.process.communicate()) from None
                time.sleep(0.1)
        raise AssertionError("the demonstration does not answer")

    def end(self) -> tuple[int, str, str]:
        """Ctrl-C; the exit status and what was said."""
        self.process.send_signal(signal.SIGINT)
        out, error = self.process.communicate(timeout=60)
        return self.process.returncode, out, error

    def json(self, path: str) -> list[dict]:
        with urllib.request.urlopen(self.base + path, timeout=30) as answer:
            return json.load(answer)

    def move_clock(self, seconds: float) -> None:
        data = urllib.parse.urlencode({"minutes": seconds / 60}).encode()
        urllib.request.urlopen(self.base + "/demo/reloj", data, timeout=30).read()

    def mail(self, to: str, subject_after: str = "") -> dict:
        """The newest message to `to` that carries a code."""
        for _ in range(200):
            for mail in self.json("/demo/correo.json"):
                if mail["to"] == to and mail["code"] and mail["code"] != subject_after:
                    return mail
            time.sleep(0.1)
        raise AssertionError(f"no mail to {to}")


class Browser:
    """A person's browser, or a script that walks like one: cookies, forms, redirects."""

    def __init__(self, base: str) -> None:
        self.base, jar = base, http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        self.opener.addheaders = [("User-Agent", "Mozilla/5.0 (Android 14) Firefox/140.0")]
        self.page, self.status, self.url = BeautifulSoup("", "html.parser"), 0, base
        self.raw = ""

    def open(self, path: str, data: dict[str, str] | None = None) -> "Browser":
        body = urllib.parse.urlencode(data).encode() if data is not None else None
        url = urllib.parse.urljoin(self.url, path)
        headers = {"Origin": self.base} if body is not None else {}
        try:
            answer = self.opener.open(urllib.request.Request(url, body, headers), timeout=30)
        except urllib.error.HTTPError as error:
            answer = error
        self.status, self.url = answer.status, answer.url
        self.raw = answer.read().decode()
        self.page = BeautifulSoup(self.raw, "html.parser")
        return self

    @property
    def forms(self) -> list:
        return self.page.select('form[method="post"][data-step]')

    @property
    def step(self) -> str:
        return self.forms[0]["data-step"] if self.forms else ""

    @property
    def errors(self) -> list[str]:
        return [found["data-error"] for found in self.page.select("[data-error]")]

    @property
    def routes(self) -> set[str]:
        return {found["data-route"] for found in self.page.select("[data-route]")}

    def send(self, **typed: str) -> "Browser":
        """The page's step with what was typed into its fields; a box is ticked with its own value."""
        (form,) = self.forms
        data = {}
        for field in form.select("input[name]"):
            name, kind = field["name"], field.get("type")
            if kind not in ("checkbox", "radio"):
                data[name] = field.get("value") or ""
        for name, value in typed.items():
            assert form.select(f"[name={name}]"), f"no field {name} in the step {self.step}"
            data[name] = value
        return self.open(form.get("action") or self.url, data)

    def wait(self, demo: Demo) -> None:
        """As long as the page says that people wait."""
        found = self.page.select_one("[data-wait]")
        demo.move_clock(int(found["data-wait"]) if found else 0)
