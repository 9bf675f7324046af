"""testssl.sh looks at both proxies of deploy/ (S-137): versions, ciphers, forward secrecy, and the known attacks on TLS."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.house.test_proxies import PORTAL, front, pages  # noqa: F401 (fixtures)

pytestmark = [pytest.mark.proxies, pytest.mark.tls_scan, pytest.mark.once]
WHAT = ("--protocols", "--std", "--fs", "--server-preference", "--vulnerable")
FINE = ("OK", "INFO")
SCANNED = {
    "SSLv2", "SSLv3", "TLS1", "TLS1_1", "TLS1_2", "TLS1_3", "cipherlist_NULL", "cipherlist_aNULL", "cipherlist_EXPORT",
    "heartbleed", "ROBOT", "secure_client_renego", "CRIME_TLS", "BREACH", "POODLE_SSL", "fallback_SCSV", "SWEET32", "FREAK",
    "DROWN", "LOGJAM", "BEAST", "LUCKY13", "RC4",
}  # fmt: skip
KNOWN = {
    "secure_renego": "the scanner's own OpenSSL cannot ask where the ciphers are few; what a client may start is asked besides",
    "cipher_order": "of ciphers that are all good the browser chooses the one that its machine reckons fastest",
}


def test_a_scanner_finds_nothing_in_the_tls_of_either_proxy(front, tmp_path):  # noqa: F811 (the fixture)
    out = tmp_path / "found.json"
    said = subprocess.run(
        ["testssl", "--quiet", "--color", "0", "--warnings", "off", "--ip", "127.0.0.1", "--jsonfile", out, *WHAT,
         f"https://{PORTAL}:{front.secure}"],
        capture_output=True, text=True, timeout=240, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    found = json.loads(Path(out).read_text(encoding="utf-8"))
    assert {one["id"] for one in found} >= SCANNED, said.stdout[-3000:]
    wrong = [one for one in found if one["severity"] not in FINE and one["id"] not in KNOWN]
    assert [(one["id"], one["severity"], one["finding"]) for one in wrong] == []
