"""What the navigation shows: pages by work, only those that the role may see."""

from __future__ import annotations

from dataclasses import dataclass

from backend.auth.actor import Actor
from shared.language import N_


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the navigation."""

    path: str
    title: str
    permission: str
    group: str = ""


PLACES = (
    Place("/console", N_("To do"), ""),
    Place("/console/approvals", N_("Approvals"), "collection.approve"),
    Place("/console/customers", N_("Customers"), "customer.view", N_("Receivables")),
    Place("/console/invoices", N_("Invoices"), "invoice.view"),
    Place("/console/collections", N_("Collections"), "collection.view"),
    Place("/console/imports", N_("Imports"), "customer.import"),
    Place("/console/differences", N_("Differences"), "invoice.settle"),
    Place("/console/money", N_("Money"), "custody.view", N_("Money and bank")),
    Place("/console/bank", N_("Bank"), "bank.view"),
    Place("/console/matching", N_("Matching"), "matching.view"),
    Place("/console/incentive", N_("Incentives"), "incentive.view", N_("Results")),
    Place("/console/controls", N_("Control totals"), "ledger.view"),
    Place("/console/audit", N_("Audit log"), "audit.view"),
    Place("/console/users", N_("Users"), "user.view", N_("Administration")),
    Place("/console/devices", N_("Phones"), "device.view"),
    Place("/console/settings", N_("Settings"), "setting.edit"),
    Place("/console/help", N_("Help"), "", N_("Questions")),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the navigation as shown: a heading above it if its group begins here."""

    path: str
    title: str
    heading: str
    here: bool


def entries(actor: Actor, path: str) -> list[Entry]:
    """Return the navigation of an actor on a page."""
    shown, group, pending = [], "", ""
    for place in PLACES:
        pending = place.group or pending
        if place.permission and not actor.may(place.permission):
            continue
        heading = pending if pending != group else ""
        group = pending
        here = path == place.path or (place.path != "/console" and path.startswith(place.path + "/"))
        shown.append(Entry(place.path, place.title, heading, here))
    return shown
