"""The signed pay link: an https address that carries amount and reference, made and signed on a phone without network.

It is opened by the payer's own phone, and valid before its operation has reached the server: whoever opens it asks
the server, which knows whether the key in it belongs to a device of the collector. Layout, in this order:

    https://pay.example/c?m=COLLECTOR&r=REQUEST&a=1280.50&cu=CNY&x=1795285293&f=RF18A00000123P&k=KEY&s=SIGNATURE

``x`` is the expiry in Unix seconds, ``f`` the ISO 11649 reference (may be absent), ``k`` the device's raw Ed25519
public key and ``s`` its signature, both in base64url without padding. Signed is the canonical text: the line
"fieldtill-pay-1" and the address up to, but without, "&s=". A link is read only if writing it gives the same text.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from shared.ident import is_rf_reference
from shared.money import decimal_text
from shared.paycode.ask import Ask, Signer
from shared.paycode.words import Words, amount_of, texts
from shared.refusal import Refused

Verify = Callable[[str, bytes, str], bool]  # public key in hex, message, signature in hex: as sync.signing.verify
_SPEECH = b"fieldtill-pay-1\n"
_URL = re.compile(r"https://[a-z0-9.-]{1,100}(:[0-9]{2,5})?(/[A-Za-z0-9._~-]+)*/?")
_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")
_KEYS = {"m": "collector", "r": "request", "a": "amount", "cu": "currency", "x": "expires"}
_KEYS |= {"f": "reference", "k": "public_key", "s": "signature"}
_LINK = re.compile(
    r"(?P<url>https://[^?#]{1,300})\?m=(?P<collector>[^&]*)&r=(?P<request>[^&]*)&a=(?P<amount>[^&]*)&cu=(?P<currency>[^&]*)"
    r"&x=(?P<expires>[^&]*)(&f=(?P<reference>[^&]*))?&k=(?P<public_key>[^&]*)&s=(?P<signature>[^&]*)"
)
_DEFAULT_MINUTES = "1440"
_MOST_SECONDS = 99_999_999_999


@dataclass(frozen=True, slots=True)
class PayLink:
    """One link. Key and signature are in hex (64 and 128 digits); ``expires`` is in Unix seconds."""

    url: str
    collector: str
    request: str
    amount_minor: int
    currency: str
    expires: int
    reference: str = ""
    public_key: str = ""
    signature: str = ""

    @property
    def message(self) -> bytes:
        """The canonical text that is signed."""
        return _SPEECH + self._unsigned().encode()

    def text(self) -> str:
        """Write the link."""
        return f"{self._unsigned()}&s={_packed(self.signature)}"

    def _unsigned(self) -> str:
        amount = decimal_text(self.amount_minor, self.currency)
        reference = f"&f={self.reference}" if self.reference else ""
        return (
            f"{self.url}?m={self.collector}&r={self.request}&a={amount}&cu={self.currency}&x={self.expires}"
            f"{reference}&k={_packed(self.public_key)}"
        )


def from_settings(settings: Mapping[str, str], ask: Ask) -> str:
    """Make and sign a link from a company's settings: ``url``, and ``minutes`` of validity (1440 when absent).

    Refuses ``paycode_setting`` with the key named ("signer" where no device key is at hand).
    """
    minutes = settings.get("minutes", _DEFAULT_MINUTES)
    if ask.signer is None:
        raise Refused("paycode_setting", field="signer")
    if not re.fullmatch("[1-9][0-9]{0,5}", minutes):
        raise Refused("paycode_setting", field="minutes")
    link = PayLink(
        settings.get("url", ""),
        ask.signer.collector,
        ask.request_id,
        ask.amount_minor,
        ask.currency,
        ask.now_ms // 1000 + int(minutes) * 60,
        ask.plain_reference,
    )
    try:
        return encode(sign(link, ask.signer))
    except Refused as refused:
        if refused.code == "paycode_field":
            raise Refused("paycode_setting", field=refused.values["field"]) from None
        raise


def sign(link: PayLink, signer: Signer) -> PayLink:
    """Return the link signed by a device's key."""
    known = replace(link, public_key=signer.public_key)
    _check_key(known)
    return replace(known, signature=signer.sign(known.message))


def verify(link: PayLink, verified: Verify, now_ms: int) -> None:
    """Refuse ``paylink_altered`` when the signature is not the key's, and ``paylink_expired``.

    That the key is a device's of the collector, and the request unpaid, only the server can say.
    """
    if not verified(link.public_key, link.message, link.signature):
        raise Refused("paylink_altered")
    if link.expires * 1000 < now_ms:
        raise Refused("paylink_expired")


def from_words(words: Words) -> PayLink:
    """Read a link from words; refuses ``paycode_field`` with the word named, and amounts."""
    names = ("url", *_KEYS.values())
    given = texts({word: value for word, value in words.items() if word != "scheme"}, names)
    missing = next((name for name in names[:6] if name not in given), None)
    expires = given.pop("expires", "")
    if missing or not re.fullmatch("[1-9][0-9]{0,10}", expires):
        raise Refused("paycode_field", field=missing or "expires")
    minor = amount_of(given.pop("amount"), given["currency"])
    return PayLink(**given, amount_minor=minor, expires=int(expires))


def to_words(link: PayLink) -> dict[str, object]:
    """Return a link's words, an absent reference left out."""
    words: dict[str, object] = {name: getattr(link, name) for name in ("url", "collector", "request")}
    words |= {"amount": decimal_text(link.amount_minor, link.currency), "currency": link.currency}
    words |= {"expires": str(link.expires)} | ({"reference": link.reference} if link.reference else {})
    return {**words, "public_key": link.public_key, "signature": link.signature}


def encode(link: PayLink) -> str:
    """Write a signed link; refuses ``paycode_field`` with the field named."""
    wrong = _wrong_field(link)
    if wrong:
        raise Refused("paycode_field", field=wrong)
    return link.text()


def is_link(payload: str) -> bool:
    """Say whether an address is meant to be a pay link, so that a spoilt one is refused and not taken for another."""
    return payload.startswith("https://") and all(f"{key}=" in payload for key in ("?m", "&r", "&a", "&cu", "&x"))


def decode(payload: str) -> PayLink:
    """Read a link without judging its signature (``verify`` does); refuses ``paycode_unreadable``."""
    found = _LINK.fullmatch(payload)
    if not found:
        raise Refused("paycode_unreadable", place="paylink")
    values = {**found.groupdict(""), "public_key": _hex(found["public_key"]), "signature": _hex(found["signature"])}
    try:
        link = from_words(values)
    except Refused as refused:
        raise Refused("paycode_unreadable", place=refused.values.get("field", "amount")) from None
    wrong = _wrong_field(link) or ("canonical" if link.text() != payload else "")
    if wrong:
        raise Refused("paycode_unreadable", place=wrong)
    return link


def _packed(digits: str) -> str:
    return base64.urlsafe_b64encode(bytes.fromhex(digits)).rstrip(b"=").decode()


def _hex(text: str) -> str:
    try:
        return base64.urlsafe_b64decode(text.encode("ascii") + b"==").hex()
    except ValueError:
        return "-"


def _check_key(link: PayLink) -> None:
    if not re.fullmatch("[0-9a-f]{64}", link.public_key):
        raise Refused("paycode_field", field="public_key")


def _wrong_field(link: PayLink) -> str:
    """Return the name of the first field that breaks its form, or ""."""
    checks = (
        ("url", bool(_URL.fullmatch(link.url))),
        ("collector", bool(_ID.fullmatch(link.collector))),
        ("request", bool(_ID.fullmatch(link.request))),
        ("amount", link.amount_minor > 0),
        ("expires", 0 < link.expires <= _MOST_SECONDS),
        ("reference", not link.reference or (is_rf_reference(link.reference) and link.reference.isalnum())),
        ("public_key", bool(re.fullmatch("[0-9a-f]{64}", link.public_key))),
        ("signature", bool(re.fullmatch("[0-9a-f]{128}", link.signature))),
    )
    return next((name for name, right in checks if not right), "")
