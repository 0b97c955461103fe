import jwt
import pytest

from backend.auth import token
from shared.refusal import Refused

KEY, OTHER_KEY, NOW = b"k" * 32, b"o" * 32, 1_770_000_000_123
CLAIMS = token.Claims("u", "cashier", "d")


def code_of(text, now_ms=NOW, key=KEY):
    with pytest.raises(Refused) as refusal:
        token.read(key, text, now_ms)
    return refusal.value.code


def test_an_access_token_says_who_on_which_device():
    text, expires_at_ms = token.make(KEY, CLAIMS, NOW)
    assert token.read(KEY, text, NOW) == CLAIMS
    body = jwt.decode(text, options={"verify_signature": False})
    assert set(body) == {"sub", "role", "device", "exp", "iat", "jti", "aud"}
    assert 0 <= NOW + 15 * 60 * 1000 - expires_at_ms < 1000


def test_an_access_token_lives_fifteen_minutes():
    text, expires_at_ms = token.make(KEY, CLAIMS, NOW)
    assert token.read(KEY, text, expires_at_ms - 1) == CLAIMS
    assert code_of(text, expires_at_ms) == "token_expired"


def test_two_tokens_of_one_moment_differ():
    assert token.make(KEY, CLAIMS, NOW)[0] != token.make(KEY, CLAIMS, NOW)[0]


def body(**changes):
    fields = {"sub": "u", "role": "cashier", "device": "", "iat": 1, "exp": 9_000_000_000, "jti": "1"}
    return {key: value for key, value in (fields | {"aud": token.AUDIENCE} | changes).items() if value is not None}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a.b.c",
        "é",
        jwt.encode(body(), OTHER_KEY, algorithm="HS256"),
        jwt.encode(body(), "", algorithm="none"),
        jwt.encode(body(), KEY * 2, algorithm="HS512"),
        jwt.encode(body(aud="another"), KEY, algorithm="HS256"),
        jwt.encode(body(aud=None), KEY, algorithm="HS256"),
        jwt.encode(body(exp=None), KEY, algorithm="HS256"),
        jwt.encode(body(role=None), KEY, algorithm="HS256"),
    ],
)
def test_a_foreign_or_forged_token_is_invalid(text):
    assert code_of(text) == "token_invalid"


def test_the_body_that_is_forged_above_is_good_when_signed_by_us():
    assert token.read(KEY, jwt.encode(body(), KEY, algorithm="HS256"), NOW).user_id == "u"
