"""The bundled fonts show every character that a customer, an amount or a sentence can hold."""

from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from tools import fonts, i18n

FOLDER = Path(__file__).resolve().parents[2] / "assets" / "fonts"
FACES = ("NotoSansSC-Regular.otf", "NotoSansSC-Bold.otf", "NotoSansSC-Regular.woff2", "NotoSansSC-Bold.woff2")


@pytest.fixture(scope="module", params=FACES)
def face(request):
    with TTFont(FOLDER / request.param, lazy=True) as font:
        yield font


def missing(face, points):
    return "".join(map(chr, sorted(set(points) - set(face.getBestCmap()))))


def test_a_font_covers_gb2312(face):
    assert len(fonts.gb2312()) > 7000
    assert missing(face, fonts.gb2312()) == ""


def test_a_font_covers_the_signs_and_capital_figures(face):
    assert missing(face, map(ord, fonts.SIGNS + "壹贰叁肆伍陆柒捌玖拾佰仟万亿圆角分整零¥￥€£₹฿₱₫៛")) == ""


def test_all_figures_are_equally_wide(face):
    cmap = face.getBestCmap()
    assert len({face["hmtx"][cmap[ord(figure)]][0] for figure in "0123456789"}) == 1


def test_a_font_covers_every_sentence(face):
    texts = [
        text for language in i18n.LANGUAGES for message in i18n.read(language) for text in i18n.parts(message.string)
    ]
    assert missing(face, {ord(sign) for text in texts for sign in text if sign.isprintable()}) == ""
