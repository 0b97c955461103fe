"""EMVCo payment codes: made, read, refused."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.ident import rf_reference
from shared.money import decimal_text
from shared.paycode import emv, payment_code, tlv
from shared.paycode.currency import NUMERIC
from shared.refusal import Refused

SETTINGS = {
    "tag": "26",
    "sub.00": "cn.example.hetai",
    "sub.01": "8800123456",
    "mcc": "5141",
    "country": "CN",
    "currency": "CNY",
    "name": "HANGZHOU HETAI FOODS",
    "city": "HANGZHOU",
    "language": "zh",
    "local_name": "杭州禾泰食品商贸有限公司",
    "local_city": "杭州",
}
REFERENCE = rf_reference("A00000123P")
# The EMVCo's own example (MPM 1.1, annex), with a Chinese name.
SAMPLE = (
    "00020101021229300012D156000000000510A93FO3230Q31280012D15600000001030812345678520441115802CN5914BEST TRANSPORT"
    "6007BEIJING64200002ZH0104最佳运输0202北京540523.7253031565502016233030412340603***0708A60086670902ME"
    "91320016A0112233449988770708123456786304A13A"
)


def code_of(**changes):
    return payment_code({**SETTINGS, **changes}, 128_050, "CNY", REFERENCE)


def refusal(function, *args, **kwargs):
    with pytest.raises(Refused) as caught:
        function(*args, **kwargs)
    return caught.value.code, *caught.value.values.values()


def test_the_checksum_is_ccitt_false():
    assert tlv.crc("123456789") == "29B1"


def test_emvcos_own_sample_is_read():
    code = emv.decode(SAMPLE)
    assert (code.amount, code.currency, code.value("59"), code.value("64.01")) == (
        "23.72",
        "CNY",
        "BEST TRANSPORT",
        "最佳运输",
    )
    assert code.value("62.07") == "A6008667"
    assert code.value("29.00") == "D15600000000"


def test_a_made_code_says_who_how_much_and_what_for():
    code = emv.decode(code_of())
    assert [field.id for field in code.fields] == [
        "00",
        "01",
        "26",
        "52",
        "53",
        "54",
        "58",
        "59",
        "60",
        "62",
        "64",
        "63",
    ]
    assert code.value("01") == "12"
    assert code.value("26.01") == "8800123456"
    assert (code.amount, code.currency, code.reference) == ("1280.50", "CNY", REFERENCE)
    assert (code.value("59"), code.value("64.01"), code.value("64.02")) == (
        "HANGZHOU HETAI FOODS",
        "杭州禾泰食品商贸有限公司",
        "杭州",
    )


def test_a_code_is_the_same_text_each_time():
    assert (
        code_of()
        == (
            "00020101021226340016cn.example.hetai0110880012345652045141530315654071280.505802CN5920HANGZHOU HETAI FOODS"
            f"6008HANGZHOU62180514{REFERENCE}64280002ZH0112杭州禾泰食品商贸有限公司0202杭州6304"
        )
        + code_of()[-4:]
    )


@pytest.mark.parametrize(
    ("currency", "amount_minor", "written"),
    [
        ("CNY", 1, "0.01"),
        ("CNY", 100, "1.00"),
        ("JPY", 1500, "1500"),
        ("KWD", 1500, "1.500"),
        ("CNY", 999_999_999_999, "9999999999.99"),
    ],
)
def test_amounts_are_plain_decimals(currency, amount_minor, written):
    code = emv.decode(payment_code({**SETTINGS, "currency": currency}, amount_minor, currency, REFERENCE))
    assert code.amount == written
    assert code.currency == currency


@pytest.mark.parametrize(
    ("amount_minor", "currency", "reference", "expected"),
    [
        (0, "CNY", REFERENCE, ("amount_not_positive",)),
        (-5, "CNY", REFERENCE, ("amount_not_positive",)),
        (10**13, "CNY", REFERENCE, ("amount_too_large", "100000000000.00")),
        (5, "USD", REFERENCE, ("currency_mismatch", "CNY", "USD")),
        (5, "CNY", "A00-000123-P", ("reference_invalid", "A00-000123-P")),
        (5, "CNY", REFERENCE[:-1] + "Q", ("reference_invalid", REFERENCE[:-1] + "Q")),
        (5, "CNY", "", ("reference_invalid", "")),
    ],
)
def test_a_code_for_the_impossible_is_refused(amount_minor, currency, reference, expected):
    assert refusal(payment_code, SETTINGS, amount_minor, currency, reference) == expected


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"tag": "01"}, "tag"),
        ({"tag": "52"}, "tag"),
        ({"tag": "x"}, "tag"),
        ({"tag": "²6"}, "tag"),
        ({"value": ""}, "value"),
        ({"value": "not a template"}, "value"),
        ({"value": "0103abc"}, "value"),
        ({"sub.00": "x" * 100}, "sub.00"),
        ({"sub.x": "1"}, "sub.x"),
        ({"mcc": "51"}, "mcc"),
        ({"country": "cn"}, "country"),
        ({"name": ""}, "name"),
        ({"name": "禾泰"}, "name"),
        ({"name": "A" * 26}, "name"),
        ({"city": "HANGZHOU AND A LOT MORE"}, "city"),
        ({"language": "zho"}, "language"),
        ({"local_name": ""}, "local_name"),
        ({"local_city": "杭" * 16}, "local_city"),
        ({"store": "s" * 26}, "store"),
        ({"store": "河坊街店"}, "store"),
        ({"scheme": "pigeon"}, "scheme"),
    ],
)
def test_a_wrong_setting_is_named(change, field):
    assert refusal(payment_code, {**SETTINGS, **change}, 5, "CNY", REFERENCE) == ("paycode_setting", field)


def test_no_settings_at_all_is_a_refusal():
    assert refusal(payment_code, {}, 5, "CNY", REFERENCE) == ("paycode_setting", "tag")


def test_a_card_schemes_account_is_plain_text():
    settings = {key: value for key, value in SETTINGS.items() if not key.startswith("sub.")}
    code = emv.decode(payment_code({**settings, "tag": "15", "value": "3123456789012345"}, 5, "CNY", REFERENCE))
    assert code.value("15") == "3123456789012345"


def sealed(body):
    return body + "6304" + tlv.crc(body + "6304")


HEAD = "000201"
TAIL = "26080004abcd5303156540115802CN"


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ("", ("paycode_unreadable", "63")),
        ("hello", ("paycode_unreadable", "63")),
        (SAMPLE[:-4] + "A13B", ("paycode_checksum",)),
        (SAMPLE[:-4] + "a13a", ("paycode_checksum",)),
        (SAMPLE.replace("23.72", "93.72"), ("paycode_checksum",)),
        (sealed(TAIL + HEAD), ("paycode_unreadable", "00")),
        (sealed(HEAD + TAIL + "5802CN"), ("paycode_unreadable", "58")),
        (sealed(HEAD + TAIL + "59²5abcde"), ("paycode_unreadable", "59")),
        (sealed(HEAD + TAIL + "5x02ab"), ("paycode_unreadable", "5x")),
        (sealed(HEAD + TAIL + "5900"), ("paycode_unreadable", "59")),
        (sealed(HEAD + TAIL + "5999abc"), ("paycode_unreadable", "59")),
        (sealed(HEAD + TAIL + "62070599abc"), ("paycode_unreadable", "62.05")),
        (sealed(HEAD + TAIL + "62140503abc0503abc"), ("paycode_unreadable", "62.05")),
        (sealed(HEAD + TAIL.replace("54011", "54031,5")), ("paycode_unreadable", "54")),
        (sealed(HEAD + TAIL.replace("5303156", "5303CNY")), ("paycode_unreadable", "53")),
        (sealed(HEAD + TAIL.replace("5802CN", "5802c1")), ("paycode_unreadable", "58")),
        (sealed(HEAD + TAIL.replace("26080004abcd", "")), ("paycode_unreadable", "26")),
        (sealed(HEAD + "010213" + TAIL), ("paycode_unreadable", "01")),
        (sealed("000203" + TAIL), ("paycode_unreadable", "00")),
        (sealed(HEAD + TAIL.replace("54011", "54010")), ("paycode_unreadable", "54")),
        (sealed(HEAD + TAIL.replace("54011", "54040.00")), ("paycode_unreadable", "54")),
        (sealed(HEAD + TAIL.replace("54011", "5402-1")), ("paycode_unreadable", "54")),
        (sealed(HEAD + TAIL + "5902禾泰"), ("paycode_unreadable", "59")),
        (sealed(HEAD + TAIL + "62060502禾泰"), ("paycode_unreadable", "62.05")),
        (sealed(HEAD + TAIL + "5926" + "A" * 26), ("paycode_unreadable", "59")),
        (sealed(HEAD + TAIL + "64130002ZH0103禾\x07泰"), ("paycode_unreadable", "64")),
        (sealed(HEAD + TAIL + "64060002ZH"), ("paycode_unreadable", "64.01")),
    ],
)
def test_a_broken_code_is_refused_with_its_place(payload, expected):
    assert refusal(emv.decode, payload) == expected


def test_the_sealing_of_these_examples_is_right():
    assert emv.decode(sealed(HEAD + TAIL)).value("26.00") == "abcd"


@pytest.mark.parametrize(
    "fields",
    [[("54", "1"), ("54", "2")], [("63", "ABCD")], [("00", "02")], [("5", "x")], [("59", "")], [("59", "x" * 100)]],
)
def test_fields_that_cannot_stand_are_refused_by_name(fields):
    assert refusal(emv.encode, fields) == ("paycode_field", fields[-1][0])


@given(st.text(max_size=300))
@example("6304")
@example("\ud8006304AAAA")
def test_any_text_is_read_or_refused(text):
    try:
        emv.decode(text)
    except Refused as refused:
        assert refused.code in {"paycode_unreadable", "paycode_checksum"}  # noqa: PT017 - all others must escape


@given(st.text(alphabet=st.sampled_from("0123456789ABNC.最²\ud800"), max_size=120))
def test_any_sealed_text_is_read_or_refused(body):
    try:
        emv.decode(sealed(HEAD + body))
    except Refused as refused:
        assert refused.code == "paycode_unreadable"  # noqa: PT017 - all others must escape


@given(
    amount_minor=st.integers(1, 10**12 - 1),
    body=st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=21),
    name=st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1, max_size=25),
)
def test_what_is_written_is_read(amount_minor, body, name):
    reference = rf_reference(body)
    code = emv.decode(payment_code({**SETTINGS, "local_name": name}, amount_minor, "CNY", reference))
    assert (code.amount, code.reference, code.value("64.01")) == (decimal_text(amount_minor, "CNY"), reference, name)


@given(st.data())
def test_a_single_wrong_character_is_found(data):
    payload = code_of()
    at = data.draw(st.integers(0, len(payload) - 1))
    other = data.draw(st.characters(codec="utf-8").filter(lambda c: c != payload[at]))
    with pytest.raises(Refused):
        emv.decode(payload[:at] + other + payload[at + 1 :])


def test_every_currency_has_one_number():
    assert len(set(NUMERIC.values())) == len(NUMERIC)
    assert all(len(digits) == 3 and digits.isdigit() for digits in NUMERIC.values())


def test_every_currency_of_money_has_a_number():
    from shared import money

    assert set(NUMERIC) == set(money._TWO_DIGITS) | set(money._EXPONENTS)
