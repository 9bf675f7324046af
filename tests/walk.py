"""Walking the pages as a person does: read the page, fill its form, press the button."""

import re

from bs4 import BeautifulSoup, Tag
from django.test import Client

from clavero import clock
from clavero.demo.models import Mail
from clavero.notices import services as notices
from clavero.recovery.models import Case
from tests.cast import Member

NEW_KEY = "tortuga-vapor-cinta-lunes"


class Walker:
    """One browser. `page` is what it shows, `status` and `path` where it is."""

    def __init__(self, time, language: str = "es", **headers: str) -> None:
        self.client = Client(
            headers={"user-agent": "Mozilla/5.0 (Android 14) Firefox/140.0"}, **headers
        )
        self.time, self.prefix = time, "/en" if language == "en" else ""
        self.page, self.status, self.path = BeautifulSoup("", "html.parser"), 0, ""

    # --- moving ---------------------------------------------------------------------------------

    def open(self, path: str) -> "Walker":
        return self._land(self.client.get(path, follow=True), path)

    def press(
        self, fields: dict[str, str] | None = None, button: str | None = None, value: str = "1"
    ) -> "Walker":
        """Send the page's step with `fields` typed in, by its button or by the one called `button`."""
        form = self.form
        data = {**self.typed(form), **(fields or {})}
        if button:
            data[button] = value
        return self._land(
            self.client.post(form.get("action") or self.path, data, follow=True), self.path
        )

    def _land(self, response, path: str) -> "Walker":
        self.status = response.status_code
        self.path = response.redirect_chain[-1][0] if response.redirect_chain else path
        self.page = BeautifulSoup(response.content.decode(), "html.parser")
        self.response = response
        return self

    # --- reading --------------------------------------------------------------------------------

    @property
    def form(self) -> Tag:
        forms = self.page.select("form[data-step]")
        assert len(forms) == 1, f"{len(forms)} steps on {self.path}: {self.text[:300]}"
        return forms[0]

    @property
    def step(self) -> str:
        forms = self.page.select("form[data-step]")
        return forms[0]["data-step"] if forms else ""

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", self.page.get_text(" ")).strip()

    @property
    def h1(self) -> str:
        found = self.page.select_one("h1")
        return found.get_text(" ").strip() if found else ""

    @property
    def errors(self) -> list[str]:
        return [found["data-error"] for found in self.page.select("[data-error]")]

    @property
    def routes(self) -> set[str]:
        return {found["data-route"] for found in self.page.select("[data-route]")}

    def typed(self, form: Tag) -> dict[str, str]:
        found = {}
        for field in form.select("input[name], textarea[name]"):
            if field.get("type") in ("checkbox", "radio") and not field.has_attr("checked"):
                continue
            found[field["name"]] = field.get("value") or ""
        return found

    def secret(self, name: str) -> str:
        return self.page.select_one(f"[data-{name}]").get_text("").replace(" ", "")

    # --- the steps ------------------------------------------------------------------------------

    def to_check(self, member: Member) -> "Walker":
        """From the start page to the human check."""
        self.open(f"{self.prefix}/empleadores/recuperar-clave/")
        self.open(self.page.select_one("a[data-start]")["href"])
        typed = {"identification": member.identification} | (
            {"domestic": "1"} if member.domestic else {}
        )
        self.press(typed)
        if self.step == "number":
            self.press({"ruc": member.ruc, "branch": member.branch})
        return self

    def validate(self, member: Member) -> "Walker":
        """To the answer of *Validar*."""
        self.to_check(member)
        assert self.step == "check", (self.path, self.text[:400])
        self.time.wait(int(self.page.select_one("[data-wait]")["data-wait"]))
        return self.press()

    def mail(self, to: str) -> Mail:
        """The newest mail to an address, after the worker has been."""
        deliver()
        found = [mail for mail in Mail.objects.order_by("-sent_at") if mail.to == to]
        assert found, f"no mail to {to}"
        return found[0]

    def to_visit(self, situation: str = "unknown", **contact: str) -> "Walker":
        """From the two halves to the page of the visit: what happens, and where to reach the person."""
        self.press({"situation": situation})
        return self.press(contact) if self.step == "contact" else self

    def prove(self, member: Member) -> "Walker":
        """The code from the mail."""
        return self.press({"code": self.mail(member.email).code})

    def to_key(self, member: Member) -> "Walker":
        """To the page of the new key, through questions and contact data where they come."""
        self.validate(member)
        self.prove(member)
        while self.step == "question":
            name = self.page.select_one("[data-fact]")["data-fact"]
            self.press({"answer": member.facts[name]})
        return self.press() if self.step == "contact" else self

    def finish(self, key: str = NEW_KEY) -> "Walker":
        """Set the key and test it."""
        self.press({"key": key})
        assert self.step == "test", (self.path, self.text[:400])
        return self.press({"key": key})


def deliver() -> None:
    """What the worker does about messages."""
    while notices.deliver_due(clock.now()):
        pass


def sign_in(walker: Walker, member: Member, key: str) -> Walker:
    walker.open(f"{walker.prefix}/entrar/")
    typed = {
        "identification": member.identification,
        "ruc": "" if member.domestic else member.ruc,
        "key": key,
    }
    return walker.press(typed | ({"domestic": "1"} if member.domestic else {}))


def as_if(case: Case, **changes: object) -> Case:
    """The case as Clavero itself would have left it there: changed and bound anew."""
    for name, value in changes.items():
        setattr(case, name, value)
    case.seal()
    case.save()
    return case
