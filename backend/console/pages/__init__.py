"""One module for each kind of work; each exports its handlers as PAGES."""

from __future__ import annotations

from backend.console.pages import (
    approval,
    audit,
    bank,
    collection,
    control,
    customer,
    door,
    guide,
    imports,
    incentive,
    invoice,
    matching,
    money,
    search,
    setting,
    todo,
    user,
)

_MODULES = (
    *(door, todo, approval, customer, invoice, collection, imports, money, bank, matching, incentive, control),
    *(audit, user, setting, guide, search),
)
PAGES = [page for module in _MODULES for page in module.PAGES]
