"""A receipt in plain text, for a message to the customer, and its amount in words."""

from __future__ import annotations

from mobile.store.collection import Shown
from mobile.wording import METHODS, moment_text, word
from shared.language import _, current
from shared.money import money_text
from shared.receipt import capital_figures, english_words


def in_words(amount_minor: int, currency: str) -> str:
    """Write the amount as a receipt must: 人民币…整 in Chinese, words with hundredths in English."""
    if current() == "zh_CN":
        return ("人民币" if currency == "CNY" else f"{currency} ") + capital_figures(amount_minor, currency)
    words = english_words(amount_minor, currency)
    return words[:1].upper() + words[1:]


def plain_text(one: Shown, company: str, salesperson: str, zone: str) -> str:
    """Write the whole receipt as lines of text."""
    lines = [
        company,
        _("Receipt %(number)s", number=one.receipt_number),
        moment_text(one.taken_at_ms, zone),
        _("Received from %(name)s", name=one.customer_name),
        f"{money_text(one.amount_minor, one.currency)} · {word(METHODS, one.method)}",
        in_words(one.amount_minor, one.currency),
        *(f"{part.invoice_number}: {money_text(part.paid_minor, one.currency)}" for part in one.lines),
    ]
    if one.unapplied_minor > 0:
        lines.append(_("Unapplied: %(amount)s", amount=money_text(one.unapplied_minor, one.currency)))
    if one.local:
        lines.append(_("Balance after this payment: %(amount)s", amount=money_text(one.balance_minor, one.currency)))
    lines.append(_("Received by %(name)s", name=salesperson))
    return "\n".join(line for line in lines if line)
