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
        hmac_secret=_key(keyring.newest(), "sign"),
        hmac_key_secret=_key(keyring.newest(), "answer"),
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
        solved = [_is_solved(payload, key_id) for key_id in keyring.field_keys()]
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
        return False
    return any(solved) and any(tokens.same(bound, each) for each in lookups.all_of("work", ticket))


def _is_solved(payload: altcha.Payload, key_id: str) -> bool:
    return altcha.verify_solution(
        payload, _key(key_id, "sign"), hmac_key_secret=_key(key_id, "answer")
    ).verified


def _key(key_id: str, purpose: str) -> bytes:
    return keyring.derived(key_id, f"human_check|{purpose}")
