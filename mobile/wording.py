"""Words that several screens share: methods, states, dates and times, said in the language in force."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from mobile.worth import Visit
from shared.clock import from_ms
from shared.language import N_, _, current, ngettext

METHODS = {
    "cash": N_("Cash"),
    "cheque": N_("Cheque"),
    "draft": N_("Bill of exchange"),
    "transfer": N_("Bank transfer"),
    "code": N_("Payment code"),
    "card": N_("Card"),
    "other": N_("Other"),
}
STATES = {
    "unsent": N_("Waiting to be sent"),
    "sent": N_("Sent"),
    "booked": N_("Waiting for approval"),
    "approved": N_("Approved"),
    "rejected": N_("Rejected"),
    "matched": N_("Arrived at the bank"),
    "asked": N_("Void asked for"),
    "voided": N_("Voided"),
    "held": N_("Waiting for an earlier record"),
    "quarantined": N_("A person must look at it"),
    "awaiting": N_("Waiting for the receiver"),
    "posted": N_("Booked"),
    "refused": N_("Refused: count again and hand over anew"),
}
MEANINGS = {
    "unsent": N_("Saved on this phone. It is sent by itself as soon as the server can be reached."),
    "booked": N_("The office has it. It is waiting for approval."),
    "approved": N_("The office has approved it."),
    "rejected": N_("The office has rejected it. The money stays in hand; talk to your supervisor."),
    "matched": N_("The money was found on the bank statement."),
    "asked": N_("Someone else decides about the void."),
    "voided": N_("This receipt no longer counts."),
    "held": N_("An earlier record of this phone has not arrived yet. It is sent again by itself."),
    "quarantined": N_("Nothing was lost. The office decides what to do with this record."),
}
BUCKETS = {
    "current": N_("Not due"),
    "d1_30": N_("1–30 days"),
    "d31_60": N_("31–60 days"),
    "d61_90": N_("61–90 days"),
    "over_90": N_("Over 90 days"),
}
INCENTIVES = {
    "rate": N_("Share of money that arrived"),
    "on_time": N_("Bonus for payment on time"),
    "target": N_("Bonus for the month's target"),
}
RECORDS = {
    "collection.record": N_("Payment"),
    "collection.void": N_("Void"),
    "custody.hand_over": N_("Hand-over"),
    "custody.deposit": N_("Deposit"),
}
NOTICES = {  # the codes of backend/sync/rows/notice.py
    "collection_rejected": N_("Receipt %(number)s was rejected: %(reason)s"),
    "void_rejected": N_("The void of receipt %(number)s was refused: %(reason)s"),
    "allocation_changed": N_("Receipt %(number)s paid %(applied)s instead of %(intended)s; the rest is unapplied."),
}

# English only, whatever the device's locale is; Chinese dates are written in figures.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sept", "Oct", "Nov", "Dec")


def word(table: dict[str, str], key: str) -> str:
    """Say a word of one of the tables; one that a newer server sends is shown as it is."""
    return _(table[key]) if key in table else key


def local(at_ms: int, zone: str) -> datetime:
    """Return a moment in the company's zone."""
    return from_ms(at_ms).astimezone(ZoneInfo(zone))


def time_text(at_ms: int, zone: str) -> str:
    """Write the time of day."""
    return f"{local(at_ms, zone):%H:%M}"


def moment_text(at_ms: int, zone: str) -> str:
    """Write date and time as the console does: "21 Nov 2026, 10:30", in Chinese "2026-11-21 10:30"."""
    at = local(at_ms, zone)
    return f"{at:%Y-%m-%d %H:%M}" if is_chinese() else f"{day_text(at.date())}, {at:%H:%M}"


def day_text(day: date) -> str:
    """Write a date as the console does: "21 Nov 2026", "2026年11月21日"."""
    return f"{day.year}年{day.month}月{day.day}日" if is_chinese() else f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def short_moment_text(at_ms: int, zone: str) -> str:
    """Write day, month and time, for where there is little room: "21 Nov 10:30", "11-21 10:30"."""
    at = local(at_ms, zone)
    return f"{at:%m-%d %H:%M}" if is_chinese() else f"{at.day} {_MONTHS[at.month - 1]} {at:%H:%M}"


def why(visit: Visit) -> str:
    """Say why a customer is worth doing now."""
    if visit.why == "overdue":
        return ngettext("%(count)s day overdue", "%(count)s days overdue", visit.days)
    if visit.why == "due_today":
        return _("Due today")
    return ngettext("Due in %(count)s day", "Due in %(count)s days", visit.days)


def is_chinese() -> bool:
    """Say whether the phone speaks Chinese."""
    return current() == "zh_CN"


def percent(rate_bp: int) -> str:
    """Write basis points as a percentage without trailing zeros: 150 → "1.5 %"."""
    whole, rest = divmod(rate_bp, 100)
    fraction = f".{rest:02d}".rstrip("0") if rest else ""
    return f"{whole}{fraction}%"
