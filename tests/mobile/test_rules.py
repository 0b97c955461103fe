"""The phone's pure rules: typing an amount, choosing what it pays, the order worth doing, words and colours."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobile import entry as entries
from mobile import theme
from mobile.entry import Entry
from mobile.receipt_text import in_words
from mobile.session import SyncState
from mobile.store.customer import Owing
from mobile.widgets.sync_chip import chip_words
from mobile.wording import percent, why
from mobile.worth import visits
from shared import language
from shared.invoice import Invoice

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("keys", "currency", "typed", "amount_minor"),
    [
        ("1200", "CNY", "1200", 120_000),
        ("12.5", "CNY", "12.5", 1_250),
        ("12.505", "CNY", "12.50", 1_250),
        (".5", "CNY", "0.5", 50),
        ("007", "CNY", "7", 700),
        ("0", "CNY", "0", 0),
        ("1..2", "CNY", "1.2", 120),
        ("12<<3", "CNY", "3", 300),
        ("<", "CNY", "", 0),
        ("12.5", "JPY", "125", 125),
        ("1.2345", "KWD", "1.234", 1_234),
        ("9" * 30, "CNY", "9" * 12, 99_999_999_999_900),
    ],
)
def test_keys_type_an_amount_that_the_currency_can_have(keys, currency, typed, amount_minor):
    entry = Entry("id", currency)
    for key in keys:
        entry = entries.press(entry, "back" if key == "<" else key)
    assert (entry.typed, entry.amount_minor) == (typed, amount_minor)


def invoices():
    made = [("a", 10, 500, date(2026, 10, 1)), ("b", 20, 300, date(2026, 11, 1)), ("c", 30, 200, date(2026, 12, 1))]
    return [Invoice(i, "k", i.upper(), "invoice", date(2026, 9, 1), due, "CNY", 999, left) for i, _, left, due in made]


def parts(entry):
    return [(part.invoice_id, part.amount_minor) for part in entries.allocations(entry, invoices())]


def test_the_oldest_is_paid_first_unless_the_customer_chooses():
    entry = entries.fill(Entry("id", "CNY"), 600)
    assert parts(entry) == [("a", 500), ("b", 100)]
    assert parts(entries.fill(entry, 600, ("c", "b"))) == [("b", 300), ("c", 200)]
    assert parts(entries.edit(entry, invoices(), "c", 50)) == [("a", 500), ("b", 100), ("c", 50)]
    assert parts(entries.edit(entry, invoices(), "a", 0)) == [("b", 100)]


def test_only_what_is_past_due_counts_as_overdue():
    assert entries.overdue(invoices(), "CNY", TODAY) == (800, ("a", "b"))
    assert entries.overdue(invoices(), "USD", TODAY) == (0, ())
    assert entries.total(invoices(), "CNY") == 1_000


@given(amount=st.integers(0, 10**12))
def test_a_chip_types_exactly_its_amount(amount):
    assert entries.fill(Entry("id", "CNY"), amount).amount_minor == amount


@given(amount=st.integers(1, 2_000), chosen=st.sets(st.sampled_from("abc")))
def test_what_is_proposed_never_exceeds_the_amount_or_an_invoice(amount, chosen):
    found = parts(entries.fill(Entry("id", "CNY"), amount, tuple(chosen)))
    left = {one.id: one.open_minor for one in invoices()}
    assert sum(part for _, part in found) <= amount
    assert all(0 < part <= left[key] for key, part in found)


def test_a_draft_is_read_back_and_a_broken_one_begun_afresh():
    entry = Entry("id", "CNY", "12.5", "cheque", ("a",), (("a", 100),), "CHQ")
    fresh = Entry("new", "CNY")
    assert entries.from_draft(entries.to_draft(entry), fresh) == entry
    assert entries.from_draft({}, fresh) == fresh
    assert entries.from_draft({"typed": "1"}, fresh) == fresh
    assert entries.from_draft({"id": "x", "parts": [1]}, fresh) == fresh


def owing(number, overdue, due, balance=None):
    left = overdue if balance is None else balance
    return Owing(number, number, number, "A", "CNY", False, False, left, overdue, due, 1)


def test_overdue_money_comes_first_by_amount_and_age_then_what_falls_due():
    found = visits(
        [
            owing("soon", 0, date(2026, 11, 24), 900),
            owing("today", 0, TODAY, 5),
            owing("small-old", 100, date(2026, 1, 1)),
            owing("large", 10_000, date(2026, 11, 11)),
            owing("later", 0, date(2027, 1, 1), 900),
            owing("paid", 0, None, 0),
            owing("in-credit", 50, date(2026, 11, 1), -10),
        ],
        TODAY,
    )
    assert [visit.customer.number for visit in found] == ["large", "small-old", "today", "soon"]
    assert [why(visit) for visit in found] == ["10 days overdue", "324 days overdue", "Due today", "Due in 3 days"]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (SyncState(), "Not synced yet"),
        (SyncState(synced_at_ms=1_795_228_920_000), "Synced 10:42"),
        (SyncState(synced_at_ms=1, failure="network"), "Offline"),
        (SyncState(unsent=3, unsent_minor=420_000, failure="network"), "3 to send ¥4,200.00"),
        (SyncState(unsent=1), "1 to send"),
        (SyncState(unsent=3, attention=1), "1 record needs you"),
        (SyncState(failure="auth"), "Sign in again"),
    ],
)
def test_the_chip_says_what_matters_most(state, words):
    assert chip_words(state, "CNY", "Asia/Shanghai", 1_795_230_000_000)[0] == words


def test_amounts_in_words_in_both_languages():
    assert in_words(200_050, "CNY") == "Two thousand and 50/100 CNY"
    language.choose_default("zh_CN")
    assert in_words(200_050, "CNY") == "人民币贰仟元伍角整"


def test_rates_are_written_without_trailing_zeros():
    assert [percent(bp) for bp in (150, 100, 5, 1_000, 0)] == ["1.5%", "1%", "0.05%", "10%", "0%"]


def luminance(colour):
    def linear(channel):
        value = channel / 255
        return value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[i : i + 2], 16)) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colours", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        *(
            (ink, ground)
            for ink in ("primary", "secondary", "tertiary", "error", "on_surface", "on_surface_variant")
            for ground in ("surface", "surface_container_low", "surface_container_high")
        ),
        ("on_primary", "primary"),
        ("on_error_container", "error_container"),
        ("on_secondary_container", "secondary_container"),
        ("on_inverse_surface", "inverse_surface"),
    ],
)
def test_every_text_can_be_read_in_bright_sun(colours, ink, ground):
    light, dark = sorted((luminance(colours[ink]), luminance(colours[ground])), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_an_entry_in_another_method_keeps_its_amount():
    assert replace(Entry("id", "CNY", "5"), method="code").amount_minor == 500
