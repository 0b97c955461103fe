"""A drawn code is read back by an independent reader."""

from io import BytesIO
from xml.etree import ElementTree as ET

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from shared.ident import rf_reference
from shared.paycode import image, payment_code
from shared.refusal import Refused

EMV = {
    "tag": "26",
    "sub.00": "cn.example.hetai",
    "country": "CN",
    "name": "HETAI",
    "city": "HANGZHOU",
    "language": "zh",
    "local_name": "杭州禾泰食品商贸有限公司",
}
EPC = {"scheme": "epc", "name": "Käserei Müller & Söhne", "iban": "BE72000000001616"}
CODES = [
    payment_code(EMV, 128_050, "CNY", rf_reference("A00000123P")),
    payment_code(EPC, 128_050, "EUR", rf_reference("A00000123P")),
]


def scanned(picture):
    found = zxingcpp.read_barcodes(picture)
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize("payload", CODES)
@pytest.mark.parametrize("module_px", [2, 4, 8])
def test_a_png_is_read_back(payload, module_px):
    found = scanned(Image.open(BytesIO(image.png(payload, module_px=module_px))))
    assert found.bytes.decode() == payload
    assert found.ec_level == "M"


@pytest.mark.parametrize("payload", CODES)
def test_an_svg_is_read_back(payload):
    root = ET.fromstring(image.svg(payload, module_px=6))
    size = int(root.get("viewBox").split()[2])
    assert int(root.get("width")) == 6 * size
    picture = Image.new("L", (size, size), "white")
    for run in root[1].get("d").split("M")[1:]:
        place, length = run.split("h")[:2]
        x, y = map(int, place.split())
        ImageDraw.Draw(picture).line([x, y, x + int(length.split("v")[0]) - 1, y], fill="black")
    assert scanned(picture.resize((6 * size, 6 * size), Image.Resampling.NEAREST)).bytes.decode() == payload


def test_four_modules_around_stay_white():
    picture = Image.open(BytesIO(image.png(CODES[0], module_px=4))).convert("L")
    inner = picture.point(lambda v: 255 - v).getbbox()
    assert inner == (16, 16, picture.width - 16, picture.height - 16)


def test_a_text_too_long_for_any_code_is_refused():
    with pytest.raises(Refused, match="paycode_too_long"):
        image.svg("x" * 3000)
    with pytest.raises(Refused, match="paycode_too_long"):
        image.png("字" * 1000)
