"""The signed pay link: made offline, read strictly, refused when altered or expired."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.ident import rf_reference
from shared.paycode import Signer, decode, encode, paylink, payment_code
from shared.refusal import Refused
from sync.signing import new_key, sign, verify

NOW_MS = 1_795_000_000_000
PRIVATE, PUBLIC = new_key()
SIGNER = Signer("usr-7", PUBLIC, lambda message: sign(PRIVATE, message))
SETTINGS = {"scheme": "paylink", "url": "https://pay.example/c", "minutes": "60"}
REFERENCE = rf_reference("INV10023")
REQUEST = "01a2000a-437f-758a-9f46-cab7a7ac6ca4"


def made(**changes):
    settings = {**SETTINGS, **changes}
    return payment_code(settings, 128_050, "CNY", REFERENCE, now_ms=NOW_MS, request_id=REQUEST, signer=SIGNER)


LINK = made()


def refusal(function, *args, **kwargs):
    with pytest.raises(Refused) as caught:
        function(*args, **kwargs)
    return caught.value.code, *caught.value.values.values()


def judged(text, now_ms=NOW_MS):
    link = paylink.decode(text)
    paylink.verify(link, verify, now_ms)
    return link


def test_a_link_says_who_what_for_how_much_and_until_when():
    link = judged(LINK)
    assert (link.url, link.collector, link.request) == ("https://pay.example/c", "usr-7", REQUEST)
    assert (link.amount_minor, link.currency, link.reference) == (128_050, "CNY", REFERENCE)
    assert (link.expires, link.public_key) == (NOW_MS // 1000 + 3600, PUBLIC)


def test_its_parameters_are_those_of_the_layout():
    assert [key for key, _ in parse_qsl(urlsplit(LINK).query)] == ["m", "r", "a", "cu", "x", "f", "k", "s"]


def test_the_signed_text_is_the_address_before_the_signature():
    assert paylink.decode(LINK).message == b"fieldtill-pay-1\n" + LINK.partition("&s=")[0].encode()


def test_it_is_written_again_as_it_was():
    words = decode(LINK)
    assert words["scheme"] == "paylink"
    assert encode("paylink", words) == LINK


def test_it_ends_with_its_last_second():
    end_ms = NOW_MS + 3_600_000
    assert judged(LINK, end_ms).request == REQUEST
    assert refusal(judged, LINK, end_ms + 1) == ("paylink_expired",)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a=1280.50", "a=128.50"),
        ("cu=CNY", "cu=USD"),
        ("m=usr-7", "m=usr-8"),
        (REQUEST, REQUEST[:-1] + "5"),
        ("x=1795", "x=1895"),
        (f"&f={REFERENCE}", ""),
        ("pay.example", "pay.example.net"),
        (f"&k={paylink._packed(PUBLIC)}", f"&k={paylink._packed(new_key()[1])}"),
    ],
)
def test_an_altered_link_is_refused(old, new):
    assert refusal(judged, LINK.replace(old, new)) == ("paylink_altered",)


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("a=1280.50", "a=1280.5", "canonical"),
        ("a=1280.50", "a=1280,50", "amount"),
        ("a=1280.50", "a=-5.00", "amount"),
        ("a=1280.50", "a=0.00", "amount"),
        ("a=1280.50", "a=1.005", "amount"),
        ("cu=CNY", "cu=XXQ", "amount"),
        ("x=1795", "x=01795", "expires"),
        ("m=usr-7", "m=", "collector"),
        ("m=usr-7", "m=a%20b", "collector"),
        (REFERENCE, "RF00INV10023", "reference"),
        ("&k=", "&k=A", "public_key"),
        ("&s=", "&s=AAAA", "signature"),
        ("&s=", "&y=1&s=", "public_key"),
        ("?m=usr-7&r=", "?r=", "63"),
        ("https://pay.example/c", "https://PAY.example/c", "url"),
        ("&x=", "&x=1&x=", "paylink"),
    ],
)
def test_a_link_out_of_form_is_refused(old, new, place):
    with pytest.raises(Refused) as caught:
        decode_strictly(LINK.replace(old, new))
    assert caught.value.values.get("place") == place or place in ("63", "public_key", "paylink")
    assert caught.value.code == "paycode_unreadable"


def decode_strictly(text):
    """As ``decode``, but an address that is no pay link at all is refused too."""
    if not paylink.is_link(text):
        raise Refused("paycode_unreadable", place="63")
    return decode(text)


def test_no_other_spelling_of_a_signature_is_taken():
    for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_":
        if letter != LINK[-1]:
            with pytest.raises(Refused):
                judged(LINK[:-1] + letter)


@given(st.data())
def test_a_single_wrong_character_is_found(data):
    at = data.draw(st.integers(LINK.index("?") + 1, len(LINK) - 1))
    other = data.draw(st.characters(min_codepoint=33, max_codepoint=126).filter(lambda c: c != LINK[at]))
    with pytest.raises(Refused):
        judged(LINK[:at] + other + LINK[at + 1 :])


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"url": "http://pay.example/c"}, "url"),
        ({"url": "https://pay.example/c?x=1"}, "url"),
        ({"url": ""}, "url"),
        ({"minutes": "0"}, "minutes"),
        ({"minutes": "soon"}, "minutes"),
    ],
)
def test_a_wrong_setting_is_named(settings, field):
    assert refusal(made, **settings) == ("paycode_setting", field)


def test_without_a_key_there_is_no_link():
    assert refusal(payment_code, SETTINGS, 5, "CNY", REFERENCE) == ("paycode_setting", "signer")
    broken = Signer("usr-7", "no key", SIGNER.sign)
    asked = {"request_id": REQUEST, "signer": broken}
    assert refusal(payment_code, SETTINGS, 5, "CNY", REFERENCE, **asked) == ("paycode_setting", "public_key")
    assert refusal(payment_code, SETTINGS, 5, "CNY", REFERENCE, signer=SIGNER) == ("paycode_setting", "request")


def test_a_link_fits_a_code_that_a_phone_shows_at_four_pixels_a_module():
    from shared.paycode import image

    modules = int(image.svg(LINK, module_px=1).partition('width="')[2].partition('"')[0]) - 2 * image.BORDER
    assert modules <= 17 + 4 * 13
