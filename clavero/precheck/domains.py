"""Whether a mail domain takes mail: asked of the name service only where somebody says so, within a time, once a domain.

Off unless the command is told `--look-up-domains` or the profile says so. What could not be asked is
"not checked", never "dead". Only the domain is looked up, never an address (A15).
"""

import time
from typing import Any

MOST_DOMAINS, SECONDS_EACH, SECONDS_ALL = 5000, 3, 120


class Domains:
    """The answers of this run: True takes mail, False does not, None could not be asked."""

    def __init__(self, seconds: float = SECONDS_ALL) -> None:
        self.known: dict[str, bool | None] = {}
        self.until = time.monotonic() + seconds
        self.resolver: Any = None

    def takes_mail(self, domain: str) -> bool | None:
        if domain not in self.known:
            is_over = time.monotonic() > self.until or len(self.known) >= MOST_DOMAINS
            self.known[domain] = None if is_over else self._ask(domain)
        return self.known[domain]

    def _ask(self, domain: str) -> bool | None:
        from email_validator import EmailUndeliverableError, caching_resolver
        from email_validator.deliverability import validate_email_deliverability

        self.resolver = self.resolver or caching_resolver(timeout=SECONDS_EACH)
        try:
            found = validate_email_deliverability(domain, domain, dns_resolver=self.resolver)
        except EmailUndeliverableError:
            return False
        return None if "unknown-deliverability" in found else True
