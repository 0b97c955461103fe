"""The national schemes: what their words write, what a company's settings make, what is refused by name."""

import pytest

from shared.ident import rf_reference
from shared.paycode import decode, emv, encode, payment_code, profiles, tlv
from shared.refusal import Refused

REFERENCE = rf_reference("INV10023")
NOW_MS = 1_795_000_000_000
WHO = {"name": "HETAI", "city": "HANGZHOU"}
# Each scheme's settings, its currency, and the place at which its reference comes back.
SETTINGS = [
    ("pix", {**WHO, "key": "fin@hetai.example"}, "BRL", "62.05"),
    ("promptpay", {**WHO, "mobile": "081 070 4060"}, "THB", "62.05"),
    ("promptpay", {"biller": "099400016550100", "ref2": "670429"}, "THB", "30.02"),
    ("vietqr", {"name": "Hòa Thái", "city": "Hà Nội", "bank": "970403", "account": "0011012345678"}, "VND", "62.08"),
    ("paynow", {"payee": "T00AA0000A"}, "SGD", "62.01"),
    ("duitnow", {**WHO, "acquirer": "501664", "merchant_id": "123456789"}, "MYR", "62.05"),
    ("fps", {"fps_id": "1234567"}, "HKD", "62.05"),
    ("khqr", {**WHO, "account": "hetai@devb"}, "USD", "62.01"),
    ("qrph", {**WHO, "bank": "ABCDPHM2XXX", "merchant_id": "88001"}, "PHP", "62.05"),
    ("qris", {**WHO, "acquirer": "ID.CO.EXAMPLE.WWW", "pan": "936000140000000001"}, "IDR", "62.05"),
    ("emv", {**WHO, "tag": "26", "sub.00": "cn.example", "sub.01": "88", "country": "CN"}, "CNY", "62.05"),
]


def refusal(function, *args, **kwargs):
    with pytest.raises(Refused) as caught:
        function(*args, **kwargs)
    return caught.value.code, *caught.value.values.values()


@pytest.mark.parametrize(("scheme", "settings", "currency", "path"), SETTINGS)
def test_settings_make_a_dynamic_code_with_a_reference(scheme, settings, currency, path):
    payload = payment_code({"scheme": scheme, **settings}, 12_500, currency, REFERENCE, now_ms=NOW_MS)
    words = decode(payload)
    assert (words["scheme"], words["currency"]) == (scheme, currency)
    assert words["fields"][path] == REFERENCE
    assert words["amount"] == {"VND": "12500", "IDR": "125", "USD": "125"}.get(currency, "125.00")
    assert encode(scheme, words) == payload


@pytest.mark.parametrize(("scheme", "settings", "currency", "path"), SETTINGS)
def test_another_currency_is_refused(scheme, settings, currency, path):
    settings = {"scheme": scheme, "currency": currency, **settings}
    assert refusal(payment_code, settings, 5, "SEK", REFERENCE)[0] == "currency_mismatch"


LAID_OUT = {
    "pix": (
        {"name": "Fulano de Tal", "city": "BRASILIA", "key": "fin@hetai.example"},
        "BRL",
        (
            "000201 26390014br.gov.bcb.pix0117fin@hetai.example 52040000 5303986 5406123.45 5802BR 5913Fulano_de_Tal "
            "6008BRASILIA 62160512RF61INV10023 6304"
        ),
    ),
    "promptpay": (
        {"mobile": "+66 81 070 4060"},
        "THB",
        "000201 010212 29370016A00000067701011101130066810704060 5303764 5406123.45 5802TH 62160512RF61INV10023 6304",
    ),
    "fps": (
        {"mobile": "+852-67891234"},
        "HKD",
        (
            "000201 010212 26330012hk.com.hkicl0313+852-67891234 52040000 5303344 5406123.45 5802HK 5902NA 6002HK "
            "62160512RF61INV10023 6304"
        ),
    ),
    "paynow": (
        {"payee": "+6590000000"},
        "SGD",
        (
            "000201 010212 26380009SG.PAYNOW010100211+659000000003010 52040000 5303702 5406123.45 5802SG 5902NA "
            "6009Singapore 62160112RF61INV10023 6304"
        ),
    ),
    "duitnow": (
        {"acquirer": "501664", "merchant_id": "123456789", "name": "QRCSDNBHD", "city": "BANGI", "mcc": "9999"},
        "MYR",
        (
            "000202 010212 26410014A000000615000101065016640209123456789 52049999 5303458 5406123.45 5802MY "
            "5909QRCSDNBHD 6005BANGI 62160512RF61INV10023 6304"
        ),
    ),
}


@pytest.mark.parametrize("scheme", LAID_OUT)
def test_the_text_is_laid_out_as_the_scheme_prints_it(scheme):
    settings, currency, pieces = LAID_OUT[scheme]
    text = pieces.replace(" ", "").replace("_", " ")
    assert payment_code({"scheme": scheme, **settings}, 12_345, currency, REFERENCE) == text + tlv.crc(text)


def test_the_napas_sample_is_made_from_its_words():
    words = {"bank": "970403", "account": "0011012345678"}
    made = encode("vietqr", words)
    assert made == "00020101021138570010A00000072701270006970403011300110123456780208QRIBFTTA53037045802VN63049E6F"


def test_the_bacen_sample_is_made_from_its_words():
    words = {"key": "123e4567-e12b-12d1-a456-426655440000", "name": "Fulano de Tal", "city": "BRASILIA"}
    assert encode("pix", words) == (
        "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-4266554400005204000053039865802BR"
        "5913Fulano de Tal6008BRASILIA62070503***63041D3D"
    )


STATIC = encode(
    "qris", {**WHO, "acquirer": "ID.CO.EXAMPLE.WWW", "pan": "936000140000000001", "nmid": "ID1020000000001"}
)


def test_a_printed_qris_becomes_dynamic_offline():
    made = payment_code({"scheme": "qris", "static": STATIC}, 1_500_000, "IDR", REFERENCE)
    before, after = emv.decode(STATIC).paths, emv.decode(made).paths
    assert (before["01"], after["01"], after["54"], after["51.00"]) == ("11", "12", "15000", "ID.CO.QRIS.WWW")
    assert {path: after[path] for path in before if path != "01"} == {p: v for p, v in before.items() if p != "01"}
    assert list(after) == sorted(after)


def test_a_static_code_of_another_scheme_is_refused():
    pix = encode("pix", {**WHO, "key": "x"})
    assert refusal(payment_code, {"scheme": "qris", "static": pix}, 5, "IDR", REFERENCE)[0] == "paycode_setting"


def test_thai_messages_are_written_in_utf_16():
    words = {"mobile": "0810704060", "message": "สวัสดี 您好"}
    payload = encode("promptpay", words)
    assert emv.decode(payload).value("81") == "สวัสดี 您好".encode("utf-16-be").hex().upper()
    assert decode(payload)["message"] == "สวัสดี 您好"


def test_a_message_in_small_hex_digits_is_written_again_as_it_was():
    code = spoilt("promptpay", {"mobile": "0810704060", "message": "¿"}, **{"81": "00bf"})
    assert encode("promptpay", decode(code)) == code


def test_vietnamese_accents_are_folded():
    words = {"bank": "970403", "account": "1", "name": "Công ty Đức Nguyễn", "city": "Đà Nẵng", "reference": "Trả nợ"}
    found = decode(encode("vietqr", words))
    assert (found["name"], found["city"], found["reference"]) == ("Cong ty Duc Nguyen", "Da Nang", "Tra no")


def test_a_paynow_template_is_found_wherever_it_stands():
    code = emv.decode(encode("paynow", {"payee": "T00AA0000A", "amount": "5.00"})).paths
    moved = emv.encode_paths({path.replace("26.", "28."): value for path, value in code.items()})
    assert decode(moved)["payee"] == "T00AA0000A"
    assert encode("paynow", {**decode(moved), "amount": "7.00"}) == moved.replace("54045.00", "54047.00")[
        :-4
    ] + tlv.crc(moved.replace("54045.00", "54047.00")[:-4])


def test_a_dynamic_khqr_needs_both_of_its_times():
    words = {**WHO, "account": "hetai@devb", "amount": "5.00", "created_ms": str(NOW_MS)}
    assert refusal(encode, "khqr", words) == ("paycode_field", "expires_ms")
    assert decode(encode("khqr", {**words, "expires_ms": str(NOW_MS + 1)}))["expires_ms"] == str(NOW_MS + 1)


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("12,30", ("amount_unreadable", "12,30")),
        ("1,230.00", ("amount_unreadable", "1,230.00")),
        (" 5", ("amount_unreadable", " 5")),
        ("+5", ("amount_unreadable", "+5")),
        ("5e2", ("amount_unreadable", "5e2")),
        ("٥", ("amount_unreadable", "٥")),
        ("0", ("amount_not_positive",)),
        ("0.00", ("amount_not_positive",)),
        ("-5", ("amount_not_positive",)),
        ("5.123", ("amount_too_precise", "5.123", 2)),
        ("5.000", ("amount_too_precise", "5.000", 2)),
        ("12345678901.00", ("paycode_field", "amount")),
    ],
)
def test_a_wrong_amount_is_refused(amount, expected):
    words = {**WHO, "key": "x", "amount": amount}
    assert refusal(encode, "pix", words) == expected


@pytest.mark.parametrize(
    ("scheme", "words", "field"),
    [
        ("pix", {"city": "X", "key": "x"}, "name"),
        ("pix", WHO, "key"),
        ("pix", {**WHO, "key": "clé"}, "key"),
        ("pix", {**WHO, "key": "x" * 78}, "key"),
        ("pix", {**WHO, "key": "x", "reference": "with-dash"}, "reference"),
        ("pix", {**WHO, "key": "x", "colour": "red"}, "colour"),
        ("pix", {**WHO, "key": "x", "amount": 1.5}, "amount"),
        ("pix", {**WHO, "key": "x", "country": "PT"}, "country"),
        ("pix", {**WHO, "key": "x", "currency": "EUR"}, "currency"),
        ("pix", {**WHO, "key": "x", "name": "São"}, "name"),
        ("pix", {**WHO, "key": "x", "fields": {"x": "1"}}, "x"),
        ("pix", {**WHO, "key": "x", "fields": {"26": "0001x"}}, "key"),
        ("pix", {**WHO, "key": "x", "fields": "26"}, "fields"),
        ("pix", {**WHO, "key": "x", "static": 5}, "static"),
        ("promptpay", {}, "mobile"),
        ("promptpay", {"mobile": "12345"}, "mobile"),
        ("promptpay", {"tax_id": "12"}, "tax_id"),
        ("vietqr", {"bank": "97", "account": "1"}, "bank"),
        ("vietqr", {"bank": "970403", "account": "1", "service": "QRX"}, "service"),
        ("paynow", {"proxy": "9", "payee": "T"}, "proxy"),
        ("duitnow", {**WHO, "acquirer": "5016", "merchant_id": "1"}, "acquirer"),
        ("fps", {"mobile": "67891234"}, "mobile"),
        ("fps", {"clearing_code": "004"}, "fps_id"),
        ("khqr", {**WHO, "account": "hetai"}, "account"),
        ("qrph", WHO, "bank"),
        ("qris", WHO, "acquirer"),
        ("qris", {**WHO, "pan": "abc"}, "pan"),
        ("emv", {**WHO, "fields": {"26.00": "cn.example"}, "country": "CN", "amount": "5"}, "currency"),
        ("pigeon", {}, "scheme"),
    ],
)
def test_a_wrong_word_is_refused_by_name(scheme, words, field):
    assert refusal(encode, scheme, words) == ("paycode_field", field)


def spoilt(scheme, words, **changes):
    """Change values by path in a good code and seal it again."""
    paths = {**emv.decode(encode(scheme, words)).paths, **changes}
    return emv.encode_paths({path: value for path, value in paths.items() if value})


PIX = {**WHO, "key": "x", "amount": "5.00"}


@pytest.mark.parametrize(
    ("scheme", "words", "changes", "place"),
    [
        ("pix", PIX, {"60": ""}, "60"),
        ("pix", PIX, {"52": ""}, "52"),
        ("pix", PIX, {"26.01": ""}, "26.01"),
        ("pix", PIX, {"53": "978"}, "53"),
        ("pix", PIX, {"58": "PT"}, "58"),
        ("pix", PIX, {"54": "5.123"}, "54"),
        ("pix", PIX, {"62.05": "no way"}, "62.05"),
        ("vietqr", {"bank": "970403", "account": "1", "amount": "5"}, {"54": "5.50"}, "54"),
        ("promptpay", {"mobile": "0810704060", "message": "hi"}, {"81": "00ZZ"}, "81"),
        ("promptpay", {"mobile": "0810704060", "message": "hi"}, {"81": "D800"}, "81"),
        ("khqr", {**WHO, "account": "a@b"}, {"01": "12"}, "99.00"),
        ("emv", {**WHO, "fields": {"26.00": "x"}, "country": "CN", "currency": "CNY"}, {"60": ""}, "60"),
    ],
)
def test_what_breaks_a_schemes_rule_is_refused_with_its_place(scheme, words, changes, place):
    assert refusal(decode, spoilt(scheme, words, **changes)) == ("paycode_unreadable", place)


@pytest.mark.parametrize(
    ("settings", "currency", "field"),
    [
        ({"scheme": "pix", **WHO}, "BRL", "key"),
        ({"scheme": "qris", "static": "nonsense"}, "IDR", "static"),
        ({"scheme": "emv", "static": "nonsense"}, "CNY", "static"),
        ({"scheme": "qris", "static": STATIC, "colour": "red"}, "IDR", "colour"),
    ],
)
def test_a_wrong_setting_is_named(settings, currency, field):
    assert refusal(payment_code, settings, 500, currency, REFERENCE) == ("paycode_setting", field)


def test_every_scheme_names_itself_once():
    names = [profile.scheme for profile in profiles.NATIONAL]
    assert len(set(names)) == len(names) == 9
