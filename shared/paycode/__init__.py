"""Payment codes that a customer's bank app or wallet can scan, chosen by the company's ``paycode`` settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from shared.paycode import emv, epc
from shared.refusal import Refused

Scheme = Callable[[Mapping[str, str], int, str, str], str]
SCHEMES: dict[str, Scheme] = {"emv": emv.from_settings, "epc": epc.from_settings}


def payment_code(settings: Mapping[str, str], amount_minor: int, currency: str, reference: str) -> str:
    """Make the text of a payment code for an exact amount, to be drawn by ``shared.paycode.image``.

    ``settings`` is the company's ``paycode`` dict: ``scheme`` ("emv", the default, or "epc"), the other keys are those
    of ``emv.Merchant.read`` or ``epc.from_settings``. ``reference`` is an ISO 11649 reference (``ident.rf_reference``).
    Refuses ``paycode_setting`` (naming the field), ``amount_not_positive``, ``amount_too_large``,
    ``currency_mismatch`` and ``reference_invalid``.
    """
    scheme = SCHEMES.get(settings.get("scheme", "emv"))
    if scheme is None:
        raise Refused("paycode_setting", field="scheme")
    return scheme(settings, amount_minor, currency, reference)
