"""The national schemes on top of EMVCo's structure, one table row each.

Layouts: BACEN "Manual de Padrões para Iniciação do Pix"; Bank of Thailand "Thai QR Payment Standard"; NAPAS "VietQR"
1.5.2; SGQR; PayNet DuitNow QR 1.5; ASPI QRIS; HKICL "Common QR Code Specification"; NBC "KHQR"; PPMI "QR Ph".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from shared.paycode.ask import Ask
from shared.paycode.emv_profile import Profile, Word
from shared.paycode.words import is_printable
from shared.refusal import Refused

_HOUR_MS = 3_600_000


def _thai_mobile(text: str) -> str:
    """Write 081 234 5678 or +66 81 234 5678 as 0066812345678."""
    digits = re.sub("[ -]", "", text)
    return "0066" + digits[1:] if re.fullmatch("0[0-9]{9}", digits) else digits.replace("+66", "0066", 1)


def _hexed(text: str) -> str:
    return text.encode("utf-16-be").hex().upper()


def _unhexed(value: str) -> str:
    try:
        text = bytes.fromhex(value).decode("utf-16-be")
    except ValueError:
        text = "\0"
    if not is_printable(text):
        raise Refused("paycode_unreadable", place="81")
    return text


def _plain(text: str) -> str:
    """Fold accents, as Vietnamese banks want it: "Nguyễn Đức" becomes "Nguyen Duc"."""
    folded = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(c for c in folded if not unicodedata.combining(c))


def _biller(settings: Mapping[str, str], ask: Ask) -> Mapping[str, str]:
    """Carry the reference as the biller's first reference where there is a biller; a transfer has only a label."""
    return {"ref1": ask.plain_reference, "reference": ""} if settings.get("biller") else {}


def _hour(_settings: Mapping[str, str], ask: Ask) -> Mapping[str, str]:
    return {"created_ms": str(ask.now_ms), "expires_ms": str(ask.now_ms + _HOUR_MS)}


PIX = Profile(
    "pix",
    "BR",
    ("BRL",),
    {"@": ("br.gov.bcb.pix",)},
    "26",
    own={
        "key": Word("@.01", "[ -~]{1,77}"),  # CPF, CNPJ, e-mail, +55 mobile or a random UUID
        "message": Word("@.02", "[ -~]{1,72}"),
        "url": Word("@.25", r"[!-~]{1,77}"),
        "reference": Word("62.05", r"\*\*\*|[A-Za-z0-9]{1,25}"),  # the txid, which the statement repeats
    },
    demands=(("@.01", "@.25"), ("52",), ("59",), ("60",)),
    fixed={"52": "0000", "62.05": "***"},
    initiation=False,  # BACEN: 12 would make the code of a key payable once only, which banks do not keep
)
PROMPTPAY = Profile(
    "promptpay",
    "TH",
    ("THB",),
    {"29": ("a000000677010111", "a000000677010114"), "30": ("a000000677010112",)},
    own={
        "mobile": Word("29.01", "0066[0-9]{9}", _thai_mobile),
        "tax_id": Word("29.02", "[0-9]{13}"),
        "ewallet": Word("29.03", "[0-9]{15}"),
        "bank_account": Word("29.04", "[!-~]{1,43}"),
        "biller": Word("30.01", "[0-9]{13,15}"),
        "ref1": Word("30.02", "[A-Za-z0-9]{1,20}"),
        "ref2": Word("30.03", "[A-Za-z0-9]{1,20}"),
        "message": Word("81", "([0-9A-Fa-f]{4}){1,24}", _hexed, _unhexed),
    },
    demands=(("29.01", "29.02", "29.03", "29.04", "30.01"),),
    prepare=_biller,
)
VIETQR = Profile(
    "vietqr",
    "VN",
    ("VND",),
    {"38": ("a000000727",)},
    own={
        "bank": Word("38.01.00", "[0-9]{6}"),
        "account": Word("38.01.01", "[A-Za-z0-9]{1,19}"),
        "service": Word("38.02", "QRIBFTT[AC]|QRCASH|QRPUSH"),
        "name": Word("59", "[ -~]{1,25}", _plain),
        "city": Word("60", "[ -~]{1,15}", _plain),
        "reference": Word("62.08", "[ -~]{1,99}", _plain),  # the purpose: what the payee's bank prints
    },
    demands=(("38.01.00",), ("38.01.01",)),
    fixed={"38.02": "QRIBFTTA"},
)
PAYNOW = Profile(
    "paynow",
    "SG",
    ("SGD",),
    {"@": ("sg.paynow",)},
    "26",
    own={
        "payee": Word("@.02", "[!-~]{1,30}"),
        "proxy": Word("@.01", "[0-3]"),  # 0 mobile, 2 UEN
        "editable": Word("@.03", "[01]"),
        "expiry": Word("@.04", "[0-9]{8}([0-9]{6})?"),
        "reference": Word("62.01", "[ -~]{1,99}"),  # the bill number, which the statement repeats
    },
    demands=(("@.01",), ("@.02",)),
    fixed={"@.01": "2", "@.03": "0", "52": "0000", "59": "NA", "60": "Singapore"},
    infer=lambda words: {"proxy": "0"} if str(words.get("payee", "")).startswith("+") else {},
)
DUITNOW = Profile(
    "duitnow",
    "MY",
    ("MYR",),
    {"@": ("a0000006150001",)},
    "26",
    own={"acquirer": Word("@.01", "[0-9]{6}"), "merchant_id": Word("@.02", "[ -~]{1,40}")},
    demands=(("@.01",), ("@.02",), ("59",), ("60",)),
    fixed={"00": "02", "52": "0000"},
)
QRIS = Profile(
    "qris",
    "ID",
    ("IDR",),
    {"51": ("id.co.qris.www",)},
    by_country=True,
    own={
        "acquirer": Word("26.00", r"[A-Za-z0-9.-]{1,32}"),
        "pan": Word("26.01", "[0-9]{1,19}"),
        "merchant_id": Word("26.02", "[!-~]{1,15}"),
        "criteria": Word("26.03", "U[A-Z]{2}"),
        "nmid": Word("51.02", "[A-Z0-9]{13,15}"),
    },
    demands=(("59",), ("60",)),
    trims=True,
)
FPS = Profile(
    "fps",
    "HK",
    ("HKD", "CNY"),
    {"@": ("hk.com.hkicl",)},
    "26",
    own={
        "clearing_code": Word("@.01", "[0-9]{3}"),
        "fps_id": Word("@.02", "[0-9]{7}|[0-9]{9}"),
        "mobile": Word("@.03", r"\+[0-9]{1,3}-[0-9]{6,14}"),
        "email": Word("@.04", "[!-~]+@[!-~]+", str.upper),
        "timeout": Word("@.05", "[0-9]{12,14}"),
    },
    demands=(("@.02", "@.03", "@.04"),),
    fixed={"52": "0000", "59": "NA", "60": "HK"},
)
KHQR = Profile(
    "khqr",
    "KH",
    ("USD", "KHR"),
    by_country=True,
    own={
        "account": Word("29.00", "[!-~]{1,32}@[!-~]{1,32}"),
        "account_info": Word("29.01", "[ -~]{1,32}"),
        "bank": Word("29.02", "[ -~]{1,32}"),
        "merchant_account": Word("30.00", "[!-~]{1,32}@[!-~]{1,32}"),
        "merchant_id": Word("30.01", "[ -~]{1,32}"),
        "acquirer": Word("30.02", "[ -~]{1,32}"),
        "reference": Word("62.01", "[ -~]{1,25}"),
        "created_ms": Word("99.00", "[0-9]{13}"),
        "expires_ms": Word("99.01", "[0-9]{13}"),
    },
    demands=(("29.00", "30.00"), ("59",), ("60",)),
    dynamic_demands=("99.00", "99.01"),  # the bank's verify() refuses a code without them
    fixed={"52": "5999", "60": "Phnom Penh"},
    trims=True,
    prepare=_hour,
)
QRPH = Profile(
    "qrph",
    "PH",
    ("PHP",),
    {"28": ("ph.ppmi.p2m",), "27": ("com.p2pqrpay", "ph.ppmi.p2m")},
    own={
        "bank": Word("28.01", "[A-Z0-9]{8,11}"),
        "merchant_id": Word("28.03", "[ -~]{1,40}"),
        "account": Word("28.04", "[ -~]{1,40}"),
        "person_bank": Word("27.01", "[A-Z0-9]{8,11}"),
        "person_account": Word("27.04", "[ -~]{1,40}"),
    },
    demands=(("28.01", "27.01"), ("59",), ("60",)),
    fixed={"52": "0000"},
)
EMV = Profile("emv", demands=(("52",), ("59",), ("60",)), fixed={"52": "0000"})
NATIONAL = (PIX, PROMPTPAY, VIETQR, PAYNOW, DUITNOW, FPS, KHQR, QRPH, QRIS)
