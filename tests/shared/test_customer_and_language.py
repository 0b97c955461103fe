"""Search keys, and the language of a sentence."""

import asyncio

import pytest

from shared import language
from shared.customer import found_by, search_key
from shared.refusal import REFUSALS, Refused, sentence

KEY = search_key("C0042", "禾泰便利店", "hetaibianlidian htbld", "13800000042")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", True),
        ("禾泰", True),
        ("HTBLD", True),
        ("htb c0042", True),
        ("hetai 0042", True),
        ("1380000", True),
        ("和泰", False),
        ("htb c0043", False),
        ("  ", True),
    ],
)
def test_every_word_must_be_found(query, found):
    assert found_by(KEY, query) is found


@pytest.fixture
def english():
    language.choose_default("en")
    language.choose(None)
    yield
    language.choose(None)
    language.choose_default("en")


def test_an_unknown_language_is_english(english):
    language.choose_default("tlh")
    assert language.current() == "en"
    language.choose("tlh")
    assert language.current() == "en"


def test_a_request_chooses_over_the_process(english):
    language.choose_default("zh_CN")
    assert language.current() == "zh_CN"
    language.choose("en")
    assert language.current() == "en"
    language.choose(None)
    assert language.current() == "zh_CN"


async def test_two_requests_at_once_keep_their_own_language(english):
    async def one(chosen):
        language.choose(chosen)
        await asyncio.sleep(0)
        return language.current()

    assert await asyncio.gather(one("zh_CN"), one("en")) == ["zh_CN", "en"]


def test_places_are_filled_in(english):
    assert language._("Only %(in_hand)s is in hand.", in_hand="¥5.00") == "Only ¥5.00 is in hand."
    assert language._("") == ""
    assert language._("100 %") == "100 %"


@pytest.mark.parametrize(("count", "text"), [(1, "1 line"), (2, "2 lines"), (0, "0 lines")])
def test_counts_choose_their_form(english, count, text):
    assert language.ngettext("%(count)s line", "%(count)s lines", count) == text


def test_a_refusal_says_what_is_wrong_and_what_to_do(english):
    refused = Refused("custody_short", in_hand="¥5.00")
    assert refused.what == "Only ¥5.00 is in hand."
    assert refused.next.startswith("Count again.")
    assert str(refused).endswith("[custody_short]")


def test_a_refusal_without_its_values_still_speaks(english):
    assert Refused("custody_short").what == REFUSALS["custody_short"].what
    assert sentence("%(a)d", {"a": "x"}) == "%(a)d"


def test_an_unknown_code_is_a_programming_error():
    with pytest.raises(KeyError):
        Refused("no_such_code")
