"""The use cases of synchronising, under one name for those who call them."""

from __future__ import annotations

from backend.sync.device import enrol, issue_code, revoke
from backend.sync.pull import pull
from backend.sync.push import push, verdict_of

__all__ = ["enrol", "issue_code", "pull", "push", "revoke", "verdict_of"]
