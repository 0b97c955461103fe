"""Whatever is scanned is read or refused; what is read is written again."""

import json

from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.ident import rf_reference
from shared.paycode import SCHEMES, decode, encode, paybysquare, tlv
from shared.refusal import Refused

REFERENCE = rf_reference("INV10023")
GOOD = [
    encode("pix", {"key": "fin@hetai.example", "name": "HETAI", "city": "SAO PAULO", "amount": "12.30"}),
    encode("promptpay", {"mobile": "0810704060", "message": "สวัสดี", "amount": "5.00"}),
    encode("vietqr", {"bank": "970403", "account": "0011012345678", "amount": "5000"}),
    encode("khqr", {"account": "hetai@devb", "name": "HETAI"}),
    encode("epc", {"name": "Hetai", "iban": "BE72000000001616", "amount": "5.00"}),
    encode("swiss", {"iban": "CH5800791123000889012", "creditor": {"name": "H", "postal_code": "1", "town": "B"}}),
    encode("spayd", {"account": "CZ1355000000000000222885", "amount": "5", "message": "žluť", "checksum": "yes"}),
    encode("upi", {"payee": "hetai@npci", "name": "H & Co", "amount": "5.00", "mode": "02"}),
    encode("paybysquare", {"iban": "SK9611000000002918599669", "amount": "5.00"}),
    "https://pay.example/c?m=u&r=r&a=5.00&cu=CNY&x=1795285293&k=" + "A" * 43 + "&s=" + "A" * 86,
    "weixin://wxpay/bizpayurl?pr=x",
]
REFUSALS = {"paycode_unreadable", "paycode_checksum"}


def read(payload):
    """Return what is read, or ``None`` for a refusal; anything else escapes."""
    try:
        return decode(payload)
    except Refused as refused:
        assert refused.code in REFUSALS  # noqa: PT017 - all others must escape
        return None


def come_back(words):
    json.dumps(words, ensure_ascii=False)
    assert decode(encode(words["scheme"], words)) == words


def test_every_scheme_is_among_the_examples_or_tested_elsewhere():
    assert {decode(good)["scheme"] for good in GOOD} | {"emv", "paynow", "duitnow", "qris", "fps", "qrph"} == set(
        SCHEMES
    )


@given(st.text(max_size=200))
@example("\ud800")
@example("00020")
@example("0" * 40)
@example("V" * 500)
@example("SPC\n" + "\n" * 30)
@example("BCD\n002\n1\nSCT")
@example("SPD*1.0*")
@example("upi://pay?")
@example("https://")
def test_any_text_is_read_or_refused(text):
    words = read(text)
    if words:
        come_back(words)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(raw):
    read(raw)


@settings(max_examples=400)
@given(st.sampled_from(GOOD), st.data())
def test_a_good_code_with_a_piece_replaced_is_read_or_refused(good, data):
    start = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(start, min(len(good), start + 12)))
    piece = data.draw(st.text(st.sampled_from("0123456789ABCabc*:&=%+-., \n\tž禾²\ud800"), max_size=6))
    words = read(good[:start] + piece + good[end:])
    if words:
        come_back(words)


FIELD = st.tuples(
    st.sampled_from(
        ["01", "15", "26", "27", "29", "30", "38", "51", "52", "53", "54", "55", "58", "59", "62", "64", "81"]
    ),
    st.text(st.sampled_from("0123456789.ABNC禾²"), min_size=1, max_size=30),
)


@given(st.lists(FIELD, unique_by=lambda one: one[0], max_size=8))
def test_any_well_sealed_fields_are_read_or_refused(fields):
    body = "000201" + tlv.write(fields) + "6304"
    words = read(body + tlv.crc(body))
    if words:
        come_back(words)


@given(st.dictionaries(st.sampled_from(["26.00", "26.01", "29.00", "54", "60", "62.05"]), st.text(max_size=20)))
def test_any_values_in_a_right_frame_are_read_or_refused(values):
    from shared.paycode import emv

    frame = {"26.00": "x", "52": "0000", "53": "156", "58": "CN", "59": "HETAI", "60": "HANGZHOU"}
    try:
        payload = emv.encode_paths({**frame, **values})
    except Refused as refused:
        assert refused.code == "paycode_field"  # noqa: PT017 - all others must escape
        return
    words = read(payload)
    if words:
        come_back(words)


@given(st.lists(st.text(max_size=8), max_size=30))
def test_any_table_in_a_square_is_read_or_refused(table):
    import struct
    import zlib

    plain = "\t".join(table).encode(errors="replace")
    plain = struct.pack("<I", zlib.crc32(plain)) + plain
    words = read(paybysquare._base32(b"\x00\x00" + struct.pack("<H", len(plain)) + paybysquare._compress(plain)))
    if words:
        come_back(words)


@given(
    st.sampled_from(sorted(SCHEMES)),
    st.dictionaries(st.text(max_size=12), st.text(max_size=12) | st.integers(), max_size=5),
)
def test_any_words_are_written_or_refused(scheme, words):
    try:
        encode(scheme, words)
    except Refused as refused:
        assert refused.code.startswith(("paycode_", "amount_", "currency_"))  # noqa: PT017 - all others must escape


@settings(max_examples=60)
@given(st.integers(1, 10**10), st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=16))
def test_amount_and_reference_come_back_from_every_scheme(amount_minor, body):
    from shared.money import decimal_text

    amount, reference = decimal_text(amount_minor, "EUR"), rf_reference(body)
    for scheme, words in (
        ("pix", {"key": "x", "name": "H", "city": "C"}),
        ("paynow", {"payee": "T00AA0000A"}),
        ("epc", {"name": "H", "iban": "BE72000000001616"}),
        ("paybysquare", {"iban": "SK9611000000002918599669"}),
        ("upi", {"payee": "h@npci"}),
    ):
        found = decode(encode(scheme, {**words, "amount": amount, "reference": reference}))
        assert (found["scheme"], found["amount"], found["reference"]) == (scheme, amount, reference)
