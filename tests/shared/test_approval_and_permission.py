"""Who may do what, and four eyes."""

import pytest

from shared.approval import decide
from shared.permission import ROLE_NAMES, ROLES, may, require
from shared.refusal import Refused


def decision(**changes):
    facts = {
        "role": "supervisor",
        "decider_id": "u1",
        "recorder_id": "u2",
        "decision": "approved",
        "reason": "",
        "decided_before": False,
    }
    decide(**(facts | changes))


@pytest.mark.parametrize("facts", [{}, {"decision": "rejected", "reason": "no such visit"}])
def test_a_supervisor_decides_on_anothers_record(facts):
    assert decision(**facts) is None


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"role": "salesperson"}, "permission_missing"),
        ({"role": "cashier"}, "permission_missing"),
        ({"role": "reconciler", "decision": "rejected", "reason": "x"}, "permission_missing"),
        ({"role": "nobody"}, "permission_missing"),
        ({"recorder_id": "u1"}, "approval_own"),
        ({"decided_before": True}, "already_decided"),
        ({"decision": "rejected"}, "reason_missing"),
        ({"decision": "rejected", "reason": "  \n"}, "reason_missing"),
    ],
)
def test_other_decisions_are_refused(facts, code):
    with pytest.raises(Refused) as caught:
        decision(**facts)
    assert caught.value.code == code


def test_the_roles_are_those_of_the_design():
    assert ROLE_NAMES == ("salesperson", "supervisor", "cashier", "reconciler", "credit", "auditor", "admin")


APPROVE = {"collection.approve", "collection.reject"}
MATCH = {"matching.confirm", "matching.unmatch"}


@pytest.mark.parametrize(
    ("role", "never"),
    [
        ("cashier", APPROVE | MATCH | {"collection.record"}),
        ("salesperson", APPROVE | MATCH | {"team.view", "custody.receive", "ledger.view"}),
        ("supervisor", MATCH | {"custody.receive"}),
        ("reconciler", APPROVE | {"collection.record", "custody.receive"}),
        ("admin", APPROVE | MATCH | {"collection.record", "custody.receive"}),
    ],
)
def test_duties_are_segregated(role, never):
    assert not ROLES[role] & never


def test_an_auditor_only_looks():
    assert all(word.split(".")[1] in {"view", "export", "verify"} for word in ROLES["auditor"])


def test_an_unknown_role_may_nothing():
    assert not may("", "customer.view")
    with pytest.raises(Refused) as caught:
        require("ghost", "customer.view")
    assert caught.value.values == {"permission": "customer.view"}
