"""Codes of an authenticator app, against the vectors of RFC 6238 (appendix B, SHA-1: the last six digits)."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from clavero.core import totp

SECRET = base64.b32encode(b"12345678901234567890").decode()
VECTORS = [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037"), (20000000000, "353130")]  # fmt: skip


def instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_the_vectors_of_the_standard(seconds, code):
    at = instant(seconds)
    assert totp.code(SECRET, totp.step(at)) == code
    assert totp.match(SECRET, code, at) == totp.step(at) == seconds // 30


def test_small_letters_are_the_same_secret_and_what_is_not_base_32_is_said():
    assert totp.code(SECRET.lower(), 1) == totp.code(SECRET, 1) == "287082"
    for wrong in ("1", "!!!!!!!!", "ABC"):
        with pytest.raises(ValueError, match="not base 32"):
            totp.code(wrong, 1)


def test_the_period_before_and_the_one_after_are_taken_and_no_further_one():
    at = instant(1111111109)
    here = totp.step(at)
    for apart in (-1, 0, 1):
        assert totp.match(SECRET, totp.code(SECRET, here + apart), at) == here + apart
    for apart in (-2, 2):
        assert totp.match(SECRET, totp.code(SECRET, here + apart), at) is None


def test_spaces_are_no_part_of_a_code_and_anything_else_is_none():
    at = instant(59)
    assert totp.match(SECRET, " 287 082\n", at) == 1
    for wrong in ("", "287081", "2870820", "28708", "ñ87082", "287082x"):
        assert totp.match(SECRET, wrong, at) is None


def test_a_period_is_half_a_minute():
    at = instant(60)
    assert totp.step(at - timedelta(microseconds=1)) == 1 and totp.step(at) == 2
    assert totp.step(instant(89.9)) == 2
