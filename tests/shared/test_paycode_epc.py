"""EPC069-12 codes for euro transfers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.ident import rf_reference
from shared.paycode import epc, payment_code
from shared.refusal import Refused

SETTINGS = {"scheme": "epc", "name": "Hetai Foods Europe GmbH", "iban": "DE33 1002 0500 0001 1947 00"}
REFERENCE = rf_reference("A00000123P")
LINES = ["BCD", "002", "1", "SCT", "", "Hetai", "DE33100205000001194700", "EUR12.30", "", REFERENCE]


def refusal(function, *args):
    with pytest.raises(Refused) as caught:
        function(*args)
    return caught.value.code, *caught.value.values.values()


def test_a_code_is_these_lines():
    assert payment_code(SETTINGS, 128_050, "EUR", REFERENCE).split("\n") == [
        *LINES[:5],
        "Hetai Foods Europe GmbH",
        "DE33100205000001194700",
        "EUR1280.50",
        "",
        REFERENCE,
    ]


@pytest.mark.parametrize(
    ("charset", "codec"),
    [("1", "utf-8"), ("2", "iso8859-1"), ("3", "iso8859-2"), ("5", "iso8859-5"), ("8", "iso8859-15")],
)
def test_bytes_are_read_in_the_character_set_of_line_three(charset, codec):
    name = {"5": "Банк", "3": "Łódź", "8": "€ Käse"}.get(charset, "Käse")
    payload = "\r\n".join([*LINES[:2], charset, *LINES[3:5], name, *LINES[6:]]).encode(codec)
    assert epc.decode(payload).name == name


@pytest.mark.parametrize(
    ("line", "value", "place"),
    [
        (0, "XYZ", "BCD"),
        (1, "003", "version"),
        (2, "9", "charset"),
        (3, "INST", "SCT"),
        (4, "not a bic", "bic"),
        (5, "", "name"),
        (5, "n" * 71, "name"),
        (6, "DE33100205000001194701", "iban"),
        (6, "de33100205000001194700", "iban"),
        (7, "USD12.30", "amount"),
        (7, "EUR12,30", "amount"),
        (7, "EUR0.00", "amount"),
        (7, "EUR1.234", "amount"),
        (8, "TOOLONG", "purpose"),
        (9, "R" * 36, "reference"),
        (9, "RF19539007547034", "reference"),
        (5, "bell\x07", "name"),
    ],
)
def test_a_broken_line_is_named(line, value, place):
    lines = [*LINES[:line], value, *LINES[line + 1 :]]
    assert refusal(epc.decode, "\n".join(lines)) == ("paycode_unreadable", place)


def test_reference_and_text_exclude_each_other():
    assert refusal(epc.decode, "\n".join([*LINES, "and a text"])) == ("paycode_unreadable", "reference")


def test_version_one_needs_a_bic():
    assert refusal(epc.decode, "\n".join(["BCD", "001", *LINES[2:]])) == ("paycode_unreadable", "bic")


@pytest.mark.parametrize(
    ("settings", "amount_minor", "currency", "reference", "expected"),
    [
        (SETTINGS, 0, "EUR", REFERENCE, ("amount_not_positive",)),
        (SETTINGS, 10**11, "EUR", REFERENCE, ("amount_too_large", "1000000000.00")),
        (SETTINGS, 5, "CNY", REFERENCE, ("currency_mismatch", "EUR", "CNY")),
        (SETTINGS, 5, "EUR", "RF00X", ("reference_invalid", "RF00X")),
        ({**SETTINGS, "iban": "DE00"}, 5, "EUR", REFERENCE, ("paycode_setting", "iban")),
        ({"scheme": "epc"}, 5, "EUR", REFERENCE, ("paycode_setting", "name")),
    ],
)
def test_a_transfer_for_the_impossible_is_refused(settings, amount_minor, currency, reference, expected):
    assert refusal(payment_code, settings, amount_minor, currency, reference) == expected


def test_more_than_331_bytes_do_not_fit():
    assert refusal(epc.encode, epc.Transfer("名" * 70, "DE33100205000001194700", 5, text="字" * 100)) == (
        "paycode_field",
        "text",
    )


@given(st.one_of(st.text(max_size=200), st.binary(max_size=200)))
def test_anything_is_read_or_refused(payload):
    with pytest.raises(Refused, match="paycode_unreadable"):
        epc.decode(payload)


@given(st.lists(st.text(max_size=40), max_size=9), st.booleans())
def test_anything_after_a_right_head_is_read_or_refused(lines, as_bytes):
    text = "\n".join(["BCD", "002", "1", "SCT", *lines])
    try:
        epc.decode(text.encode(errors="surrogatepass") if as_bytes else text)
    except Refused as refused:
        assert refused.code == "paycode_unreadable"  # noqa: PT017 - all others must escape


PRINTABLE = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=30)


@given(st.integers(1, 99_999_999_999), PRINTABLE.filter(bool), PRINTABLE)
def test_what_is_written_is_read_back(amount_minor, name, text):
    transfer = epc.Transfer(name, "BE72000000001616", amount_minor, text=text, purpose="CHAR")
    assert epc.decode(epc.encode(transfer)) == transfer
    assert epc.decode(epc.encode(transfer).encode()) == transfer
