"""Swiss bills, SPAYD, PAY by square, UPI and opaque codes: words to text, text to words, refusals by name."""

import struct
import zlib

import pytest

from shared.ident import rf_reference
from shared.paycode import account, decode, encode, paybysquare, payment_code, swiss
from shared.refusal import Refused

REFERENCE = rf_reference("INV10023")
ADDRESS = {"name": "Hetai Käserei AG", "street": "Rue du Lac", "number": "12", "postal_code": "2501", "town": "Biel"}
BILL = {"iban": "CH5800791123000889012", "creditor": {**ADDRESS, "country": "CH"}, "amount": "3949.75"}
QR_BILL = {**BILL, "iban": "CH4431999123000889012", "reference": "210000000003139471430009017"}
SPAYD = {"account": "CZ5855000000001265098001", "amount": "480.50", "currency": "CZK", "message": "Platba * zboží"}
SQUARE = {"iban": "SK9611000000002918599669", "amount": "100.00", "variable_symbol": "123", "reference": REFERENCE}
UPI = {"payee": "hetai@npci", "name": "Hetai Foods & Co", "reference": REFERENCE, "amount": "10.50", "currency": "INR"}


def refusal(function, *args, **kwargs):
    with pytest.raises(Refused) as caught:
        function(*args, **kwargs)
    return caught.value.code, *caught.value.values.values()


@pytest.mark.parametrize(
    ("scheme", "words"),
    [
        ("swiss", {**BILL, "currency": "CHF", "reference_type": "NON"}),
        ("swiss", {**BILL, "currency": "EUR", "reference": REFERENCE, "reference_type": "SCOR"}),
        ("swiss", {**QR_BILL, "currency": "CHF", "reference_type": "QRR", "debtor": {**ADDRESS, "country": "LI"}}),
        (
            "swiss",
            {**BILL, "currency": "CHF", "reference_type": "NON", "bill_info": "//S1/10/1", "procedure_2": "XY;1"},
        ),
        ("spayd", SPAYD),
        ("spayd", {**SPAYD, "account": "CZ5855000000001265098001+RZBCCZPP", "X-SELF": "ref 1", "checksum": "yes"}),
        ("paybysquare", {**SQUARE, "currency": "EUR", "note": "Ďakujeme", "payee": "Hetai", "invoice_id": "INV-1"}),
        ("paybysquare", {**SQUARE, "currency": "EUR", "further": [{**SQUARE, "currency": "EUR", "amount": "5.00"}]}),
        ("paybysquare", {**SQUARE, "currency": "EUR", "accounts": [{"iban": "BE72000000001616", "bic": "BPOTBEB1"}]}),
        ("paybysquare", {**SQUARE, "currency": "EUR", "standing_order": ["1", "", "m", "20271231"]}),
        ("upi", {**UPI, "mode": "02", "sign": "MEUCIQ+/ab=="}),
        ("opaque", {"payload": "https://qr.example/aggregated?c=88001"}),
        ("epc", {"name": "Hetai", "iban": "BE72000000001616", "reference": REFERENCE, "currency": "EUR"}),
    ],
)
def test_words_come_back_as_they_were_given(scheme, words):
    assert decode(encode(scheme, words)) == {"scheme": scheme, **words}


@pytest.mark.parametrize(
    ("settings", "currency", "word"),
    [
        ({"scheme": "epc", "name": "Hetai", "iban": "BE72 0000 0000 1616"}, "EUR", "reference"),
        ({"scheme": "swiss", "iban": "CH58 0079 1123 0008 8901 2", **ADDRESS}, "CHF", "reference"),
        ({"scheme": "spayd", "iban": "CZ5855000000001265098001"}, "CZK", "message"),
        ({"scheme": "paybysquare", "iban": "SK9611000000002918599669", "payee": "Hetai"}, "EUR", "reference"),
        ({"scheme": "upi", "payee": "hetai@npci", "name": "Hetai"}, "INR", "reference"),
    ],
)
def test_settings_make_a_code_with_amount_and_reference(settings, currency, word):
    words = decode(payment_code(settings, 128_050, currency, REFERENCE))
    assert (words["scheme"], words["amount"], words["currency"]) == (settings["scheme"], "1280.50", currency)
    assert words[word] == REFERENCE


def test_a_qr_iban_takes_the_references_digits():
    settings = {"scheme": "swiss", "iban": QR_BILL["iban"], **ADDRESS}
    words = decode(payment_code(settings, 5, "CHF", rf_reference("31394714300090")))
    assert words["reference"] == account.qr_reference("31394714300090")
    assert refusal(payment_code, settings, 5, "CHF", REFERENCE) == ("paycode_setting", "iban")


def test_an_opaque_code_is_rendered_as_it_is():
    settings = {"scheme": "opaque", "payload": "wxp://f2f0example"}
    assert payment_code(settings, 5, "CNY", REFERENCE) == settings["payload"]


def test_a_swiss_bill_is_these_lines():
    lines = encode("swiss", {**BILL, "message": "July"}).split("\n")
    head = ["SPC", "0200", "1", BILL["iban"], "S", *ADDRESS.values(), "CH", *[""] * 7, "3949.75", "CHF"]
    assert lines == [*head, *[""] * 7, "NON", "", "July", "EPD"]


def test_line_ends_of_windows_are_read():
    text = encode("swiss", QR_BILL)
    assert decode(text.replace("\n", "\r\n")) == decode(text)


def test_spayd_is_percent_encoded():
    assert encode("spayd", SPAYD) == (
        "SPD*1.0*ACC:CZ5855000000001265098001*AM:480.50*CC:CZK*MSG:Platba %2A zbo%C5%BE%C3%AD"
    )


def test_the_spayd_checksum_is_over_the_sorted_keys():
    text = encode("spayd", {"currency": "CZK", "account": "CZ1355000000000000222885", "checksum": "yes"})
    plain = "SPD*1.0*ACC:CZ1355000000000000222885*CC:CZK"
    assert text == f"SPD*1.0*CC:CZK*ACC:CZ1355000000000000222885*CRC32:{zlib.crc32(plain.encode()):08X}"
    assert refusal(decode, text[:-1] + "Z") == ("paycode_checksum",)


def test_upi_is_percent_encoded():
    assert encode("upi", UPI) == (f"upi://pay?pa=hetai@npci&pn=Hetai%20Foods%20%26%20Co&tr={REFERENCE}&am=10.50&cu=INR")


@pytest.mark.parametrize(
    ("scheme", "words", "field"),
    [
        ("swiss", {**BILL, "iban": "CH5800791123000889013"}, "iban"),
        ("swiss", {**BILL, "iban": "DE33100205000001194700"}, "iban"),
        ("swiss", {**BILL, "reference": "210000000003139471430009017"}, "reference"),
        ("swiss", {**QR_BILL, "reference": ""}, "reference"),
        ("swiss", {**QR_BILL, "reference": REFERENCE}, "reference"),
        ("swiss", {**QR_BILL, "reference": "210000000003139471430009018"}, "reference"),
        ("swiss", {**BILL, "reference": "RF19539007547034"}, "reference"),
        ("swiss", {**BILL, "currency": "USD"}, "currency"),
        ("swiss", {**BILL, "creditor": {**ADDRESS, "town": ""}}, "creditor.town"),
        ("swiss", {**BILL, "creditor": {**ADDRESS, "colour": "red"}}, "creditor.colour"),
        ("swiss", {**BILL, "creditor": "Biel"}, "creditor"),
        ("swiss", {**BILL, "debtor": {**ADDRESS, "name": "n" * 71}}, "debtor.name"),
        ("swiss", {**BILL, "message": "m" * 141}, "message"),
        ("swiss", {**BILL, "message": "禾泰"}, "message"),
        ("spayd", {**SPAYD, "account": "CZ5855000000001265098002"}, "account"),
        ("spayd", {**SPAYD, "account": "CZ5855000000001265098001+X"}, "account"),
        ("spayd", {**SPAYD, "other_accounts": "CZ5855000000001265098002"}, "other_accounts"),
        ("spayd", {**SPAYD, "variable_symbol": "12345678901"}, "variable_symbol"),
        ("spayd", {**SPAYD, "message": "m" * 61}, "message"),
        ("spayd", {"amount": "5"}, "account"),
        ("spayd", {**SPAYD, "colour": "red"}, "colour"),
        ("paybysquare", {**SQUARE, "iban": "SK9611000000002918599660"}, "iban"),
        ("paybysquare", {**SQUARE, "bic": "X"}, "bic"),
        ("paybysquare", {**SQUARE, "variable_symbol": "V"}, "variable_symbol"),
        ("paybysquare", {**SQUARE, "further": 5}, "further"),
        ("paybysquare", {**SQUARE, "standing_order": ["1"]}, "standing_order"),
        ("paybysquare", {**SQUARE, "invoice_id": "i" * 11}, "invoice_id"),
        ("upi", {**UPI, "payee": "hetai"}, "payee"),
        ("upi", {"name": "Hetai"}, "payee"),
        ("upi", {**UPI, "currency": "USD"}, "currency"),
        ("upi", {**UPI, "reference": "a b"}, "reference"),
        ("opaque", {"payload": "hello"}, "payload"),
        ("opaque", {"payload": "https://a b"}, "payload"),
        ("epc", {"name": "Hetai"}, "iban"),
        ("epc", {"name": "Hetai", "iban": "BE72000000001616", "currency": "USD"}, "currency"),
    ],
)
def test_a_wrong_word_is_refused_by_name(scheme, words, field):
    assert refusal(encode, scheme, words) == ("paycode_field", field)


@pytest.mark.parametrize("scheme", ["swiss", "spayd", "paybysquare", "upi", "epc"])
@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("1,5", "amount_unreadable"),
        ("0.00", "amount_not_positive"),
        ("-1", "amount_not_positive"),
        ("1.005", "amount_too_precise"),
    ],
)
def test_a_wrong_amount_is_refused(scheme, amount, code):
    words = {"swiss": BILL, "spayd": SPAYD, "paybysquare": SQUARE, "upi": UPI}
    epc = {"name": "Hetai", "iban": "BE72000000001616"}
    assert refusal(encode, scheme, {**words.get(scheme, epc), "amount": amount})[0] == code


SWISS_TEXT = encode("swiss", {**QR_BILL, "debtor": ADDRESS, "message": "July"})


@pytest.mark.parametrize(
    ("line", "value", "place"),
    [
        (1, "0100", "version"),
        (2, "2", "coding"),
        (3, "CH4431999123000889013", "iban"),
        (4, "K", "creditor.type"),
        (5, "", "creditor.name"),
        (8, "", "creditor.postal_code"),
        (10, "Switzerland", "creditor.country"),
        (11, "S", "ultimate_creditor"),
        (18, "3949,75", "amount"),
        (18, "3949.7", "amount"),
        (18, "-1.00", "amount"),
        (18, "0.00", "amount"),
        (19, "USD", "currency"),
        (20, "K", "debtor.type"),
        (27, "SCOR", "reference"),
        (27, "XXX", "reference_type"),
        (28, "210000000003139471430009018", "reference"),
        (30, "END", "EPD"),
    ],
)
def test_a_broken_line_of_a_bill_is_named(line, value, place):
    lines = SWISS_TEXT.split("\n")
    lines[line] = value
    assert refusal(decode, "\n".join(lines)) == ("paycode_unreadable", place)
    assert refusal(swiss.decode, "\n".join(lines[:20])) == ("paycode_unreadable", "lines")


@pytest.mark.parametrize(
    ("payload", "place"),
    [
        ("SPD*2.0*ACC:CZ1355000000000000222885", "SPD*1.0"),
        ("SPD*1.0*ACC:CZ1355000000000000222886", "ACC"),
        ("SPD*1.0*AM:5.00", "ACC"),
        ("SPD*1.0*ACC:CZ1355000000000000222885*AM:5,00", "AM"),
        ("SPD*1.0*ACC:CZ1355000000000000222885*AM:5.005", "AM"),
        ("SPD*1.0*ACC:CZ1355000000000000222885*AM:-5", "AM"),
        ("SPD*1.0*ACC:CZ1355000000000000222885*AM:0.00", "AM"),
        ("SPD*1.0*ACC:CZ1355000000000000222885*AM:5*AM:6", "AM"),
        ("SPD*1.0*ACC:CZ1355000000000000222885*AM:1.50*CC:JPY", "AM"),
        ("SPD*1.0*ACC:CZ1355000000000000222885*CC:BZK", "CC"),
        ("SPD*1.0*ACC:CZ1355000000000000222885*MSG:%FF", "MSG"),
        ("SPD*1.0*ACC:CZ1355000000000000222885*colour:red", "colour"),
        ("SPD*1.0*ACC:CZ1355000000000000222885**", ""),
        ("upi://pay?pn=Hetai", "pa"),
        ("upi://pay?pa=hetai@npci&am=1,5", "am"),
        ("upi://pay?pa=hetai@npci&am=1.005", "am"),
        ("upi://pay?pa=hetai@npci&am=0", "am"),
        ("upi://pay?pa=hetai@npci&am=-5", "am"),
        ("upi://pay?pa=hetai@npci&cu=USD", "cu"),
        ("upi://pay?pa=hetai@npci&pa=other@npci", "pa"),
        ("upi://pay?pa=hetai@npci&pn=%FF", "pn"),
        ("upi://pay?pa=hetai@npci&pn=禾", "pn"),
        ("upi://pay?pa=hetai@npci&payee=other@npci", "payee"),
        ("upi://collect?pa=hetai@npci", "upi://pay"),
        ("https://a b", "scheme"),
        ("hello", "63"),
        ("", "63"),
    ],
)
def test_a_broken_text_is_refused_with_its_place(payload, place):
    assert refusal(decode, payload) == ("paycode_unreadable", place)


def squared(table, *, length=None, crc=None):
    plain = struct.pack("<I", zlib.crc32(table) if crc is None else crc) + table
    size = struct.pack("<H", len(plain) if length is None else length)
    return paybysquare._base32(b"\x01\x00" + size + paybysquare._compress(plain))


TABLE = b"\t1\t1\t100\tEUR\t\t123\t\t\t\t\t1\tSK9611000000002918599669\t\t0\t0\tHetai\t\t"


def test_the_sealing_of_these_examples_is_right():
    assert decode(squared(TABLE))["amount"] == "100.00"
    assert decode(squared(TABLE, length=60_000))["payee"] == "Hetai"


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (squared(TABLE, crc=5), ("paycode_checksum",)),
        (squared(TABLE, length=20), ("paycode_checksum",)),
        (squared(TABLE, length=0), ("paycode_unreadable", "length")),
        ("2" + squared(TABLE)[1:], ("paycode_unreadable", "63")),
        (squared(TABLE)[:30], ("paycode_checksum",)),
        (squared(TABLE.replace(b"100\tEUR", b"1,5\tEUR")), ("paycode_unreadable", "amount")),
        (squared(TABLE.replace(b"100\tEUR", b"1.005\tEUR")), ("paycode_unreadable", "amount")),
        (squared(TABLE.replace(b"100\tEUR", b"0.00\tEUR")), ("paycode_unreadable", "amount")),
        (squared(TABLE.replace(b"100\tEUR", b"-5\tEUR")), ("paycode_unreadable", "amount")),
        (squared(TABLE.replace(b"9669", b"9660")), ("paycode_unreadable", "iban")),
        (squared(TABLE.replace(b"\t1\t1\t", b"\t0\t1\t", 1)), ("paycode_unreadable", "payments")),
        (squared(TABLE.replace(b"\t1\t1\t", b"\t1\tx\t", 1)), ("paycode_unreadable", "options")),
        (squared(TABLE + b"\tmore"), ("paycode_unreadable", "fields")),
        (squared(TABLE[:20]), ("paycode_unreadable", "note")),
        (squared(b"\xff" + TABLE), ("paycode_unreadable", "encoding")),
        (squared(b"\t" * 400), ("paycode_unreadable", "fields")),
    ],
)
def test_a_broken_square_is_refused(payload, expected):
    assert refusal(decode, payload) == expected


def test_the_swiss_check_digit_is_right():
    assert account.is_qr_reference("210000000003139471430009017")
    assert not any(account.is_qr_reference(f"21000000000313947143000901{digit}") for digit in "012345689")


def test_bytes_are_read_as_utf_8():
    assert decode(encode("spayd", SPAYD).encode())["message"] == SPAYD["message"]
    assert refusal(decode, b"\xff\xfe") == ("paycode_unreadable", "encoding")
