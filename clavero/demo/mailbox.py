"""Where the demonstration's mail goes: into a table of its own, instead of to anybody."""

from clavero import clock
from clavero.demo.models import Mail, Text
from clavero.notices import mail, sms


class Mailbox:
    """A transport that keeps what it is given."""

    def send(self, address: str, finished: mail.Mail) -> None:
        Mail.objects.create(
            to=address,
            subject=finished.subject,
            text=finished.text,
            html=finished.html,
            link=finished.link,
            code=finished.code,
            sent_at=clock.now(),
        )


class Phones:
    """Keeps what would go to mobiles."""

    def send(self, number: str, finished: sms.Sms) -> None:
        Text.objects.create(
            to=sms.e164(number), text=finished.text, code=finished.code, sent_at=clock.now()
        )
