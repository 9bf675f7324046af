"""Reports of failed delivery as mail servers write them, and as somebody forges them."""

REPORT = """\
Return-Path: <>
Delivered-To: {to}
From: MAILER-DAEMON@correo.example (Mail Delivery System)
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain

I could not deliver your message.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; correo.example
Arrival-Date: Tue, 24 Nov 2026 10:00:00 -0500

Final-Recipient: {kind}; {address}
Original-Recipient: rfc822;{address}
Action: {action}
Status: {status}
Remote-MTA: dns; mx.example
Diagnostic-Code: smtp; 550 {status} no such user

--b1
Content-Type: message/rfc822

From: clave@instituto.example
To: {address}
Subject: Su enlace

...
--b1--
"""


def report(
    to: str, address: str, action: str = "failed", status: str = "5.1.1", kind: str = "rfc822"
) -> bytes:
    """A report about `address` that came back to `to`."""
    return REPORT.format(to=to, address=address, action=action, status=status, kind=kind).encode()
