"""A drawn code is read back by an independent reader."""

from io import BytesIO
from xml.etree import ElementTree as ET

import pytest
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter
from qrcode.constants import ERROR_CORRECT_M
from qrcode.util import lost_point

from shared.ident import rf_reference
from shared.paycode import Signer, decode, encode, image, payment_code
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


SWISS = encode(
    "swiss",
    {
        "iban": "CH5800791123000889012",
        "creditor": {"name": "Hetai Käserei AG", "street": "Rue du Lac", "postal_code": "2501", "town": "Biel"},
        "amount": "1280.50",
        "reference": rf_reference("A00000123P"),
        "message": "Order of 15 June",
    },
)
SIGNER = Signer("usr-7", "11" * 32, lambda _message: "22" * 64)
PICTURED = [
    *CODES,
    SWISS,
    encode("pix", {"key": "fin@hetai.example", "name": "HETAI", "city": "SAO PAULO", "amount": "12.30"}),
    encode("spayd", {"account": "CZ1355000000000000222885", "amount": "5", "message": "žluť"}),
    encode("paybysquare", {"iban": "SK9611000000002918599669", "amount": "5.00"}),
    encode("upi", {"payee": "hetai@npci", "name": "Hetai", "amount": "5.00"}),
    payment_code(
        {"scheme": "paylink", "url": "https://pay.example/c"},
        128_050,
        "CNY",
        rf_reference("A00000123P"),
        request_id="01a2000a-437f-758a-9f46-cab7a7ac6ca4",
        signer=SIGNER,
    ),
]


@pytest.mark.parametrize("payload", PICTURED, ids=lambda payload: payload[:8].replace("\n", "|"))
@pytest.mark.parametrize(("degrees", "blur", "quality"), [(0, 0.0, 90), (17, 0.8, 60), (-25, 1.2, 40), (90, 1.0, 25)])
def test_a_bad_photograph_of_it_is_read_back(payload, degrees, blur, quality):
    picture = Image.open(BytesIO(image.png(payload, module_px=4))).convert("L")
    turned = picture.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    stream = BytesIO()
    turned.filter(ImageFilter.GaussianBlur(blur)).save(stream, "JPEG", quality=quality)
    assert decode(scanned(Image.open(stream)).bytes) == decode(payload)


def test_a_swiss_bill_has_its_cross_in_the_middle():
    picture = Image.open(BytesIO(image.png(SWISS, module_px=8))).convert("L")
    middle, unit = picture.width // 2, (picture.width - 64) / 46
    at = [picture.getpixel((round(middle + x * unit), middle)) for x in (0, 1.7, 2.5, 3.25)]
    assert at == [255, 255, 0, 255]
    assert image.svg(SWISS).count("<path") == 6
    assert image.svg(CODES[0]).count("<path") == 2


@pytest.mark.parametrize("length", [1, 20, 60, 130, 300, 700])
def test_the_mask_is_the_one_that_the_library_chooses(length):
    payload = (CODES[0] * 9)[:length].encode()
    code = image._Code(error_correction=ERROR_CORRECT_M)
    code.add_data(payload)
    code.make()
    slow = [(code.makeImpl(True, pattern), lost_point(code.modules))[1] for pattern in range(8)]
    assert slow[code.best_mask_pattern()] == min(slow)


@pytest.mark.parametrize("module_px", [1, 3, 4])
def test_the_png_is_well_formed(module_px):
    picture = Image.open(BytesIO(image.png(CODES[0], module_px=module_px)))
    picture.load()
    assert (picture.mode, picture.width % module_px, picture.width) == ("1", 0, picture.height)
