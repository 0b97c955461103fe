"""Every table, gathered for alembic and for tests that create a schema."""

from __future__ import annotations

from backend.approval import tables as approval
from backend.audit import tables as audit
from backend.auth import tables as auth
from backend.bank import tables as bank
from backend.collection import tables as collection
from backend.company import tables as company
from backend.custody import tables as custody
from backend.customer import tables as customer
from backend.importing import tables as importing
from backend.incentive import tables as incentive
from backend.invoice import tables as invoice
from backend.ledger import tables as ledger
from backend.matching import tables as matching
from backend.schema import Base, order_by_foreign_keys
from backend.sync import tables as sync

metadata = Base.metadata
order_by_foreign_keys()
__all__ = [
    "approval",
    "audit",
    "auth",
    "bank",
    "collection",
    "company",
    "custody",
    "customer",
    "importing",
    "incentive",
    "invoice",
    "ledger",
    "matching",
    "metadata",
    "sync",
]
