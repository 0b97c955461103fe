"""Identifiers, receipt numbers and references."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.ident import (
    ReceiptNumber,
    check_character,
    device_series,
    is_rf_reference,
    is_uuid,
    parse_receipt_number,
    rf_reference,
    uuid7,
)
from shared.refusal import Refused

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SERIES = st.integers(0, 40_000).map(device_series)


def test_a_uuid7_holds_its_time_and_version():
    id = UUID(uuid7(1_790_000_000_123))
    assert (id.version, id.variant) == (7, "specified in RFC 4122")
    assert id.int >> 80 == 1_790_000_000_123


def test_a_frozen_clock_makes_no_id_twice():
    assert len({uuid7(1_790_000_000_000) for _ in range(10_000)}) == 10_000


@given(st.integers(0, 2**48 - 2))
def test_later_ids_sort_later(ms):
    assert uuid7(ms) < uuid7(ms + 1)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("019a0000-0000-7000-8000-000000000000", True),
        ("019A0000-0000-7000-8000-000000000000", False),
        ("019a0000000070008000000000000000", False),
        ("{019a0000-0000-7000-8000-000000000000}", False),
        ("", False),
        ("x" * 36, False),
        ("019a0000-0000-7000-8000-00000000000\x00", False),
        (None, False),
        (7, False),
    ],
)
def test_only_the_usual_form_is_a_uuid(text, right):
    assert is_uuid(text) is right


@pytest.mark.parametrize(
    ("series", "counter", "printed"),
    [("A00", 1, "A00-000001-"), ("A7K", 123, "A7K-000123-"), ("ZZ", 1_234_567, "ZZ-1234567-")],
)
def test_a_receipt_number_is_printed_with_its_check_character(series, counter, printed):
    text = str(ReceiptNumber(series, counter))
    assert text[:-1] == printed
    assert parse_receipt_number(text) == ReceiptNumber(series, counter)
    assert parse_receipt_number(f"  {text.lower()} ") == ReceiptNumber(series, counter)


def test_the_check_character_is_iso_7064_mod_37_36():
    assert check_character("A12425GABC1234002") == "M"  # GRid standard v2.1: A1-2425G-ABC1234002-M


@given(SERIES, st.integers(1, 10**9), st.data())
def test_any_single_wrong_character_is_found(series, counter, data):
    text = str(ReceiptNumber(series, counter))
    places = [i for i, c in enumerate(text) if c != "-"]
    at = data.draw(st.sampled_from(places))
    wrong = data.draw(st.sampled_from([c for c in ALPHABET if c != text[at]]))
    with pytest.raises(Refused, match="receipt_number_invalid"):
        parse_receipt_number(text[:at] + wrong + text[at + 1 :])


def test_nearly_every_swap_of_neighbours_is_found():
    found = total = 0
    for counter in range(10_000, 12_000):
        body = f"A7K{counter:06d}"
        for at in range(3, 8):
            if body[at] != body[at + 1]:
                swapped = body[:at] + body[at + 1] + body[at] + body[at + 2 :]
                total += 1
                found += check_character(swapped) != check_character(body)
    assert found > 0.99 * total


@pytest.mark.parametrize(
    "text", ["", "A00-1-X", "A00000001P", "A-000001-P", "A00-00000１-P", "A00-000001-", "x" * 500, "A00-000001-P-"]
)
def test_what_is_no_receipt_number_is_refused(text):
    with pytest.raises(Refused, match="receipt_number_invalid"):
        parse_receipt_number(text)


@pytest.mark.parametrize(
    ("body", "reference"), [("539007547034", "RF18539007547034"), ("A00-000001-P", None), ("1", None)]
)
def test_references_by_example(body, reference):
    made = rf_reference(body)
    assert is_rf_reference(made)
    assert made == (reference or made)
    assert len(made) <= 25


@pytest.mark.parametrize("body", ["", "中文", "-", "A" * 22])
def test_a_body_that_makes_no_reference_is_refused(body):
    with pytest.raises(Refused, match="reference_invalid"):
        rf_reference(body)


@given(st.text(ALPHABET, min_size=1, max_size=21), st.data())
def test_a_reference_with_one_wrong_digit_or_letter_is_none(body, data):
    # MOD 97-10 finds every wrong digit and every wrong letter; a digit for a letter may pass.
    reference = rf_reference(body)
    at = data.draw(st.integers(2, len(reference) - 1))
    kind = ALPHABET[:10] if reference[at].isdigit() else ALPHABET[10:]
    wrong = data.draw(st.sampled_from([c for c in kind if c != reference[at]]))
    assert not is_rf_reference(reference[:at] + wrong + reference[at + 1 :])


@pytest.mark.parametrize("text", ["", "RF", "RF18", "XX18539007547034", "RF19539007547034", "RF18" + "5" * 22])
def test_what_is_no_reference(text):
    assert not is_rf_reference(text)


def test_a_reference_may_be_spaced_for_reading():
    assert is_rf_reference("rf18 5390 0754 7034")


def test_no_series_comes_twice_or_is_misread():
    made = [device_series(n) for n in range(30_000)]
    assert made[0] == "A00"
    assert len(set(made)) == len(made)
    assert not set("".join(made)) & set("IOU")
    assert {len(series) for series in made} == {3, 6}
