"""Every published code is accepted or refused as it should be, and written again as it was."""

import json
from pathlib import Path

import pytest

from shared.paycode import decode, encode
from shared.refusal import Refused

VECTORS = Path(__file__).resolve().parents[3] / "shared" / "vectors" / "paycodes.json"
SCHEMES = {
    "EMVCo": "emv",
    "PIX": "pix",
    "PromptPay": "promptpay",
    "SGQR": "paynow",
    "DuitNow": "duitnow",
    "VietQR": "vietqr",
    "HK FPS": "fps",
    "QRIS": "qris",
    "KHQR": "khqr",
    "QR Ph": "qrph",
    "EPC": "epc",
    "Swiss": "swiss",
    "SPAYD": "spayd",
    "PAY by square": "paybysquare",
    "UPI": "upi",
    "WeChat": "opaque",
}
# Written in one form where several are allowed: EPC as version 002 in UTF-8, SPAYD percent-encoded, LZMA freely.
ONE_FORM = {"epc", "spayd", "paybysquare"}


def vectors(expect):
    if not VECTORS.exists():
        return []
    return [v for v in json.loads(VECTORS.read_text(encoding="utf-8")) if v["expect"] == expect]


pytestmark = pytest.mark.skipif(not VECTORS.exists(), reason="the vectors stand outside the repository")


@pytest.mark.parametrize("vector", vectors("accept"), ids=lambda v: v["id"])
def test_a_good_code_is_recognised_and_written_again(vector):
    words = decode(vector["payload"])
    assert words["scheme"] == next(name for start, name in SCHEMES.items() if vector["scheme"].startswith(start))
    again = encode(str(words["scheme"]), words)
    assert decode(again) == words
    assert again == vector["payload"] or words["scheme"] in ONE_FORM


@pytest.mark.parametrize("vector", [v for v in vectors("accept") if v.get("tlv")], ids=lambda v: v["id"])
def test_the_fields_are_those_that_were_published(vector):
    from shared.paycode import emv

    assert sorted(emv.decode(vector["payload"]).fields) == sorted(tuple(pair) for pair in vector["tlv"])


@pytest.mark.parametrize("vector", vectors("reject"), ids=lambda v: v["id"])
def test_a_bad_code_is_refused(vector):
    with pytest.raises(Refused):
        decode(vector["payload"])
