"""The use cases of matching, under one name for those who call them."""

from __future__ import annotations

from backend.matching.confirm import confirm, reject
from backend.matching.review import Candidate, Review, candidates, review
from backend.matching.run import RunOutcome, run
from backend.matching.unmatch import Dependant, UnmatchOutcome, dependants, unmatch

__all__ = [
    "Candidate",
    "Dependant",
    "Review",
    "RunOutcome",
    "UnmatchOutcome",
    "candidates",
    "confirm",
    "dependants",
    "reject",
    "review",
    "run",
    "unmatch",
]
