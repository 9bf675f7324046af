"""What the tests of several rooms use: a mail server on loopback that answers as it is told."""

import socket

import pytest
from aiosmtpd.controller import Controller


class Inbox:
    """What a mail server does: keeps, or answers as it is told."""

    def __init__(self, answer="250 OK"):
        self.answer, self.received = answer, []

    async def handle_DATA(self, server, session, envelope):
        self.received.append(envelope)
        return self.answer

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.answer.startswith("550"):
            return self.answer
        envelope.rcpt_tos.append(address)
        return "250 OK"


@pytest.fixture
def smtp(settings):
    started = []

    def start(answer="250 OK"):
        inbox = Inbox(answer)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        controller = Controller(inbox, hostname="127.0.0.1", port=port)
        controller.start()
        started.append(controller)
        settings.SMTP_URL = f"smtp://127.0.0.1:{port}"
        return inbox

    yield start
    for controller in started:
        controller.stop()
