"""Amounts in words, as on a receipt."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.receipt import capital_figures, english_words

DIGITS = "零壹贰叁肆伍陆柒捌玖"


@pytest.mark.parametrize(
    ("minor", "text"),
    [
        # the examples of 正确填写票据和结算凭证的基本规定, ; where two forms are allowed, ours
        (140_950, "壹仟肆佰零玖元伍角整"),
        (600_714, "陆仟零柒元壹角肆分"),
        (168_032, "壹仟陆佰捌拾元叁角贰分"),
        (10_700_053, "壹拾万零柒仟元伍角叁分"),
        (1_640_902, "壹万陆仟肆佰零玖元零贰分"),
        (32_504, "叁佰贰拾伍元零肆分"),
        # zero and less than one
        (0, "零元整"),
        (1, "壹分"),
        (10, "壹角整"),
        (99, "玖角玖分"),
        (100, "壹元整"),
        (101, "壹元零壹分"),
        # runs of zeros
        (1_000_00, "壹仟元整"),
        (1_001_00, "壹仟零壹元整"),
        (10_000_00, "壹万元整"),
        (10_001_00, "壹万零壹元整"),
        (100_010_00, "壹拾万零壹拾元整"),
        (1_000_000_00, "壹佰万元整"),
        (10_000_000_00, "壹仟万元整"),
        (100_000_000_00, "壹亿元整"),
        (100_000_001_00, "壹亿零壹元整"),
        (100_010_000_00, "壹亿零壹万元整"),
        (1_000_000_000_00, "壹拾亿元整"),
        (1_234_567_890_12, "壹拾贰亿叁仟肆佰伍拾陆万柒仟捌佰玖拾元壹角贰分"),
        # 10^12 and above
        (1_000_000_000_000_00, "壹万亿元整"),
        (1_000_000_000_001_00, "壹万亿零壹元整"),
        (1_000_100_000_000_00, "壹万零壹亿元整"),
        (12_345_678_901_234_56, "壹拾贰万叁仟肆佰伍拾陆亿柒仟捌佰玖拾万零壹仟贰佰叁拾肆元伍角陆分"),
    ],
)
def test_capital_figures_by_example(minor, text):
    assert capital_figures(minor) == text


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (1500, "JPY", "壹仟伍佰元整"),
        (1_005, "KWD", "壹元零伍厘"),
        (1_050, "KWD", "壹元零伍分"),
        (1_500, "KWD", "壹元伍角整"),
    ],
)
def test_currencies_with_other_digits(minor, currency, text):
    assert capital_figures(minor, currency) == text


def value(text):
    """Read capital figures back, by a way of its own: 亿 and 万 split, then place by place."""
    whole, _, rest = text.partition("元") if "元" in text else ("", "", text)
    cents = sum(DIGITS.index(d) * {"角": 10, "分": 1}[unit] for d, unit in re.findall(f"([{DIGITS}])([角分])", rest))
    return section(whole) * 100 + cents


def section(text):
    for unit, size in (("亿", 10**8), ("万", 10**4)):
        if unit in text:
            high, _, low = text.rpartition(unit)
            return section(high) * size + section(low)
    places = {"仟": 1000, "佰": 100, "拾": 10, "": 1}
    return sum(DIGITS.index(d) * places[unit] for d, unit in re.findall(f"([{DIGITS}])([仟佰拾]?)", text))


@given(st.one_of(st.integers(0, 10**6), st.integers(0, 9_007_199_254_740_991)))
def test_capital_figures_can_be_read_back(minor):
    assert value(capital_figures(minor)) == minor


@given(st.integers(0, 9_007_199_254_740_991))
def test_no_zero_stands_twice_or_before_a_unit(minor):
    text = capital_figures(minor)
    assert "零零" not in text
    assert minor == 0 or not re.search("零[元万亿拾佰仟角分]", text)


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (0, "CNY", "zero and 00/100 CNY"),
        (120_005, "CNY", "one thousand two hundred and 05/100 CNY"),
        (2_100, "USD", "twenty-one and 00/100 USD"),
        (1_900, "JPY", "one thousand nine hundred JPY"),
        (1_000_001_500, "KWD", "one million one and 500/1000 KWD"),
        (100_000_000_000_00, "CNY", "one hundred billion and 00/100 CNY"),
        (111_213_40, "CNY", "one hundred eleven thousand two hundred thirteen and 40/100 CNY"),
    ],
)
def test_english_words_by_example(minor, currency, text):
    assert english_words(minor, currency) == text


@given(st.integers(0, 9_007_199_254_740_991))
def test_english_words_never_stutter(minor):
    assert "  " not in english_words(minor, "CNY")


@pytest.mark.parametrize("write", [capital_figures, english_words])
def test_a_receipt_never_states_a_negative_amount(write):
    with pytest.raises(ValueError, match="negative"):
        write(-1, "CNY")
