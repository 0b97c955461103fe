"""Chinese and English are complete: no sentence is missing, doubtful, or has other places to fill in."""

import re

import pytest

from tools import i18n

PLACES = re.compile(r"%\(\w+\)[#0 +-]*\d*(?:\.\d+)?[a-zA-Z]|%[sdfr]|\{\w*(?:[:!][^}]*)?\}")


@pytest.fixture(scope="module")
def sources():
    return i18n.extract()


@pytest.fixture(scope="module", params=i18n.LANGUAGES)
def catalogue(request):
    return i18n.read(request.param)


def sentences(catalogue):
    """Return the messages of a catalogue without its header."""
    return [message for message in catalogue if message.id]


def test_every_sentence_of_the_sources_is_in_the_catalogue(sources, catalogue):
    have = {(i18n.parts(message.id), message.context) for message in sentences(catalogue)}
    need = {(i18n.parts(message.id), message.context) for message in sentences(sources)}
    assert need - have == set(), "run `make i18n`"
    assert have - need == set(), "run `make i18n`: these have left the sources"


def test_every_sentence_is_translated(catalogue):
    assert [message.id for message in sentences(catalogue) if not i18n.is_translated(message)] == []


def test_no_translation_is_doubtful(catalogue):
    assert [message.id for message in sentences(catalogue) if message.fuzzy] == []


def test_every_translation_fills_in_the_same_places(catalogue):
    wrong = []
    for message in sentences(catalogue):
        wanted = set(PLACES.findall(i18n.parts(message.id)[-1]))
        wrong += [text for text in i18n.parts(message.string) if text and set(PLACES.findall(text)) != wanted]
    assert wrong == []


def test_every_plural_form_is_there(catalogue):
    plural = [message for message in sentences(catalogue) if isinstance(message.id, tuple)]
    assert [message.id for message in plural if len(i18n.parts(message.string)) != catalogue.num_plurals] == []
