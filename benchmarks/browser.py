"""A browser without a screen: one kept connection, cookies, and what the last page hides in its form."""

import re
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlencode, urlsplit

HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
AGENT = "Mozilla/5.0 (Android 14; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"


class Browser:
    """`path` is where it is, `requests` how many it has sent."""

    def __init__(self, port: int, address: str = "") -> None:
        """`address` is what a trusted proxy in front of the server would say of it."""
        self.connection = HTTPConnection("127.0.0.1", port)
        self.more = {"X-Forwarded-For": address} if address else {}
        self.cookies: dict[str, str] = {}
        self.hidden: dict[str, str] = {}
        self.path, self.requests = "", 0

    def go(self, method: str, path: str, fields: Mapping[str, str] | None = None) -> str:
        """The page that a person ends on: redirects are followed."""
        answer, page = self.ask(method, path, fields)
        if answer.status in (302, 303):
            return self.go("GET", urlsplit(answer.headers["Location"]).path)
        assert answer.status == 200, (answer.status, path, page[:300])
        self.hidden = dict(HIDDEN.findall(page))
        return page

    def ask(
        self, method: str, path: str, fields: Mapping[str, str] | None = None
    ) -> tuple[HTTPResponse, str]:
        """One request and its answer, whatever it is."""
        headers = {"Host": "localhost", "User-Agent": AGENT, "Cookie": self._cookies()} | self.more
        body = None
        if fields is not None:
            body = urlencode(self.hidden | dict(fields))
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        page = answer.read().decode()
        self.requests += 1
        self.path = path
        self._keep(answer)
        return answer, page

    def _cookies(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def _keep(self, answer: HTTPResponse) -> None:
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
