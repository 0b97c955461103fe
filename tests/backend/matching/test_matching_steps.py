"""The matching steps and their decision, as tables of examples."""

import random
from datetime import date

import pytest

from backend.matching import amount, pipeline, reference
from backend.matching.spelling import named, spellings
from shared.ident import ReceiptNumber, rf_reference
from shared.matching import BankLine, Expected

NUMBER = str(ReceiptNumber("A7K", 123))
RF = rf_reference("A7K000123P")
DAY = date(2026, 3, 2)


def line(text="", *, id="l1", amount_minor=10_000, day=2, account="acc", reference="", currency="CNY"):
    return BankLine(id, account, date(2026, 3, day), amount_minor, currency, "", reference, text)


def money(*references, id="e1", kind="deposit", amount_minor=10_000, account="acc", day=2):
    return Expected(id, kind, "CNY", amount_minor, date(2026, 3, day), account, references)


FOUND = [
    (NUMBER, f"货款 {NUMBER}"),
    (NUMBER, NUMBER.lower()),
    (NUMBER, NUMBER.replace("-", "")),
    (NUMBER, NUMBER.replace("-", " ")),
    (NUMBER, " ".join(NUMBER)),
    (NUMBER, f"付货款{NUMBER.replace('-', '－')}谢谢"),
    (NUMBER, NUMBER.replace("-000123-", "-123-")),
    (NUMBER, f"REF{NUMBER.replace('-', '')}X"),
    (RF, " ".join(RF[i : i + 4] for i in range(0, len(RF), 4))),
    ("SLIP-4711", "deposit slip4711 cash"),
    ("SLIP-4711", "SLIP 47 11"),
    ("123456", "存款单号:123456。"),
]
NOT_FOUND = [
    (NUMBER, NUMBER[:-1] + ("A" if NUMBER[-1] != "A" else "B")),
    (NUMBER, NUMBER.replace("123", "132")),
    ("123456", "6222021234567890"),
    ("12345", "123456"),
    ("1234", "1234"),
    ("SLIP-4711", "SLIP-47110"),
    (NUMBER, ""),
]


@pytest.mark.parametrize(("wanted", "text"), FOUND)
@pytest.mark.parametrize("place", ["text", "reference"])
def test_a_reference_is_found_however_it_is_spelt(wanted, text, place):
    credit = line(text) if place == "text" else line(reference=text)
    assert [p.expected_id for p in reference.propose([credit], [money(wanted)])] == ["e1"]


@pytest.mark.parametrize(("wanted", "text"), NOT_FOUND)
def test_what_only_looks_like_a_reference_is_not_taken_for_one(wanted, text):
    assert reference.propose([line(text)], [money(wanted)]) == []


def test_the_longer_reference_wins_where_two_overlap():
    found = reference.propose([line("123456 7")], [money("123456", id="short"), money("1234567", id="long")])
    assert [p.expected_id for p in found] == ["long"]


def test_a_short_reference_has_no_spelling():
    assert spellings("12-3") == ()


@pytest.mark.parametrize(
    ("day", "found"), [(1, True), (2, True), (9, True), (10, False)], ids=["before", "same", "week", "too late"]
)
def test_an_equal_amount_counts_within_its_window(day, found):
    assert bool(amount.propose([line(day=day)], [money()])) is found


def test_other_accounts_currencies_and_directions_never_match():
    wanted = [money(NUMBER)]
    for credit in (line(NUMBER, account="b"), line(NUMBER, currency="USD"), line(NUMBER, amount_minor=-10_000)):
        assert pipeline.propose([credit], wanted) == ()


def test_one_line_and_one_amount_are_automatic_and_a_tie_is_not():
    assert [p.automatic for p in pipeline.propose([line()], [money()])] == [True]
    two_lines = pipeline.propose([line(id="l1"), line(id="l2")], [money()])
    two_amounts = pipeline.propose([line()], [money(id="e1"), money(id="e2")])
    assert [p.automatic for p in two_lines + two_amounts] == [False] * 4


def test_a_reference_breaks_the_tie():
    found = pipeline.propose([line(NUMBER)], [money(NUMBER, id="e1"), money(id="e2")])
    assert [(p.expected_id, p.rule, p.automatic) for p in found] == [("e1", "reference", True)]


def test_a_named_deposit_of_another_amount_is_a_persons_affair():
    found = pipeline.propose([line(NUMBER, amount_minor=9_900)], [money(NUMBER), money(id="e2", amount_minor=9_900)])
    assert [(p.expected_id, p.automatic) for p in found] == [("e1", False)]


OTHER = str(ReceiptNumber("B2C", 77))
NAMED = [
    (f"货款 {OTHER}", "B2C000077"),
    (OTHER.lower(), "B2C000077"),
    (OTHER.replace("-", " "), "B2C000077"),
    (OTHER.replace("-", ""), "B2C000077"),
    (OTHER.replace("-000077-", "-77-"), "B2C000077"),
    (f"付{OTHER.replace('-', '－')}款", "B2C000077"),
    (" ".join(RF[i : i + 4] for i in range(0, len(RF), 4)) + " thanks", RF),
]


@pytest.mark.parametrize(("text", "start"), NAMED)
def test_a_receipt_number_or_rf_reference_is_recognised_whoever_it_belongs_to(text, start):
    assert [one.startswith(start) for one in named(text)] == [True]


@pytest.mark.parametrize(
    "text",
    [
        OTHER[:-1] + ("A" if OTHER[-1] != "A" else "B"),
        "6222021234567890",
        "20260302000177",
        f"X{OTHER}",
        RF[:-1] + ("1" if RF[-1] != "1" else "2"),
        "SURF12 deposit",
        "",
    ],
)
def test_a_banks_own_numbers_name_no_receipt(text):
    assert named(text) == frozenset()


@pytest.mark.parametrize("text", [text for text, _start in NAMED])
@pytest.mark.parametrize("place", ["text", "reference"])
def test_an_equal_amount_that_names_other_money_is_a_persons_affair(text, place):
    credit = line(text) if place == "text" else line(reference=text)
    found = pipeline.propose([credit], [money("SLIP-4711")])
    assert [(p.rule, p.automatic, "≠" in p.evidence) for p in found] == [("amount", False, True)]


def test_an_equal_amount_that_names_its_own_receipt_is_certain():
    found = amount.propose([line(NUMBER)], [money(NUMBER)])
    assert [(p.probability_bp, p.evidence) for p in found] == [(amount.ALONE_BP, "+0 d")]


def test_a_rejected_pair_is_not_proposed_again():
    assert pipeline.propose([line()], [money()], {("l1", "e1")}) == ()


def test_the_order_of_lines_and_money_does_not_matter():
    lines = [line(id=f"l{i}", amount_minor=100 * (i % 7 + 1), day=2 + i % 3) for i in range(20)]
    wanted = [money(id=f"e{i}", amount_minor=100 * (i % 9 + 1)) for i in range(15)]
    first = pipeline.propose(lines, wanted)
    for seed in range(5):
        random.Random(seed).shuffle(lines)
        random.Random(seed + 99).shuffle(wanted)
        assert pipeline.propose(lines, wanted) == first
