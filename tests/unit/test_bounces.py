"""Which failures close an address: the rule, for replies in the conversation and for reports that come back (S-086)."""

import pytest

from clavero.core import bounces
from tests.reports import report

ANA, TO = "ana@trigo.example", "rebotes+k-x@instituto.example"
CLOSE = "5.1.1 5.1.2 5.1.3 5.1.6 5.1.10 5.2.1 5.4.4".split()
NOT = (
    "5.2.2 5.2.3 5.7.1 5.7.26 4.1.1 4.2.1 4.4.7 2.1.5 5.0.0 5.1.0 5.1.8 5.3.4 5.4.1 5.1 5 x".split()
)


@pytest.mark.parametrize("status", [*CLOSE, *NOT])
@pytest.mark.parametrize("action", "failed delayed delivered relayed expanded".split())
def test_only_a_failure_for_good_because_of_the_address_closes_it(action, status):
    expected = action == "failed" and status in CLOSE
    assert bounces.closes(action, status) is expected
    found = bounces.read(report(TO, ANA, action, status))
    assert bounces.closed_by(found, ANA) == (status if expected else "")


@pytest.mark.parametrize(
    ("code", "text", "status"),
    [(550, b"5.1.1 no such user", "5.1.1"), (553, "5.1.3 what is that", "5.1.3"), (556, b"5.1.10 null MX", "5.1.10"),
     (550, b"5.1.1", "5.1.1"), (550, b"no such user", ""), (550, b"5.7.1 refused by policy", ""), (552, b"5.2.2 full", ""),
     (450, b"5.1.1 odd", ""), (250, b"5.1.1 odd", ""), (550, b"5.1.11 other", ""), (550, b"see 5.1.1", ""), (550, b"\xff5.1.1", "")],
)  # fmt: skip
def test_a_reply_in_the_conversation_is_judged_by_the_same_rule(code, text, status):
    assert bounces.in_reply(code, text) == status


def test_a_report_speaks_of_the_address_it_names_whatever_its_case():
    found = bounces.read(report(TO, "<Ana@TRIGO.example>", "Failed (gone)", "5.1.1 (no such user)"))
    assert found.kind == "report" and found.sent_to == (TO, TO)
    assert bounces.closed_by(found, ANA) == "5.1.1"
    assert bounces.closed_by(found, "luis@tuercas.example") == ""


@pytest.mark.parametrize(
    ("old", "new"),
    [("multipart/report", "multipart/mixed"), ("message/delivery-status", "text/plain"), ("rfc822;", "x400;"),
     ("Status: 5.1.1\n", ""), ("Status: 5.1.1\n", "Status: 5.1.1\nStatus: 2.0.0\n"), ("Action: failed\n", "Action: failed\nAction: delayed\n"),
     ("Final-Recipient: rfc822; ana@trigo.example\n", ""),
     ("Remote-MTA", "\nFinal-Recipient: rfc822; ana@trigo.example\nAction: delivered\nStatus: 2.1.5\nRemote-MTA"),
     ("multipart/report; report-type=delivery-status", "message/rfc822\n\nContent-Type: multipart/report"),
     ("message/delivery-status", "message/feedback-report")],
)  # fmt: skip
def test_what_is_no_plain_report_or_says_two_things_closes_nothing(old, new):
    raw = report(TO, ANA)
    spoilt = raw.replace(old.encode(), new.encode())
    assert spoilt != raw and bounces.closed_by(bounces.read(raw), ANA) == "5.1.1"
    assert bounces.closed_by(bounces.read(spoilt), ANA) == ""


def test_a_report_inside_another_mail_is_none():
    inner = report(TO, ANA).decode()
    for kind in ("message/rfc822", "multipart/mixed; boundary=x"):
        between = "--x\n" if "mixed" in kind else ""
        outer = f"To: {TO}\nContent-Type: {kind}\n\n{between}{inner}"
        assert bounces.closed_by(bounces.read(outer.encode()), ANA) == ""


def test_a_report_too_large_or_nested_without_end_is_broken_and_costs_no_more():
    raw = report(TO, ANA)
    assert bounces.read(raw + b"x" * (bounces.LARGEST - len(raw))).kind == "report"
    assert bounces.read(raw + b"x" * (bounces.LARGEST + 1 - len(raw))) == bounces.Report("broken")
    deep = b"".join(
        b"Content-Type: multipart/report; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3000)
    )
    assert bounces.closed_by(bounces.read(deep), ANA) == ""
