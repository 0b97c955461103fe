"""Who may do what: permission words are the audit log's words, and one table grants them to roles."""

from __future__ import annotations

from shared.refusal import Refused

_LOOK = {"customer.view", "invoice.view", "collection.view", "report.view", "incentive.view"}
_COLLECT = {"collection.record", "collection.void", "custody.hand_over", "custody.deposit", "sync.push", "sync.pull"}

ROLES: dict[str, frozenset[str]] = {
    "salesperson": frozenset(_LOOK | _COLLECT),
    "supervisor": frozenset(
        _LOOK
        | _COLLECT
        | {"collection.approve", "collection.reject", "customer.reassign", "custody.view", "team.view", "audit.view"}
    ),
    # A cashier holds money, so a cashier never approves, matches or writes off (DESIGN.md, segregation of duties).
    "cashier": frozenset(_LOOK | {"team.view", "custody.view", "custody.receive", "custody.deposit"}),
    "reconciler": frozenset(
        _LOOK
        | {"team.view", "custody.view", "customer.import", "invoice.import", "invoice.settle"}
        | {"bank.view", "bank.import", "matching.view", "matching.confirm", "matching.reject", "matching.unmatch"}
        | {"ledger.view", "ledger.export", "audit.view"}
    ),
    # Whoever imports a file does not accept its differences; a credit manager is the second person.
    "credit": frozenset(_LOOK | {"team.view", "customer.edit", "ledger.view", "invoice.settle"}),
    "auditor": frozenset(
        _LOOK
        | {"team.view", "custody.view", "bank.view", "matching.view", "ledger.view", "ledger.export"}
        | {"audit.view", "audit.verify", "device.view", "user.view"}
    ),
    "admin": frozenset(
        _LOOK
        | {"team.view", "custody.view", "user.view", "user.edit", "device.view", "device.enrol", "device.revoke"}
        | {"customer.import", "invoice.import", "customer.edit", "customer.reassign", "setting.edit"}
        | {"ledger.view", "ledger.export", "audit.view", "audit.verify", "bank.view", "matching.view"}
        | {"incentive.edit"}
    ),
}
ROLE_NAMES = tuple(ROLES)


def may(role: str, permission: str) -> bool:
    """Say whether a role holds a permission; an unknown role holds none."""
    return permission in ROLES.get(role, frozenset())


def require(role: str, permission: str) -> None:
    """Refuse ``permission_missing`` unless the role holds the permission."""
    if not may(role, permission):
        raise Refused("permission_missing", permission=permission)
