"""Payment codes that a customer's bank app or wallet can scan: made, read, and chosen by the company's settings.

Each scheme has words ("amount", "iban" …, see its module) in which ``encode`` takes and ``decode`` returns a code;
``payment_code`` is the short way for the phone and the server.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from shared.clock import SystemClock, to_ms
from shared.paycode import emv, epc, opaque, paybysquare, paylink, profiles, spayd, swiss, upi
from shared.paycode.ask import Ask, Signer
from shared.paycode.emv_profile import Profile
from shared.paycode.words import Words
from shared.refusal import Refused

__all__ = ["SCHEMES", "Ask", "Scheme", "Signer", "decode", "encode", "payment_code"]


class Scheme(NamedTuple):
    """One kind of code: words to text, and a company's settings to text. Reading is ``decode``'s affair."""

    encode: Callable[[Words], str]
    from_settings: Callable[[Mapping[str, str], Ask], str]


def _of(profile: Profile) -> Scheme:
    return Scheme(profile.encode, profile.from_settings)


def _emv(settings: Mapping[str, str], ask: Ask) -> str:
    """Make an EMVCo code over a printed one (``static``), or from the merchant's account."""
    return (profiles.EMV if "static" in settings else emv).from_settings(settings, ask)


SCHEMES: dict[str, Scheme] = {
    "emv": Scheme(profiles.EMV.encode, _emv),
    **{profile.scheme: _of(profile) for profile in profiles.NATIONAL},
    "epc": Scheme(lambda words: epc.encode(epc.from_words(words)), epc.from_settings),
    "swiss": Scheme(lambda words: swiss.encode(swiss.from_words(words)), swiss.from_settings),
    "spayd": Scheme(spayd.encode, spayd.from_settings),
    "paybysquare": Scheme(lambda words: paybysquare.encode(paybysquare.from_words(words)), paybysquare.from_settings),
    "upi": Scheme(upi.encode, upi.from_settings),
    "paylink": Scheme(lambda words: paylink.encode(paylink.from_words(words)), paylink.from_settings),
    "opaque": Scheme(opaque.encode, opaque.from_settings),
}


def payment_code(
    settings: Mapping[str, str],
    amount_minor: int,
    currency: str,
    reference: str,
    *,
    now_ms: int | None = None,
    request_id: str = "",
    signer: Signer | None = None,
) -> str:
    """Make the text of a payment code for an exact amount, to be drawn by ``shared.paycode.image``.

    ``settings`` is the company's ``paycode`` dict: ``scheme`` (a key of ``SCHEMES``, "emv" when absent); the other
    keys are the scheme's words, or those of ``emv.Merchant.read``. ``reference`` is an ISO 11649 reference
    (``ident.rf_reference``). ``now_ms`` dates the codes that expire (the machine's clock when absent); ``request_id``
    and ``signer`` are wanted by "paylink" only. Refuses ``paycode_setting`` (naming the field),
    ``amount_not_positive``, ``amount_too_large``, ``currency_mismatch`` and ``reference_invalid``.
    """
    scheme = SCHEMES.get(settings.get("scheme", "emv"))
    if scheme is None:
        raise Refused("paycode_setting", field="scheme")
    now = to_ms(SystemClock().now()) if now_ms is None else now_ms
    return scheme.from_settings(settings, Ask(amount_minor, currency, reference, now, request_id, signer))


def encode(scheme: str, words: Words) -> str:
    """Make a code of words; refuses ``paycode_field`` naming the word ("scheme" if unknown), and amounts."""
    known = SCHEMES.get(scheme)
    if known is None or words.get("scheme", scheme) != scheme:
        raise Refused("paycode_field", field="scheme")
    return known.encode(words)


def decode(payload: str | bytes) -> dict[str, object]:
    """Recognise and read any code; return its ``scheme`` and its words.

    Refuses ``paycode_unreadable`` with the place named, or ``paycode_checksum``; never raises anything else. The
    signature of a pay link is ``paylink.verify``'s affair.
    """
    if payload[:4] in ("BCD\n", "BCD\r", b"BCD\n", b"BCD\r"):
        return {"scheme": "epc", **epc.to_words(epc.decode(payload))}
    text = _text(payload)
    if text[:4] in ("SPC\n", "SPC\r"):
        return {"scheme": "swiss", **swiss.to_words(swiss.decode(text))}
    if text.startswith("SPD*"):
        return {"scheme": "spayd", **spayd.decode(text)}
    if text[:4].lower() == "upi:":
        return {"scheme": "upi", **upi.decode(text)}
    if paylink.is_link(text):
        return {"scheme": "paylink", **paylink.to_words(paylink.decode(text))}
    if "://" in text[:40]:
        return {"scheme": "opaque", **opaque.decode(text)}
    # A PAY by square text would have to be longer than any QR code to begin like EMVCo's.
    if text[:1] == "0" and text[:5] not in ("00020", "00201") and paybysquare.is_square(text):
        return {"scheme": "paybysquare", **paybysquare.to_words(paybysquare.decode(text))}
    return _decode_emv(text)


def _text(payload: str | bytes) -> str:
    try:
        return payload if isinstance(payload, str) else payload.decode()
    except UnicodeDecodeError:
        raise Refused("paycode_unreadable", place="encoding") from None


def _decode_emv(text: str) -> dict[str, object]:
    paths = emv.decode(text).paths
    profile = next((one for one in profiles.NATIONAL if one.matches(paths)), profiles.EMV)
    return {"scheme": profile.scheme, **profile.decode(paths)}
