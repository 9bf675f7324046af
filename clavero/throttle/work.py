"""The human check by work: a browser that runs script reckons for a moment instead of waiting (C01, C02).

The challenge is ALTCHA's, made and judged here; no third party hears of it. It is bound to one waiting ticket, and through
the ticket to the typed numbers and to the asker. The ticket is its nonce: stored until it is spent, taken once by a
conditional write (ALTCHA itself accepts a solution twice). Whoever fails waits as without script: nothing is counted.
"""

import json
import secrets

import altcha

from clavero.institution import profile
from clavero.privacy import keyring, lookups, tokens

ALGORITHM, LONGEST = "PBKDF2/SHA-256", 4096


def challenge(ticket: str, factor: int) -> str:
    """What the browser is asked, as JSON: `factor` times the profile's work, at least half of it and at most all."""
    limits = profile().limits
    most = limits.work_tries * factor
    made = altcha.create_challenge(
        ALGORITHM,
        limits.work_rounds,
        counter=most // 2 + secrets.randbelow(most - most // 2),
        data={"ticket": lookups.of("work", ticket), "most": most},
        hmac_secret=_key("sign"),
        hmac_key_secret=_key("answer"),
    )
    return json.dumps(made.to_dict())


def is_done(answer: str, ticket: str) -> bool:
    """Whether `answer` (base64 of ALTCHA's JSON) solves a challenge of ours for this ticket. False for anything else."""
    if not answer or len(answer) > LONGEST:
        return False
    try:
        payload = altcha.Payload.from_base64(answer)
        asked = payload.challenge.parameters.data or {}
        bound = str(asked.get("ticket", ""))
        solved = altcha.verify_solution(payload, _key("sign"), hmac_key_secret=_key("answer"))
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
        return False
    return solved.verified and tokens.same(bound, lookups.of("work", ticket))


def _key(purpose: str) -> bytes:
    return keyring.derived(keyring.newest(), f"human_check|{purpose}")
