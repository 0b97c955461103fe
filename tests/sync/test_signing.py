"""Keys and time tokens."""

from sync import signing

SECRET = b"0" * 32


def test_a_signature_is_good_for_its_key_and_bytes_only():
    (private, public), (_, other) = signing.new_key(), signing.new_key()
    signature = signing.sign(private, b"head")
    assert signing.verify(public, b"head", signature)
    assert not signing.verify(public, b"heaD", signature)
    assert not signing.verify(other, b"head", signature)


def test_a_malformed_key_or_signature_is_simply_not_good():
    _, public = signing.new_key()
    for key, signature in ((public, ""), (public, "zz"), ("", "00" * 64), ("00", "00" * 64), (public, "00" * 63)):
        assert not signing.verify(key, b"head", signature)


def test_a_public_key_is_64_lower_hex_digits():
    _, public = signing.new_key()
    assert signing.is_public_key(public)
    assert not any(map(signing.is_public_key, ("", public.upper() + "0", public[:-1], "g" * 64)))


def test_a_time_token_comes_back_and_a_foreign_one_is_nothing():
    token = signing.time_token(SECRET, 1_700_000_000_123)
    assert signing.read_time_token(SECRET, token) == 1_700_000_000_123
    assert signing.read_time_token(b"1" * 32, token) is None
    assert signing.read_time_token(SECRET, "") is None
    assert signing.read_time_token(SECRET, token[:-2]) is None


def test_an_access_token_is_no_time_token():
    import jwt

    assert signing.read_time_token(SECRET, jwt.encode({"at_ms": 1}, SECRET, algorithm="HS256")) is None
